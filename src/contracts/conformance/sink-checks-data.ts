import assert from 'node:assert/strict';
import type { SliceKey } from '../index.js';
import { column, REPORT, STATE } from './sink-fixtures.js';
import { check, SCOPE, slice, trialRun } from './sink-trial.js';

const DAY: SliceKey = { dataset: 'trial_report', scope: SCOPE, slice: '2026-10-01' };
const NEXT: SliceKey = { ...DAY, slice: '2026-10-02' };
const ELSEWHERE: SliceKey = { ...DAY, scope: '12' };
const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';

function row(key: SliceKey, id: string, more: Record<string, string | null> = {}) {
  return { scope: key.scope, slice: key.slice, cells: { report_date: key.slice, campaign_id: id, ...more } };
}

const HARD = {
  name: 'Ünïcode 😀 漢字 "quoted" \\ back\nline \t tab \' it',
  clicks: '9223372036854775807',
  cost: '123456789012.123457',
  rate: '0.1',
  seen_at: '2026-10-01 12:34:56.789012+00',
  active: 'true',
  extra: '{"a":[1,{"b":null}],"big":9007199254740993}',
  tags: '[a, b c, NULL]',
  budget: "{'amount': 9999999999999999999999999999999.99, 'currency': EUR}",
};

/** Rows in, rows out: exactly, whole slices, the newest. */
export const dataChecks = [
  check('reads back exactly what was committed', async (t) => {
    const spec = {
      key: DAY,
      dataset: 'trial_report',
      table: REPORT,
      asOf: EARLY,
      rows: [row(DAY, '9223372036854775807', HARD), row(DAY, '-9007199254740993')],
    };
    const [committed] = await t.commit([await t.write(spec)]);
    assert.deepEqual(committed, { key: DAY, result: 'committed', rows: 2, rejects: 0 });
    const meta = { _profile_id: SCOPE, _slice: '2026-10-01', _run_id: 'run-1', _loaded_at: '2026-11-02 06:00:00+00' };
    const nulls = Object.fromEntries(Object.keys(HARD).map((name) => [name, null]));
    await t.expectRows('trial_report', [
      { ...meta, report_date: '2026-10-01', campaign_id: '9223372036854775807', ...HARD },
      { ...meta, report_date: '2026-10-01', campaign_id: '-9007199254740993', ...nulls },
    ]);
    await t.reopen();
    assert.equal((await t.rows('trial_report')).length, 2, 'another instance sees the same');
  }),

  check('holds an empty slice', async (t) => {
    await t.commit([await t.write({ key: DAY, dataset: DAY.dataset, table: REPORT, asOf: EARLY, rows: [] })]);
    assert.deepEqual(await t.rows('trial_report'), []);
    assert.deepEqual(
      (await t.held()).map((h) => [h.slice, h.rows, h.rejects, h.artifacts.length]),
      [['2026-10-01', 0, 0, 1]],
    );
  }),

  check('an empty slice replaces rows', async (t) => {
    const base = { key: DAY, dataset: DAY.dataset, table: REPORT };
    await t.commit([await t.write({ ...base, asOf: EARLY, rows: [row(DAY, '1')] })]);
    await t.commit([await t.write({ ...base, asOf: LATE, rows: [] })]);
    assert.deepEqual(await t.rows('trial_report'), []);
    assert.equal((await t.held())[0]?.rows, 0);
  }),

  check('replaces a slice and nothing beside it', async (t) => {
    const base = { dataset: DAY.dataset, table: REPORT };
    for (const key of [DAY, NEXT, ELSEWHERE]) {
      await t.commit([
        await t.write({ ...base, key, asOf: EARLY, rows: [row(key, '1', { clicks: '1' }), row(key, '2')] }),
      ]);
    }
    await t.commit([await t.write({ ...base, key: DAY, asOf: LATE, rows: [row(DAY, '1', { clicks: '5' })] })], {
      run: trialRun('run-2'),
    });
    await t.expectRows('trial_report', [
      { _profile_id: SCOPE, _slice: DAY.slice, campaign_id: '1', clicks: '5', _run_id: 'run-2' },
      { _profile_id: SCOPE, _slice: NEXT.slice, campaign_id: '1', clicks: '1', _run_id: 'run-1' },
      { _profile_id: SCOPE, _slice: NEXT.slice, campaign_id: '2', clicks: null, _run_id: 'run-1' },
      { _profile_id: '12', _slice: DAY.slice, campaign_id: '1', clicks: '1', _run_id: 'run-1' },
      { _profile_id: '12', _slice: DAY.slice, campaign_id: '2', clicks: null, _run_id: 'run-1' },
    ]);
    await t.expectAgreement('trial_report');
  }),

  check('current state replaces the scope, and no other scope', async (t) => {
    const base = { dataset: 'trial_state', table: STATE };
    const state = async (scope: string, day: string, asOf: string, ids: string[]) => {
      const key = { dataset: 'trial_state', scope, slice: day };
      const rows = ids.map((id) => ({ scope, slice: day, cells: { campaign_id: id, name: day } }));
      const rejects = [{ scope, slice: day, raw: `{${day}}`, reasons: ['campaign_id: missing'] }];
      return t.commit([await t.write({ ...base, key, asOf, rows, rejects }, { currentState: true })]);
    };
    await state('11', '2026-10-10', EARLY, ['1', '2', '3']);
    await state('12', '2026-10-10', EARLY, ['1']);
    await state('11', '2026-10-11', LATE, ['2', '4']);
    await t.expectRows('trial_state', [
      { _profile_id: '11', campaign_id: '2', _slice: '2026-10-11' },
      { _profile_id: '11', campaign_id: '4', _slice: '2026-10-11' },
      { _profile_id: '12', campaign_id: '1', _slice: '2026-10-10' },
    ]);
    assert.deepEqual((await t.held()).map((h) => `${h.scope} ${h.slice}`).sort(), ['11 2026-10-11', '12 2026-10-10']);
    assert.deepEqual((await t.rejects()).map((r) => `${r.scope} ${r.slice}`).sort(), [
      '11 2026-10-11',
      '12 2026-10-10',
    ]);
  }),

  check('older never replaces newer', async (t) => {
    const base = { key: DAY, dataset: DAY.dataset, table: REPORT };
    await t.commit([await t.write({ ...base, asOf: LATE, rows: [row(DAY, '1', { clicks: '7' })] })]);
    const results = await t.commit([await t.write({ ...base, asOf: EARLY, rows: [row(DAY, '1'), row(DAY, '2')] })]);
    assert.deepEqual(
      results.map((r) => r.result),
      ['superseded'],
    );
    await t.expectRows('trial_report', [{ campaign_id: '1', clicks: '7' }]);
    assert.equal((await t.held())[0]?.asOf, LATE);
  }),

  check('older current state never replaces newer', async (t) => {
    const state = async (day: string, asOf: string) => {
      const key = { dataset: 'trial_state', scope: '11', slice: day };
      const rows = [{ scope: '11', slice: day, cells: { campaign_id: '1', name: day } }];
      return t.commit([await t.write({ key, dataset: key.dataset, table: STATE, asOf, rows }, { currentState: true })]);
    };
    await state('2026-10-11', LATE);
    assert.equal((await state('2026-10-10', EARLY))[0]?.result, 'superseded');
    await t.expectRows('trial_state', [{ name: '2026-10-11', _slice: '2026-10-11' }]);
    assert.deepEqual(
      (await t.held()).map((h) => h.slice),
      ['2026-10-11'],
    );
  }),

  check('of two commits of one slice at once the newer counts', async (t) => {
    const base = { key: DAY, dataset: DAY.dataset, table: REPORT };
    const newer = await t.write({ ...base, asOf: LATE, rows: [row(DAY, '2')] });
    const older = await t.write({ ...base, asOf: EARLY, rows: [row(DAY, '1')] });
    const results = await t.commit([newer, older]);
    assert.deepEqual(
      results.map((r) => r.result),
      ['committed', 'superseded'],
    );
    await t.expectRows('trial_report', [{ campaign_id: '2' }]);
  }),

  check('commits many slices at once, from parts that they share', async (t) => {
    const days = Array.from({ length: 28 }, (_, i) => `2026-09-${String(i + 1).padStart(2, '0')}`);
    const keys = days.flatMap((day) => ['11', '12'].map((scope) => ({ dataset: DAY.dataset, scope, slice: day })));
    const artifact = (scope: string) => {
      const own = keys.filter((key) => key.scope === scope);
      const rows = own.flatMap((key, i) => Array.from({ length: i % 4 }, (_, n) => row(key, String(n))));
      return { table: REPORT, dataset: DAY.dataset, slices: own, rows, asOf: EARLY };
    };
    const [one, two] = await t.forge.stages([artifact('11'), artifact('12')]);
    const writes = keys.map((key) => slice(key, [(key.scope === '11' ? one : two)!]));
    // Half of an artifact's slices now, half later: the others' rows must not slip in.
    const first = await t.commit(writes.filter((_, i) => i % 3 === 0));
    await t.expectAgreement('trial_report');
    const second = await t.commit(writes.filter((_, i) => i % 3 !== 0));
    assert.equal(first.length + second.length, keys.length);
    assert.deepEqual(
      second.map((c) => `${c.key.scope}:${c.key.slice}`),
      keys.filter((_, i) => i % 3 !== 0).map((key) => `${key.scope}:${key.slice}`),
      'results stand in the order of the writes',
    );
    assert.equal((await t.rows('trial_report')).length, 2 * 42);
    await t.expectAgreement('trial_report');
  }),

  check('adds several artifacts up into one slice', async (t) => {
    const spec = { table: REPORT, dataset: DAY.dataset, slices: [DAY] };
    const plain = await t.forge.stage({ ...spec, asOf: EARLY, rows: [row(DAY, '1'), row(DAY, '2')] });
    const rejects = [{ ...DAY, raw: '{"x":1}', reasons: ['clicks: not a number'] }];
    const video = await t.forge.stage({ ...spec, asOf: LATE, rows: [row(DAY, '3')], rejects });
    const [committed] = await t.commit([slice(DAY, [plain, video])]);
    assert.deepEqual(committed, { key: DAY, result: 'committed', rows: 3, rejects: 1 });
    await t.expectRows('trial_report', [{ campaign_id: '1' }, { campaign_id: '2' }, { campaign_id: '3' }]);
    const [held] = await t.held();
    assert.deepEqual(
      held?.artifacts.map((a) => [a.sha256, a.rows, a.rejects]),
      [
        [plain.artifact.sha256, 2, 0],
        [video.artifact.sha256, 1, 1],
      ],
    );
    assert.equal((await t.rejects())[0]?.artifact_sha256, video.artifact.sha256);
  }),

  check('takes new columns, and slices without them', async (t) => {
    const grown = [...REPORT.columns, column('new_metric', 'varchar')];
    const narrow = REPORT.columns.filter((c) => c.name !== 'clicks');
    const base = { dataset: DAY.dataset, table: REPORT };
    await t.commit([
      await t.write({ ...base, key: DAY, asOf: EARLY, rows: [row(DAY, '1', { clicks: '1' })] }),
      await t.write({ ...base, key: NEXT, asOf: EARLY, columns: grown, rows: [row(NEXT, '2', { new_metric: '0x1' })] }),
    ]);
    const third = { ...DAY, slice: '2026-10-03' };
    await t.commit([await t.write({ ...base, key: third, asOf: LATE, columns: narrow, rows: [row(third, '3')] })]);
    await t.expectRows('trial_report', [
      { campaign_id: '1', clicks: '1', new_metric: null },
      { campaign_id: '2', clicks: null, new_metric: '0x1' },
      { campaign_id: '3', clicks: null, new_metric: null },
    ]);
  }),
];
