import { setTimeout as sleep } from 'node:timers/promises';
import { asMillpondError, MillpondError } from './errors.js';

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly tries: number;
  /** Wait before the second try; doubles from there. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/** What outside calls use unless they say otherwise: about a minute of patience. */
export const DEFAULT_RETRY: RetryPolicy = { tries: 6, firstMs: 1000, maxMs: 30_000 };

/** The wait before try `n + 1`: exponential, with full jitter above half, never less than the source asked for. */
export function backoffMs(policy: RetryPolicy, n: number, retryAfterMs = 0): number {
  const ceiling = Math.min(policy.maxMs, policy.firstMs * 2 ** (n - 1));
  return Math.max(retryAfterMs, ceiling * (0.5 + Math.random() / 2));
}

/**
 * Calls until it succeeds, the error is not `transient`, or the tries are used up. The policy
 * reads the error's class only.
 * @throws MillpondError the last error; `E_INTERRUPTED` when aborted.
 */
export async function retry<T>(
  call: (attempt: number) => Promise<T>,
  options: {
    readonly signal: AbortSignal;
    readonly policy?: RetryPolicy;
    readonly onRetry?: (error: MillpondError, waitMs: number, attempt: number) => void;
  },
): Promise<T> {
  const policy = options.policy ?? DEFAULT_RETRY;
  for (let attempt = 1; ; attempt++) {
    throwIfAborted(options.signal);
    try {
      return await call(attempt);
    } catch (thrown) {
      throwIfAborted(options.signal);
      const error = asMillpondError(thrown);
      if (error.class !== 'transient' || attempt >= policy.tries) throw error;
      const waitMs = backoffMs(policy, attempt, error.retryAfterMs);
      options.onRetry?.(error, waitMs, attempt);
      await pause(waitMs, options.signal);
    }
  }
}

/** Waits, unless aborted. @throws MillpondError `E_INTERRUPTED`. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    throwIfAborted(signal);
    throw error;
  }
}

/** @throws MillpondError `E_INTERRUPTED`, or the MillpondError the signal was aborted with. */
export function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw signal.reason instanceof MillpondError ? signal.reason : new MillpondError('E_INTERRUPTED', 'Interrupted');
}

/** Waits for a promise that others share, unless this caller is aborted. @throws MillpondError `E_INTERRUPTED`. */
export async function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      try {
        throwIfAborted(signal);
      } catch (error) {
        reject(error);
      }
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([shared, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}
