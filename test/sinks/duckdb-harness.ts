import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database } from '../../src/base/duckdb/database.js';
import { identifier, literal } from '../../src/base/duckdb/quote.js';
import { type SinkHarness, type TextRow, textRows } from '../../src/contracts/conformance/sink.js';
import { createDuckdbSink } from '../../src/sinks/duckdb/index.js';

/** Where a suite's folder has its warehouse. */
export function warehouseIn(folder: string): string {
  return path.join(folder, 'warehouse.duckdb');
}

/** Runs a child script of these tests; with `fileKilobytes`, no file that it writes may grow larger. */
export function startChild(
  script: string,
  args: readonly string[],
  env: Record<string, string> = {},
  fileKilobytes?: number,
) {
  const file = fileURLToPath(new URL(`./${script}`, import.meta.url));
  const command = [process.execPath, file, ...args];
  const limited =
    fileKilobytes === undefined ? command : ['bash', '-c', `ulimit -f ${fileKilobytes}; exec "$@"`, 'bash', ...command];
  return spawn(limited[0] as string, limited.slice(1), {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** The rows of a query over the closed warehouse. */
export async function query(file: string, sql: string): Promise<TextRow[]> {
  const database = await Database.open({ path: file, threads: 1, memoryBytes: 256e6, readOnly: true });
  try {
    return await textRows(database, sql);
  } finally {
    database.close();
  }
}

/** Whether the warehouse has that table. */
async function hasTable(file: string, schema: string, table: string): Promise<boolean> {
  const rows = await query(
    file,
    `SELECT 1 AS one FROM duckdb_tables() WHERE schema_name = ${literal(schema)} AND table_name = ${literal(table)}`,
  );
  return rows.length > 0;
}

/** The DuckDB sink under the conformance suite. */
export const duckdbHarness: SinkHarness = {
  async makeSink(folder, options) {
    return createDuckdbSink({
      name: 'warehouse',
      path: warehouseIn(folder),
      lockWaitMs: options?.lockWaitMs ?? 10_000,
      memoryBytes: 256e6,
      threads: 1,
    });
  },
  async readRows(sink, schema, table) {
    if (!(await hasTable(sink.path, schema, table))) return [];
    return query(sink.path, `SELECT * FROM ${identifier(schema, table)}`);
  },
  query: (sink, sql) => query(sink.path, sql),
  async readRejects(sink) {
    return query(sink.path, 'SELECT * FROM millpond.rejects');
  },
  async hold(folder, holdMs) {
    const child = startChild('hold-child.mjs', [warehouseIn(folder), String(holdMs)]);
    await once(child.stdout, 'data');
    const ended = once(child, 'exit');
    return {
      pid: child.pid as number,
      async release() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  },
};
