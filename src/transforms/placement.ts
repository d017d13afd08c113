import { type Ask, dayOfSlice, type SliceKey, type Table } from '../contracts/index.js';

/**
 * Which slice of an ask a row belongs to. A table may name the member that holds a row's scope
 * (`scopeOf`) and the column whose value is its slice (`sliceOf`); else the ask has only one.
 */
export class Placement {
  /** Lookup texts and the slices they mean, side by side. */
  readonly texts: readonly string[];
  readonly keys: readonly SliceKey[];
  readonly #byText: ReadonlyMap<string, SliceKey>;
  readonly #scopes: ReadonlySet<string>;

  constructor(
    readonly table: Table,
    readonly ask: Pick<Ask, 'slices'>,
  ) {
    const byText = new Map<string, SliceKey>();
    for (const key of ask.slices) {
      for (const slice of table.sliceOf === undefined ? [''] : [key.slice, dayOfSlice(key.slice) ?? key.slice]) {
        const text = placeText(table.scopeOf === undefined ? '' : key.scope, slice);
        if (!byText.has(text)) byText.set(text, key);
      }
    }
    this.#byText = byText;
    this.texts = [...byText.keys()];
    this.keys = [...byText.values()];
    this.#scopes = new Set(ask.slices.map((key) => key.scope));
  }

  /** Whether rows name their place at all; otherwise all belong to {@link fallback}. */
  get isNamed(): boolean {
    return this.table.scopeOf !== undefined || this.table.sliceOf !== undefined;
  }

  /** Where rejects go that name no slice. */
  get fallback(): SliceKey {
    return this.ask.slices[0]!;
  }

  hasScope(scope: string): boolean {
    return this.#scopes.has(scope);
  }

  /** The slice of a row that names this scope and slice (each '' where the table has no such member). */
  find(scope: string, slice: string): SliceKey | undefined {
    return this.#byText.get(placeText(scope, slice));
  }
}

/** Scope and slice in one text, to look them up together; no scope holds a line break. */
export function placeText(scope: string, slice: string): string {
  return scope === '' ? slice : `${scope}\n${slice}`;
}
