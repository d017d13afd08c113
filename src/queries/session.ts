import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { throwIfAborted } from '../base/retry.js';
import { queryError } from './errors.js';
import { prepareRead } from './gate.js';
import { type OpenOptions, openReadOnly, type ReadOnlyDatabase } from './open.js';

/** One column of a result. */
export interface ResultColumn {
  readonly name: string;
  readonly type: DuckDBType;
}

/** A query under way: its columns are known, its rows come in batches as DuckDB finds them. */
export interface QueryResult {
  readonly columns: readonly ResultColumn[];
  readonly batches: AsyncIterable<readonly (readonly DuckDBValue[])[]>;
}

/**
 * Runs `work` with a locked-down, read-only database; an abort interrupts the statement under way.
 * @throws MillpondError what {@link openReadOnly} throws, and what `work` does.
 */
export async function withReadOnly<T>(
  options: OpenOptions,
  work: (opened: ReadOnlyDatabase) => Promise<T>,
): Promise<T> {
  const { signal } = options.ctx;
  const opened = await openReadOnly(options);
  try {
    throwIfAborted(signal);
    return await opened.database.interruptible(signal, () => work(opened));
  } catch (error) {
    throw queryError(error);
  } finally {
    await opened.close();
  }
}

/**
 * Runs one reading statement and hands its result to `consume` while the database is open.
 * @throws MillpondError `E_QUERY`, `E_QUERY_FORBIDDEN`, `E_LOCKED`, `E_NOT_FOUND`, `E_INTERRUPTED`.
 */
export async function runQuery<T>(
  sql: string,
  options: OpenOptions,
  consume: (result: QueryResult) => Promise<T>,
): Promise<T> {
  return withReadOnly(options, async ({ database }) => {
    const statement = await prepareRead(database, sql);
    const result = await statement.stream();
    const columns = result.columnNames().map((name, i) => ({ name, type: result.columnType(i) }));
    return consume({ columns, batches: abortable(result.yieldRows(), options.ctx.signal) });
  });
}

async function* abortable<T>(batches: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  for await (const batch of batches) {
    throwIfAborted(signal);
    yield batch;
  }
}
