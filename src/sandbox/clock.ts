/**
 * Sandbox time. The calendar (which day is it, how old are data) follows `Date` plus what was
 * advanced; durations (has a link expired) follow the monotonic clock plus the same, so that
 * they pass even where a test has frozen `Date`.
 */
export class Clock {
  readonly #calendar: () => Date;
  #advanced = 0;

  constructor(calendar: () => Date = () => new Date()) {
    this.#calendar = calendar;
  }

  /** The calendar's instant. */
  now(): Date {
    return new Date(this.#calendar().getTime() + this.#advanced);
  }

  /** Milliseconds of a clock that never goes back, for deadlines. */
  elapsed(): number {
    return performance.now() + this.#advanced;
  }

  /** @throws RangeError where time would go backwards. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`Sandbox time only moves on, not by ${ms} ms`);
    this.#advanced += ms;
  }
}
