/** Draws the ribbon: a band for each ten minutes, as wide as they were busy, in its authors' colours. */
import { readableColor, type Scheme } from "../chat/readable-color";
import type { Slot } from "./slots";

/** A band with any message is at least this wide. */
const BAND_MIN_PX = 3;

/** The gap between two bands: enough to see them apart, little enough that they form one ribbon. */
const GAP_PX = 1;

export interface Look {
  scheme: Scheme;
  /** The reader's system chooses all colours. */
  isForced: boolean;
  /** CSS colour of messages that the page doesn't hold. */
  neutral: string;
}

export function draw(canvas: HTMLCanvasElement, slots: readonly (Slot | null)[], look: Look): void {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  pen.scale(scale, scale);

  const most = Math.max(...slots.map((slot) => slot?.total ?? 0));
  const step = height / slots.length;
  slots.forEach((slot, index) => {
    const top = index * step;
    if (!slot) {
      pen.fillStyle = look.neutral;
      pen.fillRect(width / 2 - 0.5, top, 1, step);
      return;
    }
    // The root keeps quiet hours visible beside busy ones.
    const band = Math.max(BAND_MIN_PX, width * Math.sqrt(slot.total / most));
    let left = (width - band) / 2;
    const fill = (count: number, color: string) => {
      const wide = (band * count) / slot.total;
      pen.fillStyle = color;
      pen.fillRect(left, top + GAP_PX / 2, wide, Math.max(1, step - GAP_PX));
      left += wide;
    };
    const rest = slot.parts.reduce((left, { count }) => left - count, slot.total);
    fill(rest / 2, look.neutral);
    for (const { color, count } of slot.parts) fill(count, colorOf(color, look));
    fill(rest / 2, look.neutral);
  });
}

function colorOf(color: string, { scheme, isForced }: Look): string {
  return isForced ? "CanvasText" : readableColor(color)[scheme];
}
