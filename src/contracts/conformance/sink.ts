import type { Database } from '../../base/duckdb/database.js';
import type { Sink } from '../index.js';
import { auditChecks } from './sink-checks-audit.js';
import { catalogueChecks } from './sink-checks-catalogue.js';
import { dataChecks } from './sink-checks-data.js';
import { failureChecks } from './sink-checks-failure.js';
import { growthChecks } from './sink-checks-growth.js';
import { ledgerChecks } from './sink-checks-ledger.js';
import { tableChecks } from './sink-checks-tables.js';

/**
 * What every sink must do, as named checks that need no test framework:
 *
 * ```ts
 * for (const check of sinkChecks) it(check.name, () => check.run(harness));
 * ```
 *
 * `sink-saboteurs.ts` holds sinks that break one promise each; a suite that lets one pass is
 * worth nothing.
 */
export const sinkChecks: readonly SinkCheck[] = [
  ...dataChecks,
  ...tableChecks,
  ...growthChecks,
  ...auditChecks,
  ...ledgerChecks,
  ...catalogueChecks,
  ...failureChecks,
];

/** One promise. */
export interface SinkCheck {
  readonly name: string;
  /** Makes its own folder and sink, and removes both. @throws AssertionError where the promise is broken. */
  run(harness: SinkHarness): Promise<void>;
}

/** A row, each cell as DuckDB prints it with the session in UTC (`1.500000`, `2026-10-01 00:00:00+00`), or null. */
export type TextRow = Readonly<Record<string, string | null>>;

/** How the suite gets at a sink and at what it left behind. */
export interface SinkHarness {
  /** A sink that lives in `folder` (of the suite's making), whatever name it takes there. Called again: another instance of the same. */
  makeSink(folder: string, options?: { readonly lockWaitMs?: number }): Promise<Sink>;
  /**
   * All rows of a table, with its scope column and `_slice`, `_run_id`, `_loaded_at`; none where
   * there is no such table. Read past the sink: what a user's query would see.
   */
  readRows(sink: Sink, schema: string, table: string): Promise<TextRow[]>;
  /** The rows of a query as a user would ask it: over the warehouse, or over the lake's views. */
  query(sink: Sink, sql: string): Promise<TextRow[]>;
  /** All rejects that count, with the column names of `millpond.rejects`. */
  readRejects(sink: Sink): Promise<TextRow[]>;
  /**
   * Another process takes what a committer needs, for `holdMs` or until released. Absent: the
   * sink needs no lock between processes, and the checks of locking are left out.
   */
  hold?(folder: string, holdMs: number): Promise<{ readonly pid: number; release(): Promise<void> }>;
}

/** The rows of a query as {@link TextRow}s. */
export async function textRows(database: Database, query: string): Promise<TextRow[]> {
  return (await database.rows(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (${query})`)) as TextRow[];
}
