import readline from 'node:readline';
import { redact } from '../../base/secrets.js';
import type { Log } from '../../contracts/index.js';
import type { RunEvent } from '../../pipelines/events.js';
import type { Output } from '../output.js';
import { eventLine, Progress } from './progress.js';
import { cutTo } from './table.js';

/** Shows a run while it works. */
export interface RunView {
  onEvent(event: RunEvent): void;
  /** A log that does not write into the progress line. */
  log(log: Log): Log;
  /** Takes the progress line away. */
  end(): void;
}

const REPAINT_MS = 100;
const PLAIN_LINE_MS = 10_000;

/** Every event as one JSON line on stdout. */
export function jsonView(output: Output): RunView {
  return { onEvent: (event) => output.printJson(event), log: (log) => log, end() {} };
}

/** Plain lines on stderr: what matters at once, and where the run stands every ten seconds. */
export function plainView(output: Output): RunView {
  const progress = new Progress();
  const started = performance.now();
  let next = started + PLAIN_LINE_MS;
  return {
    onEvent(event) {
      progress.add(event);
      const line = eventLine(event);
      if (line !== undefined) output.note(line);
      if (performance.now() < next) return;
      next = performance.now() + PLAIN_LINE_MS;
      output.note(progress.line(performance.now() - started));
    },
    log: (log) => log,
    end() {},
  };
}

/** One line on the terminal behind stderr, rewritten in place; what matters scrolls by above it. */
export function terminalView(output: Output): RunView {
  const progress = new Progress();
  const started = performance.now();
  let painted = false;
  const clear = (): void => {
    if (!painted) return;
    readline.cursorTo(process.stderr, 0);
    readline.clearLine(process.stderr, 0);
    painted = false;
  };
  const paint = (): void => {
    const line = progress.line(performance.now() - started);
    if (line === '') return;
    readline.cursorTo(process.stderr, 0);
    process.stderr.write(cutTo(redact(line), (process.stderr.columns ?? 80) - 1));
    readline.clearLine(process.stderr, 1);
    painted = true;
  };
  const timer = setInterval(paint, REPAINT_MS);
  timer.unref();
  const aside =
    (write: Log['info']): Log['info'] =>
    (message, fields) => {
      clear();
      write(message, fields);
    };
  return {
    onEvent(event) {
      progress.add(event);
      const line = eventLine(event);
      if (line === undefined) return;
      clear();
      output.note(line);
    },
    log: (log) => ({
      debug: aside(log.debug.bind(log)),
      info: aside(log.info.bind(log)),
      warn: aside(log.warn.bind(log)),
      error: aside(log.error.bind(log)),
    }),
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

/** The view that fits where the output goes. */
export function chooseView(output: Output, quiet: boolean): RunView {
  if (output.json) return jsonView(output);
  return process.stderr.isTTY && !quiet ? terminalView(output) : plainView(output);
}
