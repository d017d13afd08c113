import { formatSliceKey, type LedgerSlice, type Outcome, type SliceKey } from '../contracts/index.js';

/** What one sink held at the start of a run and could not have, by schema. */
export class SinkHoldings {
  readonly #id: string;
  readonly #bySchema = new Map<string, SinkState>();

  constructor(id: string, slices: readonly LedgerSlice[], outcomes: readonly Outcome[]) {
    this.#id = id;
    for (const schema of new Set([...slices, ...outcomes].map((row) => row.schema))) {
      const own = (row: { readonly schema: string }) => row.schema === schema;
      this.#bySchema.set(schema, new SinkState(id, slices.filter(own), outcomes.filter(own)));
    }
  }

  /** What a connection that fills this schema finds. */
  of(schema: string): SinkState {
    const state = this.#bySchema.get(schema) ?? new SinkState(this.#id, [], []);
    this.#bySchema.set(schema, state);
    return state;
  }

  /** Every slice that was held at the start. */
  get slices(): LedgerSlice[] {
    return [...this.#bySchema.values()].flatMap((state) => [...state.slices]);
  }

  /** Rows of all slices, those committed since included. */
  get rows(): number {
    return [...this.#bySchema.values()].reduce((sum, state) => sum + state.rows, 0);
  }
}

/** What one sink held in one schema at the start of a run and could not have, indexed for planning. */
export class SinkState {
  readonly id: string;
  readonly #held = new Map<string, LedgerSlice>();
  readonly #current = new Map<string, LedgerSlice>();
  readonly #rows = new Map<string, number>();
  readonly #outcomes = new Map<string, Outcome>();
  readonly #notOffered = new Map<string, Outcome>();

  constructor(id: string, slices: Iterable<LedgerSlice>, outcomes: Iterable<Outcome>) {
    this.id = id;
    for (const slice of slices) {
      this.#held.set(formatSliceKey(slice), slice);
      this.#current.set(`${slice.dataset}\0${slice.scope}`, slice);
      this.#rows.set(formatSliceKey(slice), slice.rows);
    }
    for (const outcome of outcomes) {
      this.#outcomes.set(formatSliceKey(outcome), outcome);
      if (outcome.reason === 'not_offered')
        this.#notOffered.set(ruleKey(outcome, outcome.slice.split('/')[1]), outcome);
    }
  }

  /** A slice was committed: of current state, in place of whatever the scope had. */
  committed(key: SliceKey, rows: number, currentState: boolean): void {
    const before = this.held(key, currentState);
    if (before) this.#rows.delete(formatSliceKey(before));
    this.#rows.set(formatSliceKey(key), rows);
  }

  /** Rows of all slices, those committed since included. */
  get rows(): number {
    return [...this.#rows.values()].reduce((sum, rows) => sum + rows, 0);
  }

  get slices(): Iterable<LedgerSlice> {
    return this.#held.values();
  }

  /** The slice, or of current state whatever day's is held for the scope. */
  held(key: SliceKey, currentState: boolean): LedgerSlice | undefined {
    return currentState ? this.#current.get(`${key.dataset}\0${key.scope}`) : this.#held.get(formatSliceKey(key));
  }

  get outcomes(): Iterable<Outcome> {
    return this.#outcomes.values();
  }

  outcome(key: SliceKey): Outcome | undefined {
    return this.#outcomes.get(formatSliceKey(key));
  }

  /** A rule that the source told at an earlier request: it holds for every day of that scope and part. */
  notOffered(key: SliceKey, part: string | undefined): Outcome | undefined {
    return this.#notOffered.get(ruleKey(key, part));
  }
}

function ruleKey(key: SliceKey, part: string | undefined): string {
  return `${key.dataset}\0${key.scope}\0${part ?? ''}`;
}
