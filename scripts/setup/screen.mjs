// What set-up shows: one line a step with what it does, how far it is and what it took. Writes to stderr only, so that the standard
// output of the program started afterwards stays its own.

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/** @param {string} text */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** @param {number} ms */
export function formatMs(ms) {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;
}

/**
 * Begins a step. On a terminal its line is redrawn in place; elsewhere one plain line is written when it begins and one when it ends.
 *
 * @param {string} title
 * @param {() => string} [progress] asked for the present state while the step runs
 */
export function beginStep(title, progress = () => "") {
  const started = performance.now();
  const live = process.stderr.isTTY === true;
  let frame = 0;
  const draw = () => {
    const state = progress();
    const line = `${frames[frame++ % frames.length]} ${title}  ${state}${state === "" ? "" : "  "}${formatMs(performance.now() - started)}`;
    process.stderr.write(`\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 100) - 1)}`);
  };
  if (!live) say(`  ${title} ...`);
  const timer = live ? setInterval(draw, 120) : undefined;
  /** @param {string} sign @param {string} text */
  const end = (sign, text) => {
    clearInterval(timer);
    if (live) process.stderr.write("\r\u001b[2K");
    say(`${sign} ${title}: ${text} (${formatMs(performance.now() - started)})`);
  };
  return {
    /** @param {string} text */
    done: (text) => end("✓", text),
    /** @param {string} text */
    fail: (text) => end("✗", text),
  };
}
