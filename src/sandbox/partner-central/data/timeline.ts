import type { PartnerWorld } from './world.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** How much an opportunity has changed: what its content is made from. */
export interface Stand {
  /** Changes of fields that the template of partners covers. */
  readonly covered: number;
  /** Changes of fields that no template covers. */
  readonly other: number;
  /** Changes on AWS's side. */
  readonly aws: number;
}

type Kind = keyof Stand;

/** What follows what, once the sandbox has started. */
const TURNS: readonly Kind[] = ['covered', 'aws', 'covered', 'other', 'aws'];

/** One change after the start. */
export interface Change {
  readonly at: number;
  readonly kind: Kind;
  readonly stand: Stand;
}

/**
 * When opportunities change. History fills the days before the start. From then on each changes
 * once a day of sandbox time, and never in the first five hours after a whole number of days: what
 * a test or a demo sees moves when time is advanced, not while it looks.
 */
export class Timeline {
  readonly #world: PartnerWorld;
  readonly #start: number;
  /** The first and the last moment of history. */
  readonly #first: number;
  readonly #span: number;

  constructor(world: PartnerWorld, start: Date, days: number) {
    this.#world = world;
    this.#start = start.getTime();
    // The same all day, so that a sandbox that is started again has the same past.
    const midnight = Math.floor(this.#start / DAY) * DAY;
    this.#first = midnight - days * DAY;
    this.#span = midnight - 3 * HOUR - this.#first;
  }

  /** When an opportunity was created: before everything else. */
  created(opportunity: number): number {
    return (
      Math.floor((this.#first - (1 + (this.#world.hash('created', opportunity) % (10 * 24))) * HOUR) / 1000) * 1000
    );
  }

  /** How it stood when the sandbox started. */
  standAtStart(): Stand {
    const last = Math.max(0, this.#world.mostRevisions - 1);
    return { covered: last, other: 1, aws: last };
  }

  /** When its n-th covered change, or AWS's, came, for n up to that of the start. */
  past(opportunity: number, kind: 'covered' | 'aws', n: number): number {
    const jitter = (this.#world.hash('past', kind, opportunity, n) % 900) / 1000;
    return Math.floor(this.#first + (this.#span * (n + jitter)) / (this.standAtStart()[kind] + 1));
  }

  /** When AWS moved a fifth of all opportunities at once: the very same instant for all of them. */
  get migration(): number {
    return this.#first + this.#span + HOUR;
  }

  /** When its uncovered change of the past came. */
  pastOther(opportunity: number): number {
    return opportunity % 5 === 0 ? this.migration : this.created(opportunity) + 30_123;
  }

  /** How many changes came after the start, up to a moment. */
  changes(opportunity: number, at: number): number {
    const guess = Math.floor((at - this.#start) / DAY) + 1;
    for (let n = Math.max(0, guess); n > 0; n--) if (this.#when(opportunity, n) <= at) return n;
    return 0;
  }

  /** The n-th change after the start, from 1. */
  change(opportunity: number, n: number): Change {
    return { at: this.#when(opportunity, n), kind: this.#kind(opportunity, n), stand: this.stand(opportunity, n) };
  }

  /** How it stands after n changes since the start. */
  stand(opportunity: number, n: number): Stand {
    const { covered, other, aws } = this.standAtStart();
    const count = (kind: Kind) => {
      let found = Math.floor(n / TURNS.length) * TURNS.filter((turn) => turn === kind).length;
      for (let k = n - (n % TURNS.length) + 1; k <= n; k++) if (this.#kind(opportunity, k) === kind) found++;
      return found;
    };
    return { covered: covered + count('covered'), other: other + count('other'), aws: aws + count('aws') };
  }

  #kind(opportunity: number, n: number): Kind {
    return TURNS[(opportunity + n) % TURNS.length] as Kind;
  }

  #when(opportunity: number, n: number): number {
    const hash = this.#world.hash('change', opportunity, n);
    return this.#start + (n - 1) * DAY + (1 + (hash % 4)) * 6 * HOUR - (hash % 3_600_000);
  }
}
