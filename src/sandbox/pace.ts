/** Counts calls by the second: more than so many are too many. */
export class Pace {
  readonly #perSecond: number;
  #second = -1;
  #calls = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Notes a call at a moment (milliseconds). @returns whether it is one too many. */
  exceeded(elapsedMs: number): boolean {
    const second = Math.floor(elapsedMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#calls = 0;
    }
    return ++this.#calls > this.#perSecond;
  }
}
