import { type Cell, jsonText } from './cells.js';

/** Why a cell cannot be typed. A judge returns it in place of a value. */
export class Misfit {
  constructor(
    /** The cell that does not fit, which may lie deep in the column's. */
    readonly cell: Cell,
    /** What is wrong with it, as the end of a sentence: `is no whole number`. */
    readonly why: string,
    /** Where in the column it lies: `.amount`, `[2].key`, or nothing. */
    readonly path = '',
  ) {}

  /** The same, seen from one level further out. */
  under(step: string): Misfit {
    return new Misfit(this.cell, this.why, step + this.path);
  }
}

const LONGEST = 80;

/** A cell as people are shown it: JSON, cut where it is long. */
export function spelled(cell: Cell): string {
  const text = jsonText(cell);
  return text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/\p{Surrogate}/gu, '')}…` : text;
}

/** `cost: 1.1234567 has more than 6 decimal places` */
export function cellReason(source: string, misfit: Misfit): string {
  return `${source}${misfit.path}: ${spelled(misfit.cell)} ${misfit.why}`;
}

/** What is wrong with a record as a whole. */
export const recordReasons = {
  notObject: (cell: Cell) => `record: ${spelled(cell)} is no object`,
  empty: () => 'record: {} holds nothing',
  duplicate: (key: string) => `duplicate key ${key}`,
  missing: (source: string) => `${source}: missing`,
  noJson: (why: string) => `record: no valid JSON (${why})`,
  noUnicode: () => 'record: bytes are not valid UTF-8',
  noSlice: (source: string, value: string) => `${source}: ${value} is none of the slices asked for`,
  noScope: (source: string, value: string) => `${source}: ${value} is none of the scopes asked for`,
} as const;
