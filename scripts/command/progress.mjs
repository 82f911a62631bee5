// @ts-check

const WIDTH = 30;
/** Without a terminal, prints one line per tenth. */
const STEPS = 10;

/**
 * A progress bar on standard error, so that standard output has only the result.
 * @param {number} total 0 if unknown: no bar, and nothing without a terminal
 */
export function progress(total) {
  let told = -1;
  /**
   * @param {number} done
   * @param {string} words
   */
  const show = (done, words) => {
    const share = total > 0 ? Math.min(1, done / total) : -1;
    const line = total > 0 ? `${bar(share)} ${done}/${total}  ${words}` : `${done}  ${words}`;
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${line}`);
    else if (Math.floor(share * STEPS) > told) {
      told = Math.floor(share * STEPS);
      process.stderr.write(`${line}\n`);
    }
  };
  show.end = () => {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[2K");
  };
  return show;
}

/** @param {number} share */
function bar(share) {
  const full = Math.round(share * WIDTH);
  return "█".repeat(full) + "░".repeat(WIDTH - full);
}
