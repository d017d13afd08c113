import assert from 'node:assert/strict';
import { MillpondError } from '../../base/errors.js';
import type { SliceKey, View } from '../index.js';
import { column, ENTITY, STATE } from './sink-fixtures.js';
import { check, SCHEMA, type Trial, trialRun } from './sink-trial.js';

const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';
const OTHER = 'trial_other';
const KEY: SliceKey = { dataset: STATE.name, scope: '11', slice: 'all' };

function state(t: Trial, key: SliceKey, ids: readonly string[], more: { schema?: string; asOf?: string } = {}) {
  const rows = ids.map((id) => ({ ...key, cells: { campaign_id: id, name: `name ${id}` } }));
  const { asOf = EARLY, ...write } = more;
  return t.write({ key, dataset: key.dataset, table: STATE, asOf, rows }, write);
}

const plain: View = {
  name: 'trial_names',
  reads: [STATE.name],
  sql: (from) => `SELECT * FROM ${from(STATE.name)}`,
  description: "What is there's name",
};

const views: readonly View[] = [
  plain,
  {
    name: 'trial_named',
    reads: [plain.name],
    parameters: ['wanted'],
    sql: (from) => `SELECT campaign_id FROM ${from(plain.name)} WHERE name = wanted`,
    description: 'Those of one name',
  },
  {
    name: 'trial_misfit',
    reads: [STATE.name],
    sql: (from) => `SELECT no_such_column FROM ${from(STATE.name)}`,
    description: 'What no table of today has',
  },
];

/** Schemas, views, and rows that are read back. */
export const catalogueChecks = [
  check('keeps two schemas of one key apart, or refuses the second', async (t) => {
    await t.commit([await state(t, KEY, ['1'])]);
    const other = await state(t, { ...KEY, slice: 'more' }, ['2'], { schema: OTHER, asOf: LATE });
    const refused = await t.commit([other]).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused) {
      assert.ok(refused instanceof MillpondError && refused.code === 'E_CONFLICT', String(refused));
    } else {
      await t.commit([await state(t, KEY, ['3', '4'], { schema: OTHER, asOf: LATE })], { run: trialRun('run-2') });
      const counts = (await t.held()).map(({ schema, slice, rows }) => `${schema} ${slice} ${rows}`).sort();
      assert.deepEqual(counts, [`${SCHEMA} all 1`, `${OTHER} all 2`, `${OTHER} more 1`]);
      const rows = await t.harness.readRows(t.sink, OTHER, STATE.name);
      assert.deepEqual(rows.map((row) => row.campaign_id).sort(), ['2', '3', '4']);
    }
    await t.expectRows(STATE.name, [{ campaign_id: '1', _run_id: 'run-1' }]);
    const failed = { ...KEY, outcome: 'failed' as const, reason: 'failed' as const };
    await t.note({
      outcomes: [
        { schema: SCHEMA, ...failed, message: 'ours' },
        { schema: OTHER, ...failed, message: 'theirs' },
      ],
    });
    await t.commit([await state(t, KEY, ['5'], { asOf: LATE })]);
    const left = (await t.outcomes()).map(({ schema, message }) => `${schema} ${message}`);
    assert.deepEqual(left, [`${OTHER} theirs`], 'a commit settles its own schema');
    await t.note({ cleared: [{ schema: OTHER, ...KEY }] });
    assert.deepEqual(await t.outcomes(), [], 'what is well is no gap');
  }),

  check('reads rows back as texts', async (t) => {
    const rows = (scope: string, columns: readonly string[]) =>
      t.sink.ledger.rows({ schema: SCHEMA, table: ENTITY, scope, columns }, t.ctx());
    assert.deepEqual(await rows('AWS', ['id']), []);
    const write = (scope: string, slice: string, ids: readonly string[]) => {
      const key = { dataset: ENTITY.name, scope, slice };
      const table = { ...ENTITY, mode: 'replace' as const };
      const cells = ids.map((id) => ({ ...key, cells: { id, stage: null, amount: '1.50' } }));
      return t.write({ key, dataset: key.dataset, table, asOf: EARLY, rows: cells });
    };
    await t.commit([
      await write('AWS', 'E"1', ["O'1", 'O2']),
      await write('AWS', 'E2', ['O3']),
      await write('Sandbox', 'E1', ['O4']),
    ]);
    assert.deepEqual((await rows('AWS', ['_slice', 'id', 'stage', 'amount', 'unheard_of'])).toSorted(), [
      ['E"1', "O'1", null, '1.50', null],
      ['E"1', 'O2', null, '1.50', null],
      ['E2', 'O3', null, '1.50', null],
    ]);
    assert.deepEqual(await rows('Sandbox', ['id']), [['O4']]);
    assert.deepEqual(await rows('Nowhere', ['id']), []);
  }),

  check('makes views once what they read is there, and anew when they change', async (t) => {
    const note = (list: readonly View[]) => t.note({ views: list.map((view) => ({ schema: SCHEMA, view })) });
    const query = (sql: string) => t.harness.query(t.sink, sql);
    await note(views);
    await t.commit([await state(t, KEY, ['1', '2'])]);
    await note(views);
    assert.deepEqual(await query(`SELECT comment FROM duckdb_views() WHERE view_name = 'trial_names'`), [
      { comment: plain.description },
    ]);
    assert.deepEqual(await query(`SELECT campaign_id AS id FROM ${SCHEMA}.trial_names ORDER BY id`), [
      { id: '1' },
      { id: '2' },
    ]);
    assert.deepEqual(await query(`SELECT * FROM ${SCHEMA}.trial_named('name 2')`), [{ campaign_id: '2' }]);
    await assert.rejects(query(`SELECT * FROM ${SCHEMA}.trial_misfit`), /trial_misfit/);
    const grown = [...STATE.columns, column('extra', 'varchar')];
    const key = { ...KEY, slice: 'later' };
    const rows = [{ ...key, cells: { campaign_id: '3', extra: 'new' } }];
    await t.commit([await t.write({ key, dataset: key.dataset, table: STATE, columns: grown, asOf: EARLY, rows })]);
    const [third] = await query(`SELECT extra FROM ${SCHEMA}.trial_names WHERE campaign_id = 3`);
    assert.deepEqual(third, { extra: 'new' }, 'a view follows its table');
    await note([{ ...plain, sql: (from) => `SELECT count(*) AS n FROM ${from(STATE.name)}` }]);
    assert.deepEqual(await query(`SELECT n FROM ${SCHEMA}.trial_names`), [{ n: '3' }]);
  }),
];
