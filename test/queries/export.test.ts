import fs from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { beforeAll, expect, it } from 'vitest';
import { exportQuery } from '../../src/queries/index.js';
import { makeWarehouse, openOptions, testFolder } from './warehouse.js';

const folder = await testFolder();
let file: string;
beforeAll(async () => {
  file = await makeWarehouse(folder);
});

it('writes Parquet with exact types, and that one file', async () => {
  const before = await fs.readdir(folder);
  const to = path.join(folder, 'out.parquet');
  const done = await exportQuery('SELECT * FROM campaigns', { file: to, force: false }, openOptions(file));
  expect(done).toEqual({ file: to, rows: 3, bytes: (await fs.stat(to)).size });
  expect((await fs.readdir(folder)).sort()).toEqual([...before, 'out.parquet'].sort());

  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(
    `SELECT max(campaign_id)::VARCHAR, max(cost)::VARCHAR, typeof(any_value(cost)) FROM '${to}'`,
  );
  expect(reader.getRows()).toEqual([['9007199254740993', '123456789012.123456', 'DECIMAL(18,6)']]);
  connection.closeSync();
  instance.closeSync();
});

it('overwrites with force only', async () => {
  const to = path.join(folder, 'once.csv');
  await exportQuery('SELECT 1 AS a', { file: to, force: false }, openOptions(file));
  await expect(exportQuery('SELECT 2 AS a', { file: to, force: false }, openOptions(file))).rejects.toMatchObject({
    code: 'E_USAGE',
    hint: expect.stringContaining('--force'),
  });
  expect(await fs.readFile(to, 'utf8')).toBe('a\n1\n');
  await exportQuery('SELECT 2 AS a', { file: to, force: true }, openOptions(file));
  expect(await fs.readFile(to, 'utf8')).toBe('a\n2\n');
});

it('leaves nothing behind when the query fails half-way', async () => {
  const before = await fs.readdir(folder);
  const to = { file: path.join(folder, 'half.csv'), force: false };
  await expect(
    exportQuery(
      "SELECT CASE WHEN range = 99999 THEN error('stop') ELSE 'x' END FROM range(100000)",
      to,
      openOptions(file),
    ),
  ).rejects.toMatchObject({ code: 'E_QUERY' });
  expect(await fs.readdir(folder)).toEqual(before);
});

it.each([
  ['out.xlsx', 'E_USAGE'],
  ['no/such/folder/out.csv', 'E_PATH_UNWRITABLE'],
  ['warehouse.duckdb/out.csv', 'E_PATH_UNWRITABLE'],
])('refuses %s', async (name, code) => {
  const to = { file: path.join(folder, name), force: true };
  await expect(exportQuery('SELECT 1', to, openOptions(file))).rejects.toMatchObject({ code });
});

it.each([
  "SELECT 1) TO '/tmp/evil.csv' --",
  "COPY (SELECT 1) TO 'evil.csv'",
  "SELECT * FROM read_csv('secret.csv')",
  'SELECT 1; DROP TABLE campaigns',
])('is as locked down as any query: %s', async (sql) => {
  const to = { file: path.join(folder, 'never.csv'), force: false };
  await expect(exportQuery(sql, to, openOptions(file))).rejects.toMatchObject({
    code: expect.stringMatching(/^E_QUERY/),
  });
  await expect(fs.access(to.file)).rejects.toThrow();
});
