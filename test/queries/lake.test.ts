import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { openOptions, queryText, testFolder } from './warehouse.js';

const folder = await testFolder();
const lake = path.join(folder, 'lake');
await fs.mkdir(lake);
const options = openOptions(lake, { target: { sink: 'parquet', path: lake } });

it('has the tables of a warehouse, without their schema', async () => {
  expect(await queryText('FROM slices', options)).toBe('[]\n');
  expect(await queryText('SELECT count(*) AS n FROM millpond.rejects', options)).toBe('[\n{"n":0}\n]\n');
});

it.each([
  "COPY (SELECT 1) TO 'LAKE/evil.parquet'",
  "EXPLAIN ANALYZE COPY (SELECT 1) TO 'LAKE/evil.parquet'",
  "FROM enable_logging('QueryLog', storage = 'file', storage_path = 'LAKE/evil')",
  "FROM read_parquet('LAKE/**/*.parquet')",
  "ATTACH 'LAKE/evil.duckdb' AS evil",
  'DROP VIEW millpond.slices',
  'CREATE TABLE evil AS SELECT 1',
])('is read and not written: %s', async (probe) => {
  await expect(queryText(probe.replaceAll('LAKE', lake), options)).rejects.toMatchObject({ code: 'E_QUERY_FORBIDDEN' });
  expect((await fs.readdir(lake)).filter((name) => name.includes('evil'))).toEqual([]);
});

it('says that nothing was loaded yet', async () => {
  const none = openOptions(lake, { target: { sink: 'parquet', path: path.join(folder, 'none') } });
  await expect(queryText('SELECT 1', none)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
});
