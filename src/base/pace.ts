import pLimit, { type LimitFunction } from 'p-limit';
import { pause, throwIfAborted } from './retry.js';

/** What is left of the pace after a "too often". */
const SLOWER = 0.7;
/** Of a crowd of calls refused together one counts. */
const ONE_CROWD_MS = 1000;
/** The share by which the pace rises within a second, up to the one asked for. */
const FASTER_PER_SECOND = 0.1;
/** However often it is refused, it does not become slower than this share of the pace asked for. */
const SLOWEST = 0.02;

/**
 * A limiter for calls that share a quota: an even pace, a bound on calls under way. Turns are given
 * by the clock, not by timers, so that the pace holds at hundreds of calls a second as well. Where
 * the source says that it is too much (others may use the quota too), the pace falls, and rises again.
 */
export class Pace {
  readonly #asked: number;
  readonly #atOnce: LimitFunction;
  #perSecond: number;
  /** When the next turn is, by the monotonic clock. */
  #next = 0;
  #changed = 0;

  constructor(options: { readonly perSecond: number; readonly concurrency: number }) {
    this.#asked = options.perSecond;
    this.#perSecond = options.perSecond;
    this.#atOnce = pLimit(options.concurrency);
  }

  /**
   * Runs the call when its turn comes.
   * @throws whatever it throws; `E_INTERRUPTED` where the signal ends the wait.
   */
  run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#atOnce(async () => {
      throwIfAborted(signal);
      const now = performance.now();
      this.#recover(now);
      const turn = Math.max(now, this.#next);
      this.#next = turn + 1000 / this.#perSecond;
      if (turn > now) await pause(turn - now, signal);
      return call();
    });
  }

  /**
   * The source said that it is too much.
   * @param ms how long it asks everybody to wait, where it says.
   */
  slower(ms = 0): void {
    const now = performance.now();
    this.#next = Math.max(this.#next, now + ms);
    if (now - this.#changed < ONE_CROWD_MS) return;
    this.#recover(now);
    this.#changed = now;
    this.#perSecond = Math.max(this.#asked * SLOWEST, this.#perSecond * SLOWER);
  }

  #recover(now: number): void {
    if (this.#perSecond === this.#asked) return;
    const seconds = Math.max(0, now - this.#changed - ONE_CROWD_MS) / 1000;
    if (seconds === 0) return;
    this.#perSecond = Math.min(this.#asked, this.#perSecond * (1 + FASTER_PER_SECOND) ** seconds);
    this.#changed = now - ONE_CROWD_MS;
  }
}
