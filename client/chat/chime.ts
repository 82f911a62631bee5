/** Two soft tones, synthesized so that there is nothing to fetch. */
const TONES_HZ = [660, 880];
const TONE_S = 0.12;
const VOLUME = 0.08;

let context: AudioContext | undefined;

export function chime(): void {
  context ??= new AudioContext();
  const { currentTime, destination } = context;
  TONES_HZ.forEach((frequency, index) => {
    const oscillator = new OscillatorNode(context as AudioContext, { frequency });
    const gain = new GainNode(context as AudioContext, { gain: VOLUME });
    const start = currentTime + index * TONE_S;
    gain.gain.setTargetAtTime(0, start + TONE_S / 2, TONE_S / 3);
    oscillator.connect(gain).connect(destination);
    oscillator.start(start);
    oscillator.stop(start + 4 * TONE_S);
  });
}
