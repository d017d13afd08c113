import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll } from 'vitest';
import type { Ctx } from '../../src/contracts/index.js';
import { type OpenOptions, renderText, runQuery, type TextFormat } from '../../src/queries/index.js';

/** A folder for one test file, removed after it. */
export async function testFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-queries-'));
  afterAll(() => fs.rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A file with two schemas, as Millpond makes them, and every type worth printing. */
export async function makeWarehouse(folder: string): Promise<string> {
  const file = path.join(folder, 'warehouse.duckdb');
  const instance = await DuckDBInstance.create(file);
  const connection = await instance.connect();
  for (const statement of [
    "SET TimeZone='UTC'",
    'CREATE SCHEMA millpond',
    'CREATE SCHEMA amazon_ads',
    "CREATE TABLE millpond.runs AS SELECT 'r1' AS run_id",
    "CREATE TABLE millpond.campaigns AS SELECT 'the wrong one' AS name",
    `CREATE TABLE amazon_ads.campaigns AS SELECT * FROM (VALUES
       (9007199254740993::BIGINT, 'a "quoted", name', 12.340000::DECIMAL(18,6), DATE '2026-10-01',
        TIMESTAMPTZ '2026-10-02 07:00:00.5+00', true, {'id': 9007199254740993::BIGINT, 'cost': 0.1::DECIMAL(18,6)}, [1::BIGINT, NULL], 0.25::DOUBLE),
       (7, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
       (8, NULL, 123456789012.123456, DATE '2026-10-02', TIMESTAMPTZ '2026-10-02 00:00:00+05:30', false,
        {'id': 1, 'cost': NULL}, [], 1e30))
       t(campaign_id, name, cost, report_date, loaded_at, active, budget, ids, share)`,
    'CREATE MACRO amazon_ads.campaigns_of(day) AS TABLE SELECT * FROM amazon_ads.campaigns WHERE report_date = day',
    'CREATE MACRO amazon_ads.peek(file) AS TABLE FROM read_text(file)',
    `CREATE TABLE amazon_ads.payloads AS SELECT '{"id": 9007199254740993, "note": null}'::JSON AS payload`,
  ]) {
    await connection.run(statement);
  }
  connection.closeSync();
  instance.closeSync();
  return file;
}

/** A context that says nothing. */
export function testCtx(signal: AbortSignal = new AbortController().signal): Ctx {
  const silent = () => {};
  return {
    signal,
    now: () => new Date(),
    log: { debug: silent, info: silent, warn: silent, error: silent },
    budget: { memoryBytes: 256e6, threads: 2 },
  };
}

/** How the tests open it. */
export function openOptions(file: string, overrides: Partial<OpenOptions> = {}): OpenOptions {
  return {
    target: { sink: 'duckdb', path: file },
    schemas: ['amazon_ads'],
    lockWaitMs: 0,
    ctx: testCtx(),
    onWait() {},
    ...overrides,
  };
}

/** A query's whole answer as text. */
export async function queryText(sql: string, options: OpenOptions, format: TextFormat = 'json'): Promise<string> {
  return runQuery(sql, options, async (result) => {
    let text = '';
    for await (const piece of renderText(result, format)) text += piece.text;
    return text;
  });
}
