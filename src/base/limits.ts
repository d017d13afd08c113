import PQueue from 'p-queue';

/**
 * A limiter for one region × endpoint: a fixed pace and a bound on calls under way. The source
 * publishes no numbers, so the pace is modest and a 429 pauses the whole lane.
 */
export class Lane {
  readonly #queue: PQueue;
  #pausedUntil = 0;
  #resume: NodeJS.Timeout | undefined;

  constructor(options: { readonly perSecond: number; readonly concurrency: number }) {
    this.#queue = new PQueue({
      concurrency: options.concurrency,
      interval: 1000 / options.perSecond,
      intervalCap: 1,
    });
  }

  /**
   * Runs the call when its turn comes. The signal takes it out of the queue; a call that has begun
   * is left to mind the signal itself.
   * @throws whatever it throws, or the signal's reason.
   */
  run<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    // Whoever waits for the end of a pause keeps the process alive; the pause by itself does not.
    this.#resume?.ref();
    const waiting = new AbortController();
    const leave = (): void => waiting.abort(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    const begin = (): Promise<T> => {
      signal.removeEventListener('abort', leave);
      return call();
    };
    return this.#queue.add(begin, { signal: waiting.signal }) as Promise<T>;
  }

  /** Nobody starts for this long: the source said it is too much. */
  pause(ms: number): void {
    const until = performance.now() + ms;
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#queue.pause();
    clearTimeout(this.#resume);
    this.#resume = setTimeout(() => this.#queue.start(), ms);
    if (this.#queue.size === 0) this.#resume.unref();
  }
}

/** Lanes by name, made at first use. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>();
  readonly #options: { readonly perSecond: number; readonly concurrency: number };

  constructor(options: { readonly perSecond: number; readonly concurrency: number }) {
    this.#options = options;
  }

  lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (!lane) {
      lane = new Lane(this.#options);
      this.#lanes.set(name, lane);
    }
    return lane;
  }
}
