import assert from 'node:assert/strict';
import type { SliceKey, SliceWrite, Table } from '../index.js';
import { LOG, STATE } from './sink-fixtures.js';
import { check, slice, type Trial } from './sink-trial.js';

const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';
const LATER = '2026-10-12T00:00:00.000Z';
const KEY: SliceKey = { dataset: LOG.name, scope: '11', slice: 'eng-1' };

/** A thing of which the newest version is kept in one table, and every version in another. */
const THING: Table = { ...STATE, name: 'trial_thing' };
const VERSIONS: Table = { ...STATE, name: 'trial_thing_versions', mode: 'append', key: ['campaign_id', 'name'] };

type Pair = readonly [id: string | null, name: string];

/** An artifact's rows and rejects for one table. */
function spec(table: Table, key: SliceKey, artifact: string, asOf: string, rows: readonly Pair[]) {
  return {
    table,
    dataset: key.dataset,
    slices: [key],
    artifact,
    asOf,
    rows: rows.map(([campaign_id, name]) => ({ ...key, cells: { campaign_id, name } })),
    rejects: [{ ...key, raw: `bad row of ${artifact} for ${table.name}`, reasons: ['name: not a name'] }],
  };
}

async function log(t: Trial, artifact: string, asOf: string, rows: readonly Pair[], more: Partial<SliceWrite> = {}) {
  return slice(KEY, [await t.forge.stage(spec(LOG, KEY, artifact, asOf, rows))], more);
}

async function thing(t: Trial, artifact: string, asOf: string, name: string) {
  const key = { ...KEY, dataset: THING.name };
  const stages = [THING, VERSIONS].map((table) => t.forge.stage(spec(table, key, artifact, asOf, [['1', name]])));
  return slice(key, await Promise.all(stages));
}

const badRows = async (t: Trial) => (await t.rejects()).map((reject) => reject.raw).sort();

/** Tables of mode `append`: what is there stays. */
export const growthChecks = [
  check('adds to tables that grow, each key and each artifact once', async (t) => {
    const first = await log(t, 'a', EARLY, [
      ['1', 'first'],
      [null, 'first'],
    ]);
    await t.commit([first]);
    const second = await log(t, 'b', LATE, [
      ['1', 'again'],
      [null, 'again'],
      ['2', 'new'],
      ['2', 'doubled'],
    ]);
    const [committed] = await t.commit([second]);
    assert.deepEqual(committed, { key: KEY, result: 'committed', rows: 3, rejects: 2 });
    const rows = [
      { campaign_id: '1', name: 'first', _slice: 'eng-1' },
      { campaign_id: null, name: 'first', _slice: 'eng-1' },
      { campaign_id: '2', name: 'new', _slice: 'eng-1' },
    ];
    await t.expectRows(LOG.name, rows);
    const [held] = await t.held();
    const shas = [first, second].map((write) => write.stages[0]?.artifact.sha256);
    assert.deepEqual(
      [held?.rows, held?.rejects, held?.asOf, held?.artifacts.map(({ sha256 }) => sha256)],
      [3, 2, LATE, shas],
    );
    await t.commit([await log(t, 'b', LATER, [['3', 'never']])]);
    await t.expectRows(LOG.name, rows);
    assert.deepEqual(await badRows(t), ['bad row of a for trial_log', 'bad row of b for trial_log']);
    const [again] = await t.held();
    assert.deepEqual([again?.rows, again?.rejects, again?.asOf, again?.artifacts.length], [3, 2, LATER, 2]);
  }),

  check('adds to tables that grow whatever is older, and several at once', async (t) => {
    await t.commit([await log(t, 'c', LATER, [['3', 'newest']], { final: true })]);
    const results = await t.commit([
      await log(t, 'b', LATE, [
        ['2', 'new'],
        ['3', 'older'],
      ]),
      await log(t, 'a', EARLY, [['1', 'oldest']]),
    ]);
    assert.deepEqual(
      results.map(({ result }) => result),
      ['committed', 'committed'],
    );
    await t.expectRows(LOG.name, [
      { campaign_id: '1', name: 'oldest' },
      { campaign_id: '2', name: 'new' },
      { campaign_id: '3', name: 'newest' },
    ]);
    const [held] = await t.held();
    assert.deepEqual(
      [held?.rows, held?.asOf, held?.final, held?.artifacts.map(({ asOf }) => asOf)],
      [3, LATER, true, [EARLY, LATE, LATER]],
    );
  }),

  check('keeps every version beside the newest', async (t) => {
    await t.commit([await thing(t, 'b', LATE, 'two')]);
    await t.commit([await thing(t, 'a', EARLY, 'one')]);
    await t.expectRows(THING.name, [{ campaign_id: '1', name: 'two' }]);
    await t.expectRows(VERSIONS.name, [{ name: 'one' }, { name: 'two' }]);
    assert.deepEqual(await badRows(t), [
      'bad row of a for trial_thing_versions',
      'bad row of b for trial_thing',
      'bad row of b for trial_thing_versions',
    ]);
    const [committed] = await t.commit([await thing(t, 'c', LATER, 'three')]);
    assert.deepEqual([committed?.rows, committed?.rejects], [1, 4], 'rows of its own table, rejects of both');
    await t.expectRows(THING.name, [{ name: 'three' }]);
    await t.expectRows(VERSIONS.name, [{ name: 'one' }, { name: 'two' }, { name: 'three' }]);
    const [held] = await t.held();
    assert.deepEqual([held?.rows, held?.rejects, held?.artifacts.length], [1, 4, 3]);
  }),

  check('fills tables that grow anew when they are rebuilt', async (t) => {
    await t.commit([await log(t, 'a', EARLY, [['1', 'first']])]);
    await t.commit([await log(t, 'b', LATE, [['2', 'second']])]);
    const spare = [
      await t.forge.stage(spec(LOG, KEY, 'b', LATE, [['1', 'newer']])),
      await t.forge.stage(spec(LOG, KEY, 'a', EARLY, [['1', 'older']])),
    ];
    await t.commit([slice(KEY, spare, { rebuild: true })]);
    await t.expectRows(LOG.name, [{ campaign_id: '1', name: 'older' }]);
    assert.deepEqual(await badRows(t), ['bad row of a for trial_log', 'bad row of b for trial_log']);
    const [held] = await t.held();
    assert.deepEqual([held?.rows, held?.rejects, held?.artifacts.length], [1, 2, 2]);
  }),
];
