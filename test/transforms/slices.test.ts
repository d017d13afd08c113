import { expect, test } from 'vitest';
import type { SliceKey } from '../../src/contracts/index.js';
import { askOf, column, readAll, TestBench, tableOf } from './support.js';

const bench = new TestBench();
const key = (slice: string, scope = '11'): SliceKey => ({ dataset: 't', scope, slice });

test('rows of several days find their slices, rejects too; other days are rejects', async () => {
  const table = tableOf([column('date', 'date'), column('clicks', 'bigint')], { sliceOf: 'date' });
  const ask = askOf([key('2026-11-02'), key('2026-11-01')]);
  const text =
    '[{"date":"2026-11-01","clicks":1},{"date":"20261102","clicks":2},{"date":"2026-11-03"},{"clicks":4},{"date":"2026-11-01","clicks":"x"}]';
  const stage = await bench.stage(text, table, { ask });
  const rows = await bench.rows(stage);
  expect(rows.map((row) => [row.slice, row.reasons?.[0]])).toEqual([
    ['2026-11-01', undefined],
    ['2026-11-02', undefined],
    ['2026-11-02', 'date: 2026-11-03 is none of the slices asked for'],
    ['2026-11-02', 'date: missing'],
    ['2026-11-01', 'clicks: "x" is no whole number'],
  ]);
  expect(stage.totals.slices).toEqual([
    { key: key('2026-11-02'), rows: 1, rejects: 2 },
    { key: key('2026-11-01'), rows: 1, rejects: 1 },
  ]);
  expect(await readAll(text, table, { ask })).toEqual(rows);
});

test('a day that a tactic splits', async () => {
  const table = tableOf([column('date', 'date')], { sliceOf: 'date' });
  const ask = askOf([key('2026-11-01/T00020'), key('2026-11-02/T00020')]);
  const rows = await bench.rows(await bench.stage('[{"date":"2026-11-02"}]', table, { ask }));
  expect(rows[0]).toMatchObject({ slice: '2026-11-02/T00020', cells: { date: '2026-11-02' } });
});

test('rows of several scopes find theirs; other scopes are rejects', async () => {
  const table = tableOf([column('profileId', 'bigint'), column('countryCode', 'varchar')], { scopeOf: 'profileId' });
  const ask = askOf([key('2026-11-01', '111'), key('2026-11-02', '222')]);
  const text = '[{"profileId":111,"countryCode":"US"},{"profileId":"222"},{"profileId":333},{"countryCode":"DE"}]';
  const rows = await bench.rows(await bench.stage(text, table, { ask }));
  expect(rows.map((row) => [row.scope, row.slice, row.reasons])).toEqual([
    ['111', '2026-11-01', undefined],
    ['222', '2026-11-02', undefined],
    ['111', '2026-11-01', ['profileId: 333 is none of the scopes asked for']],
    ['111', '2026-11-01', ['profileId: missing']],
  ]);
  expect(await readAll(text, table, { ask })).toEqual(rows);
});

test('constants stand in every row, typed', async () => {
  const constant = { role: 'constant', nullable: false } as const;
  const table = tableOf([
    column('report_date', 'date', constant),
    column('id', 'bigint'),
    column('tactic', 'varchar', constant),
  ]);
  const ask = askOf([key('2026-11-01/T00020')], { constants: { report_date: '20261101', tactic: 'T00020' } });
  const stage = await bench.stage('[{"id":1},{"id":"1.0","x":1}]', table, { ask });
  expect((await bench.rows(stage)).map((row) => row.cells)).toMatchObject([
    { report_date: '2026-11-01', id: '1', tactic: 'T00020' },
    { report_date: '2026-11-01', id: '1', tactic: 'T00020', x: '1' },
  ]);
  expect(stage.columns.map((c) => c.name)).toEqual(['report_date', 'id', 'tactic', 'x']);
});

test('one artifact can fill several tables', async () => {
  const one = tableOf([column('id', 'bigint')], { name: 'one' });
  const two = tableOf([column('id', 'varchar'), column('name', 'varchar')], { name: 'two' });
  const stages = await bench.stageAll('[{"id":1,"name":"a"},{"id":"x","name":"b"}]', [one, two]);
  expect(stages.map((stage) => [stage.table.name, stage.totals.slices[0]!.rows])).toEqual([
    ['one', 1],
    ['two', 2],
  ]);
});
