import { setMaxListeners } from 'node:events';
import { MillpondError } from '../base/errors.js';

/** A stop must be over within three seconds; what hangs is left to its fate, for it resumes. */
const PATIENCE_MS = 2700;

/** Aborts on the first SIGINT or SIGTERM. */
export interface Stop {
  readonly signal: AbortSignal;
  dispose(): void;
}

/**
 * Listens for SIGINT and SIGTERM: the first aborts the signal, the second, or a stop that takes
 * too long, ends the process with 130.
 * @param lastWords called before such a hard end; must write synchronously.
 */
export function listenForStop(lastWords: () => void): Stop {
  const controller = new AbortController();
  // Hundreds of jobs may wait for this one signal.
  setMaxListeners(0, controller.signal);
  const end = (): never => {
    lastWords();
    process.exit(130);
  };
  const stop = (): void => {
    if (controller.signal.aborted) end();
    controller.abort(new MillpondError('E_INTERRUPTED', 'Interrupted'));
    setTimeout(end, PATIENCE_MS).unref();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    dispose() {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}
