const graced = new WeakMap<AbortSignal, AbortSignal>();

/** Time that a call gets to end well once its run was told to stop: a part of the three seconds of a stop. */
const GRACE_MS = 1000;

/**
 * The signal, a second later: for a call that must not be begun any more, but whose answer is
 * worth a moment's wait where it is under way (it made a job, and the answer holds its id).
 */
export function withGrace(signal: AbortSignal): AbortSignal {
  let late = graced.get(signal);
  if (!late) {
    const controller = new AbortController();
    const end = (): void => void setTimeout(() => controller.abort(signal.reason), GRACE_MS).unref();
    if (signal.aborted) controller.abort(signal.reason);
    else signal.addEventListener('abort', end, { once: true });
    late = controller.signal;
    graced.set(signal, late);
  }
  return late;
}
