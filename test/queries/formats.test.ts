import fs from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { exportQuery } from '../../src/queries/index.js';
import { makeWarehouse, openOptions, queryText, testFolder } from './warehouse.js';

const folder = await testFolder();
let file: string;
beforeAll(async () => {
  file = await makeWarehouse(folder);
});

const ALL = 'SELECT * FROM campaigns ORDER BY campaign_id; -- the end';

it('keeps ids and decimals exact in JSON', async () => {
  const rows = JSON.parse(await queryText(ALL, openOptions(file)));
  expect(rows).toEqual([
    expect.objectContaining({ campaign_id: 7, name: '', cost: null, budget: null, ids: null, share: null }),
    {
      campaign_id: 8,
      name: null,
      cost: '123456789012.123456',
      report_date: '2026-10-02',
      loaded_at: '2026-10-01T18:30:00Z',
      active: false,
      budget: { id: 1, cost: null },
      ids: [],
      share: 1e30,
    },
    {
      campaign_id: '9007199254740993',
      name: 'a "quoted", name',
      cost: '12.340000',
      report_date: '2026-10-01',
      loaded_at: '2026-10-02T07:00:00.5Z',
      active: true,
      budget: { id: '9007199254740993', cost: '0.100000' },
      ids: [1, null],
      share: 0.25,
    },
  ]);
});

it('writes sums of ids as exactly as ids', async () => {
  const text = await queryText(
    'SELECT sum(campaign_id) AS total, count(*) AS n, 9007199254740991::BIGINT AS largest, 170141183460469231731687303715884105727::HUGEINT AS huge FROM campaigns',
    openOptions(file),
  );
  expect(JSON.parse(text)).toEqual([
    {
      total: '9007199254741008',
      n: 3,
      largest: 9007199254740991,
      huge: '170141183460469231731687303715884105727',
    },
  ]);
});

it('passes JSON columns on as they stand', async () => {
  expect(await queryText('FROM payloads', openOptions(file), 'ndjson')).toBe(
    '{"payload":{"id": 9007199254740993, "note": null}}\n',
  );
});

it('writes NDJSON a row a line, and an empty answer as an empty array', async () => {
  const text = await queryText('FROM range(5000)', openOptions(file), 'ndjson');
  expect(text.trimEnd().split('\n')).toHaveLength(5000);
  expect(JSON.parse(await queryText('FROM range(5000)', openOptions(file)))).toHaveLength(5000);
  expect(await queryText('SELECT 1 WHERE false', openOptions(file))).toBe('[]\n');
  expect(await queryText('SELECT 1 WHERE false', openOptions(file), 'ndjson')).toBe('');
});

it('gives columns of one name names of their own', async () => {
  expect(await queryText('SELECT 1 AS a, 2 AS a', openOptions(file))).toBe('[\n{"a":1,"a_1":2}\n]\n');
});

it('tells NULL from an empty text in CSV', async () => {
  expect(await queryText('SELECT campaign_id, name, cost FROM campaigns ORDER BY 1', openOptions(file), 'csv')).toBe(
    'campaign_id,name,cost\n7,"",\n8,,123456789012.123456\n9007199254740993,"a ""quoted"", name",12.340000\n',
  );
});

it('exports the same text as it prints', async () => {
  const csv = path.join(folder, 'all.csv');
  await exportQuery(ALL, { file: csv, force: false }, openOptions(file));
  const exported = (await fs.readFile(csv, 'utf8')).trimEnd().split('\n');
  const printed = (await queryText(ALL, openOptions(file), 'csv')).trimEnd().split('\n');
  // DuckDB writes 1e30 its own way; everything else is the same, byte for byte.
  expect(exported.map((line) => line.replace('1e30', '1e+30'))).toEqual(printed);

  const json = path.join(folder, 'all.json');
  const done = await exportQuery(ALL, { file: json, force: false }, openOptions(file));
  expect(done).toMatchObject({ file: json, rows: 3 });
  expect(JSON.parse(await fs.readFile(json, 'utf8'))).toEqual(JSON.parse(await queryText(ALL, openOptions(file))));

  const odd = `SELECT TIMESTAMP '2026-10-01 01:02:03.004' AS t, [{'d': 1.50::DECIMAL(9,2)}] AS nested, 'nan'::DOUBLE AS nan,
    INTERVAL 1 DAY AS i, TIME '01:02:03' AS clock, MAP {'a': 1} AS m, [1,2]::INT[2] AS arr, 'x'::BLOB AS b,
    TIMESTAMPTZ 'infinity' AS never, NULL AS nothing, [NULL, [9007199254740993]] AS lists FROM range(2)`;
  const lines = path.join(folder, 'odd.ndjson');
  await exportQuery(odd, { file: lines, force: false }, openOptions(file));
  const parsed = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  expect(parsed(await fs.readFile(lines, 'utf8'))).toEqual(parsed(await queryText(odd, openOptions(file), 'ndjson')));
});
