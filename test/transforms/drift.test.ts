import { expect, test } from 'vitest';
import { askOf, column, TestBench, tableOf } from './support.js';

const bench = new TestBench({ chunkBytes: 4096 });
const table = tableOf([column('campaignId', 'bigint'), column('clicks', 'bigint')]);

test('an unknown column is kept as the source wrote it, with a suggestion', async () => {
  const text =
    '[{"campaignId":1,"newMetric":1.50,"flag":true,"since":"2026-11-01","deep":{"a": 1.0},"mixed":1},' +
    '{"campaignId":2,"newMetric":"3","flag":null,"since":"20261102","deep":[],"mixed":"x"}]';
  const stage = await bench.stage(text, table);
  const rows = await bench.rows(stage);
  expect(rows.map((row) => row.cells)).toEqual([
    { campaign_id: '1', new_metric: '1.50', flag: 'true', since: '2026-11-01', deep: '{"a":1.0}', mixed: '1' },
    { campaign_id: '2', new_metric: '3', since: '20261102', deep: '[]', mixed: 'x' },
  ]);
  expect(stage.columns.slice(2).map((c) => [c.name, c.source, c.type])).toEqual([
    ['new_metric', 'newMetric', 'varchar'],
    ['flag', 'flag', 'varchar'],
    ['since', 'since', 'varchar'],
    ['deep', 'deep', 'varchar'],
    ['mixed', 'mixed', 'varchar'],
  ]);
  expect(Object.fromEntries(stage.totals.unknown.map((u) => [u.name, u.suggestedType]))).toEqual({
    new_metric: 'decimal(18,6)',
    flag: 'boolean',
    since: 'date',
    deep: 'json',
    mixed: 'varchar',
  });
});

test('an unknown column of the last record stands in every part', async () => {
  const records: object[] = Array.from({ length: 1000 }, (_, i) => ({ campaignId: i + 1 }));
  records.push({ campaignId: 1001, late: 'x' });
  const stage = await bench.stage(JSON.stringify(records), table, { writeBytes: 1000 });
  expect(stage.parts.length).toBeGreaterThan(3);
  expect(stage.columns.map((c) => c.name)).toEqual(['campaign_id', 'clicks', 'late']);
  for (const part of stage.parts) {
    const names = (await bench.query(`DESCRIBE SELECT * FROM read_parquet('${part.uri}')`)).map((c) => c.column_name);
    expect(names).toContain('late');
  }
  const rows = await bench.rows(stage);
  expect(rows).toHaveLength(1001);
  expect(rows.filter((row) => row.cells?.late).map((row) => [row.row, row.cells!.late])).toEqual([[1001, 'x']]);
});

test('an unknown column in most rows, but not in the first, costs no row', async () => {
  const own = new TestBench();
  const records = Array.from({ length: 5000 }, (_, i) => ({ campaignId: i, ...(i > 100 ? { late: i / 4 } : {}) }));
  const stage = await own.stage(JSON.stringify(records), table);
  const rows = await own.rows(stage);
  expect(rows.filter((row) => row.cells?.late !== undefined)).toHaveLength(4899);
  expect(rows[102]!.cells!.late).toBe('25.5');
  expect(stage.totals.unknown).toMatchObject([{ name: 'late', suggestedType: 'decimal(18,6)' }]);
});

test('names that are taken get a number', async () => {
  const stage = await bench.stage(
    '[{"campaignId":1,"Clicks":2,"CLICKS":3,"_row":4,"campaign_id":5,"_profile_id":6,"":7}]',
    table,
  );
  expect(stage.columns.slice(2).map((c) => [c.source, c.name])).toEqual([
    ['Clicks', 'clicks_2'],
    ['CLICKS', 'clicks_3'],
    ['_row', '_row_2'],
    ['campaign_id', 'campaign_id_2'],
    ['_profile_id', '_profile_id_2'],
    ['', 'unnamed'],
  ]);
  expect((await bench.rows(stage))[0]!.cells).toEqual({
    campaign_id: '1',
    clicks_2: '2',
    clicks_3: '3',
    _row_2: '4',
    campaign_id_2: '5',
    _profile_id_2: '6',
    unnamed: '7',
  });
});

test('freeze fails and names the columns, unless they have a type', async () => {
  const text = '[{"campaignId":1,"newMetric":5,"other":1}]';
  const frozen = { unknown: 'freeze', types: {} } as const;
  await expect(bench.stage(text, table, { policy: frozen })).rejects.toMatchObject({
    code: 'E_SCHEMA_FROZEN',
    message: expect.stringMatching(/newMetric, other$/),
  });
  const typed = { unknown: 'freeze', types: { newMetric: 'bigint', other: 'bigint' } } as const;
  expect((await bench.rows(await bench.stage(text, table, { policy: typed })))[0]!.cells).toEqual({
    campaign_id: '1',
    new_metric: '5',
    other: '1',
  });
});

test('ignore records and drops', async () => {
  const policy = { unknown: 'ignore', types: {} } as const;
  const stage = await bench.stage('[{"campaignId":1,"newMetric":5}]', table, { policy });
  expect(stage.columns.map((c) => c.name)).toEqual(['campaign_id', 'clicks']);
  expect(stage.totals.unknown).toEqual([
    { table: 't', name: 'new_metric', source: 'newMetric', suggestedType: 'bigint' },
  ]);
});

test('types: give unknown columns a type, by either name, and override known ones', async () => {
  const policy = { unknown: 'evolve', types: { new_metric: 'decimal(10, 2)', clicks: 'varchar' } } as const;
  const stage = await bench.stage(
    '[{"campaignId":1,"newMetric":5.25,"clicks":"n/a"},{"campaignId":2,"newMetric":5.255}]',
    table,
    { policy },
  );
  const rows = await bench.rows(stage);
  expect(rows.map((row) => row.cells ?? row.reasons)).toEqual([
    { campaign_id: '1', new_metric: '5.25', clicks: 'n/a' },
    ['newMetric: 5.255 has more than 2 decimal places'],
  ]);
  expect(stage.columns.map((c) => c.type)).toEqual(['bigint', 'varchar', 'decimal(10,2)']);
});

test('unknown members of structs are told by path and cost nothing', async () => {
  const nested = tableOf([
    column('bidding', { struct: [{ name: 'strategy', source: 'strategy', type: 'varchar' }] }),
    column('tags', { list: { struct: [{ name: 'k', source: 'k', type: 'varchar' }] } }),
  ]);
  const stage = await bench.stage('[{"bidding":{"strategy":"a","fooBar":5},"tags":[{"k":"x","z":true}]}]', nested);
  expect((await bench.rows(stage))[0]!.cells).toEqual({ bidding: { strategy: 'a' }, tags: [{ k: 'x' }] });
  expect(stage.totals.unknown).toEqual([
    { table: 't', name: 'bidding.foo_bar', source: 'bidding.fooBar', suggestedType: 'bigint' },
    { table: 't', name: 'tags[].z', source: 'tags[].z', suggestedType: 'boolean' },
  ]);
});

test('columns asked for that no record has are told, of the empty file none', async () => {
  const ask = askOf(undefined, { columns: ['campaignId', 'clicks'] });
  expect((await bench.stage('[{"campaignId":1,"clicks":null}]', table, { ask })).totals.vanished).toEqual(['clicks']);
  expect((await bench.stage('[]', table, { ask })).totals.vanished).toEqual([]);
  const less = askOf(undefined, { columns: ['campaignId'] });
  expect((await bench.stage('[{"campaignId":1}]', table, { ask: less })).totals.vanished).toEqual([]);
});
