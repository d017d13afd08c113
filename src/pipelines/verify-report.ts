import { worstExit } from '../base/errors.js';
import type { AuditFinding } from '../contracts/index.js';
import type { RunError, RunResult } from './events.js';

/** Something that is not as it should be. */
export interface VerifyDifference extends AuditFinding {
  readonly pipeline: string;
  /** Null: the landing folder. */
  readonly sink: string | null;
  /** Whether `--repair` mended it; null where it was not tried. */
  readonly mended: boolean | null;
}

/** What a verification came to. */
export interface VerifyReport {
  /** Slices that ledgers name, once for each sink. */
  readonly slices: number;
  /** Those that were held against their artifacts … */
  readonly verified: number;
  /** … and those of which an artifact is past its keeping: only their counts were looked at. */
  readonly no_artifact: number;
  readonly differences: readonly VerifyDifference[];
  /** How many of them `--repair` mended. */
  readonly mended: number;
  /** What `--repair` ran into. */
  readonly errors: readonly RunError[];
}

/** What was found of one pipeline, or of several. */
export type Found = Pick<VerifyReport, 'slices' | 'verified' | 'no_artifact' | 'differences'>;

/** The same difference, told once: the books and the contents can both see it. */
export function distinct(differences: readonly VerifyDifference[]): VerifyDifference[] {
  const seen = new Map(differences.map((one) => [JSON.stringify([placeOf(one), one.expected, one.found]), one]));
  return [...seen.values()].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

/**
 * What was found first, with what is left of it after a repair.
 * @param repair how the replay ended.
 */
export function afterRepair(found: Found, left: Found, repair: RunResult | undefined): VerifyReport & { exit: number } {
  const still = new Set(left.differences.map(placeOf));
  const before = new Set(found.differences.map(placeOf));
  const judged = found.differences.map((one) => ({ ...one, mended: !still.has(placeOf(one)) }));
  const fresh = left.differences.filter((one) => !before.has(placeOf(one))).map((one) => ({ ...one, mended: false }));
  const differences = [...judged, ...fresh];
  const mended = differences.filter((one) => one.mended).length;
  const exits = [mended < differences.length ? 1 : 0, ...(repair ? [repair.exit] : [])];
  return { ...found, differences, mended, errors: repair?.summary.errors ?? [], exit: worstExit(exits) };
}

/** Where a difference is, whatever it amounts to. */
function placeOf({ sink, schema, dataset, scope, slice, what, table, column }: VerifyDifference): string {
  return JSON.stringify([sink, schema, dataset, scope, slice, what, table, column]);
}

function orderOf({ sink, schema, dataset, scope, slice, table, what, column }: VerifyDifference): string {
  return [schema, dataset, scope ?? '', slice ?? '', sink ?? '', table ?? '', what, column ?? ''].join('\0');
}
