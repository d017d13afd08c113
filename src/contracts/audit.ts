import type { Ctx } from './ctx.js';
import type { SliceKey } from './slice.js';
import type { Stage } from './stage.js';
import type { Table } from './table.js';

/** A slice that a ledger names, and what its artifacts say it holds. */
export interface AuditSlice extends SliceKey {
  readonly schema: string;
  readonly currentState: boolean;
  /** Of every artifact that this sink's ledger names for the slice, typed anew, one a table. */
  readonly stages: readonly Stage[];
}

/** A dataset whose books are looked through. */
export interface AuditDataset {
  readonly schema: string;
  readonly dataset: string;
  /** The first is the one whose rows the ledger counts. */
  readonly tables: readonly Table[];
  readonly currentState: boolean;
}

/**
 * What two sides disagree about.
 * - `rows`, `rejects`: how many there are;
 * - `sum`: of a metric; `values`: of any other column; `keys`, `cells`: all values are there, but
 *   not in the same rows; `column`: the table lacks one that has values;
 * - `unlisted`: rows or rejects of a slice that the ledger does not name;
 * - `not_held`: it was committed once, or elsewhere, and the ledger does not name it;
 * - `artifact`: the file in the landing folder is not what was committed;
 * - `file`: a file of the lake that does not belong there, is damaged, or is gone.
 */
export type Difference =
  | 'rows'
  | 'rejects'
  | 'sum'
  | 'values'
  | 'keys'
  | 'cells'
  | 'column'
  | 'unlisted'
  | 'not_held'
  | 'artifact'
  | 'file';

/** One difference that a sink found between what it holds and what it should. */
export interface AuditFinding {
  readonly schema: string;
  readonly dataset: string;
  /** Null, like `slice`, where no slice can be named: a stray file. */
  readonly scope: string | null;
  readonly slice: string | null;
  readonly what: Difference;
  /** The table, and the column where it is about one. */
  readonly table: string | null;
  readonly column: string | null;
  /** What should be, and what is: numbers as text, or words. */
  readonly expected: string;
  readonly found: string;
}

/** Reads back what a sink holds and holds it against its books and against artifacts. Changes nothing. */
export interface Audit {
  /**
   * The ledger against the rows: counts, rows without a ledger row, slices committed once that the
   * ledger lost, files that do not belong.
   * @throws MillpondError `E_LOCKED`, `E_INTERRUPTED`, `E_WAREHOUSE_CORRUPT`.
   */
  books(datasets: readonly AuditDataset[], ctx: Ctx): Promise<AuditFinding[]>;
  /**
   * Rows and rejects of slices against what their artifacts say: counts, sums of metrics, an
   * order-independent checksum of keys and of whole rows. A handful of queries however many slices.
   * @throws MillpondError like {@link books}.
   */
  contents(slices: readonly AuditSlice[], ctx: Ctx): Promise<AuditFinding[]>;
}
