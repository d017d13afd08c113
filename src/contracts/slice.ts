/** The unit that is planned, replaced and committed: dataset × scope × interval. */
export interface SliceKey {
  readonly dataset: string;
  /** Whose data: an advertiser profile's id in digits, or a catalog. */
  readonly scope: string;
  /** `2026-10-01`, `2026-10-01/T00020`, an id, or `all`. */
  readonly slice: string;
}

/** Whose data there is to fetch, as the source lists it. */
export interface Scope {
  /** Digits, or a catalog. */
  readonly id: string;
  /** IANA zone in which this scope's days begin and end. */
  readonly timezone: string;
  /** For people: name, country … one line. */
  readonly label: string;
  /** What rules and queries need: `currency`, `country`, `type`, `subType`. */
  readonly facts: Readonly<Record<string, string | null>>;
}

/** A slice key in one string, as on the command line: `DATASET:SCOPE:SLICE`. */
export function formatSliceKey(key: SliceKey): string {
  return `${key.dataset}:${key.scope}:${key.slice}`;
}

/**
 * Reads what {@link formatSliceKey} writes; a slice may itself hold `:`.
 * @returns `undefined` where the text has fewer than three parts.
 */
export function parseSliceKey(text: string): SliceKey | undefined {
  const match = /^([^:]+):([^:]+):(.+)$/s.exec(text);
  if (!match) return undefined;
  const [, dataset, scope, slice] = match as unknown as [string, string, string, string];
  return { dataset, scope, slice };
}

/** The day a slice speaks of, `2026-10-01` of `2026-10-01/T00020`; undefined where it is no day. */
export function dayOfSlice(slice: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}(?=$|\/)/.exec(slice)?.[0];
}
