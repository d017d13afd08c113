import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/base/duckdb/database.js';
import type { RunRecord } from '../../src/contracts/index.js';
import { makeCtx } from '../../src/pipelines/workspace.js';
import { createDuckdbSink } from '../../src/sinks/duckdb/index.js';
import { createParquetSink, lakeViews } from '../../src/sinks/parquet/index.js';
import { page, tableBelow } from './pages.js';

const ctx = makeCtx({
  signal: new AbortController().signal,
  log: { debug() {}, info() {}, warn() {}, error() {} },
  memoryBytes: 256e6,
});
const run: RunRecord = {
  runId: 'r1',
  pipeline: 'p',
  trigger: 'manual',
  parent: null,
  status: 'succeeded',
  startedAt: '2026-10-01T00:00:00.000Z',
  endedAt: '2026-10-01T00:00:01.000Z',
  version: '0',
  rows: 0,
  rejects: 0,
  errors: 0,
};

/** Columns of the schema `millpond` as docs/warehouse.md lists them: name and type, by table. */
function documented(): Record<string, string[]> {
  const warehouse = page('docs/warehouse.md');
  const names = [...warehouse.text.matchAll(/^### `millpond\.(\w+)`$/gm)].map(([, name]) => name!);
  return Object.fromEntries(
    names.map((name) => [
      name,
      tableBelow(warehouse, `### \`millpond.${name}\``).map(([column = '', type = '']) =>
        `${column} ${type}`.replaceAll('`', ''),
      ),
    ]),
  );
}

async function columnsOf(database: Database): Promise<Record<string, string[]>> {
  const rows = await database.rows(
    `SELECT table_name, column_name, data_type FROM duckdb_columns()
     WHERE schema_name = 'millpond' ORDER BY table_name, column_index`,
  );
  const tables: Record<string, string[]> = {};
  for (const row of rows) {
    const type = String(row.data_type).replace('TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ');
    tables[String(row.table_name)] = [...(tables[String(row.table_name)] ?? []), `${row.column_name} ${type}`];
  }
  return tables;
}

describe('docs/warehouse.md', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-docs-'));
  });
  afterAll(() => fs.rm(folder, { recursive: true, force: true }));

  const shared = { lockWaitMs: 1000, memoryBytes: 256e6, threads: 1 };

  it('lists the tables and columns of a DuckDB file', async () => {
    const file = path.join(folder, 'warehouse.duckdb');
    const sink = createDuckdbSink({ name: 'warehouse', path: file, ...shared });
    await sink.note({ run, outcomes: [], unknown: [], tables: [], cleared: [], views: [] }, ctx);
    await sink.close();
    const database = await Database.open({ path: file, threads: 1, memoryBytes: 256e6, readOnly: true });
    const made = await columnsOf(database);
    database.close();
    expect(documented()).toEqual(made);
  });

  it('the views of a lake have them, too', async () => {
    const lake = path.join(folder, 'lake');
    const sink = createParquetSink({ name: 'lake', path: lake, ...shared });
    await sink.note({ run, outcomes: [], unknown: [], tables: [], cleared: [], views: [] }, ctx);
    await sink.close();
    const database = await Database.open({ path: ':memory:', threads: 1, memoryBytes: 256e6 });
    for (const statement of await lakeViews(lake, ctx)) await database.run(statement);
    const views = await columnsOf(database);
    database.close();
    for (const [table, columns] of Object.entries(documented())) {
      expect(views[table]?.toSorted(), table).toEqual(columns.toSorted());
    }
  });
});
