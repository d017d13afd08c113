import assert from 'node:assert/strict';
import type { SliceKey, Table } from '../index.js';
import { column, ENTITY, LOG, STATE } from './sink-fixtures.js';
import { check, slice } from './sink-trial.js';

const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';

function log(slice: string, ids: readonly string[]) {
  const key: SliceKey = { dataset: 'trial_log', scope: '11', slice };
  const rows = ids.map((id) => ({ scope: '11', slice, cells: { campaign_id: id, name: slice } }));
  return { key, dataset: key.dataset, table: LOG, rows };
}

function entity(slice: string, cells: readonly Record<string, string>[]) {
  const key: SliceKey = { dataset: 'trial_entity', scope: 'AWS', slice };
  return { key, dataset: key.dataset, table: ENTITY, rows: cells.map((c) => ({ scope: 'AWS', slice, cells: c })) };
}

/** Tables that are not replaced slice by slice, and datasets of several tables. */
export const tableChecks = [
  check('appends slice after slice, each row once', async (t) => {
    await t.commit([await t.write({ ...log('a', ['1', '2']), asOf: EARLY })]);
    await t.commit([await t.write({ ...log('b', ['2', '3']), asOf: EARLY })]);
    await t.commit([await t.write({ ...log('b', ['3', '4', '5']), asOf: LATE })]);
    await t.expectRows('trial_log', [
      { campaign_id: '1', _slice: 'a' },
      { campaign_id: '2', _slice: 'a' },
      { campaign_id: '2', _slice: 'b' },
      { campaign_id: '3', _slice: 'b' },
      { campaign_id: '4', _slice: 'b' },
      { campaign_id: '5', _slice: 'b' },
    ]);
  }),

  check('upserts by key and loses no other row', async (t) => {
    const first = [
      { id: 'O1', stage: 'open', amount: '1.10' },
      { id: 'O2', stage: 'open', amount: '2.20' },
    ];
    await t.commit([await t.write({ ...entity('E1', first), asOf: EARLY })]);
    await t.commit([await t.write({ ...entity('E2', [{ id: 'O9', stage: 'open', amount: '9.90' }]), asOf: EARLY })]);
    const second = [
      { id: 'O2', stage: 'won', amount: '2.50' },
      { id: 'O3', stage: 'open', amount: '3.30' },
    ];
    await t.commit([await t.write({ ...entity('E1', second), asOf: LATE })]);
    await t.expectRows('trial_entity', [
      { _catalog: 'AWS', id: 'O1', stage: 'open', amount: '1.10', _slice: 'E1' },
      { _catalog: 'AWS', id: 'O2', stage: 'won', amount: '2.50', _slice: 'E1' },
      { _catalog: 'AWS', id: 'O3', stage: 'open', amount: '3.30', _slice: 'E1' },
      { _catalog: 'AWS', id: 'O9', stage: 'open', amount: '9.90', _slice: 'E2' },
    ]);
  }),

  check('of one key in several artifacts the last counts', async (t) => {
    const spec = entity('E1', []);
    const state = (stage: string, asOf: string) =>
      t.forge.stage({
        ...spec,
        slices: [spec.key],
        asOf,
        rows: [{ scope: 'AWS', slice: 'E1', cells: { id: 'O1', stage, amount: '1.00' } }],
      });
    const stages = [await state('open', EARLY), await state('won', LATE)];
    await t.commit([slice(spec.key, stages)]);
    await t.expectRows('trial_entity', [{ id: 'O1', stage: 'won' }]);
  }),

  check('fills two tables from one artifact, and replaces both', async (t) => {
    const key: SliceKey = { dataset: 'trial_pair', scope: '11', slice: '2026-10-10' };
    const one: Table = { ...STATE, name: 'trial_pair' };
    const two: Table = { ...STATE, name: 'trial_pair_items', columns: [column('item_id', 'bigint')], key: ['item_id'] };
    const write = async (artifact: string, asOf: string, id: string, items: readonly string[]) => {
      const spec = { dataset: key.dataset, slices: [key], asOf, artifact };
      const rows = [{ ...key, cells: { campaign_id: id } }];
      const own = items.map((item) => ({ ...key, cells: { item_id: item } }));
      return slice(key, [
        await t.forge.stage({ ...spec, table: one, rows }),
        await t.forge.stage({ ...spec, table: two, rows: own }),
      ]);
    };
    await t.commit([await write('pair-1', EARLY, '1', ['10', '11'])]);
    const [committed] = await t.commit([await write('pair-2', LATE, '2', ['12'])]);
    assert.deepEqual([committed?.rows, committed?.rejects], [1, 0], 'rows of the dataset’s own table count');
    await t.expectRows('trial_pair', [{ campaign_id: '2' }]);
    await t.expectRows('trial_pair_items', [{ item_id: '12', _profile_id: '11', _slice: '2026-10-10' }]);
    assert.equal((await t.held())[0]?.artifacts.length, 1, 'one artifact, whatever it fills');
  }),
];
