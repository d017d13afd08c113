import type { Part } from './parts.js';
import type { TypedColumn } from './typed-columns.js';

/** A part as it was made. */
export interface StagedPart {
  readonly part: Part;
  /** The unknown columns that stand in it after the table's own. */
  readonly unknown: readonly TypedColumn[];
}

/** Rows and rejects of one slice. */
export interface SliceCount {
  readonly scope: string;
  readonly slice: string;
  readonly rows: number;
  readonly rejects: number;
}

/** What became of the records of a file (or several in a row) for one table of one artifact. */
export interface Outcome {
  /** A claim on each is the receiver's. */
  readonly parts: readonly StagedPart[];
  readonly read: number;
  readonly slices: readonly SliceCount[];
  /** Columns for which a typed row had a value. */
  readonly seen: ReadonlySet<string>;
}

export const NOTHING: Outcome = { parts: [], read: 0, slices: [], seen: new Set() };

/** Two outcomes as one. */
export function joined(a: Outcome, b: Outcome): Outcome {
  return {
    parts: [...a.parts, ...b.parts],
    read: a.read + b.read,
    slices: [...a.slices, ...b.slices],
    seen: new Set([...a.seen, ...b.seen]),
  };
}
