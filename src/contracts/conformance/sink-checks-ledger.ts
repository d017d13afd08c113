import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import type { SliceKey } from '../index.js';
import { REPORT } from './sink-fixtures.js';
import { check, SCHEMA, SCOPE, trialRun } from './sink-trial.js';

const DAY: SliceKey = { dataset: 'trial_report', scope: SCOPE, slice: '2026-10-01' };
const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';

function report(key: SliceKey, ids: readonly string[], more: { raw?: readonly string[]; artifact?: string } = {}) {
  return {
    key,
    dataset: key.dataset,
    table: REPORT,
    rows: ids.map((id) => ({ ...key, cells: { report_date: key.slice, campaign_id: id } })),
    rejects: (more.raw ?? []).map((raw) => ({ ...key, raw, reasons: ['clicks: not an integer', 'cost: missing'] })),
    ...(more.artifact ? { artifact: more.artifact } : {}),
  };
}

const REASONS = "['clicks: not an integer', 'cost: missing']";

const failed = (key: SliceKey, message: string) => ({
  ...key,
  schema: SCHEMA,
  outcome: 'failed' as const,
  reason: 'failed' as const,
  message,
});

/** What a sink knows about what it holds. */
export const ledgerChecks = [
  check('is empty where there is nothing, and stays untouched by looking', async (t) => {
    assert.deepEqual(await t.held(), []);
    assert.deepEqual(await t.outcomes(), []);
    assert.deepEqual(await t.sink.ledger.lastRuns(t.ctx()), []);
    await t.sink.maintain(t.ctx());
    assert.deepEqual(await fs.readdir(t.place), [], 'looking writes nothing');
    await t.sink.migrate(t.ctx());
    assert.notDeepEqual(await fs.readdir(t.place), [], 'migrating makes what is not there yet');
    assert.deepEqual(await t.held(), []);
  }),

  check('the ledger says what was written', async (t) => {
    const write = await t.write({ ...report(DAY, ['1', '2'], { raw: ['{"bad":1}'] }), asOf: EARLY }, { final: true });
    await t.commit([write], { run: trialRun('run-7') });
    const artifact = write.stages[0]?.artifact;
    assert.deepEqual(await t.held(), [
      {
        schema: SCHEMA,
        ...DAY,
        rows: 2,
        rejects: 1,
        artifacts: [
          {
            sha256: artifact?.sha256,
            contentSha256: artifact?.contentSha256,
            path: artifact?.path,
            bytes: artifact?.bytes,
            rows: 2,
            rejects: 1,
            asOf: EARLY,
          },
        ],
        requestFingerprint: 'request-1',
        asOf: EARLY,
        committedAt: t.now,
        runId: 'run-7',
        final: true,
      },
    ]);
  }),

  check('the ledger is narrowed by dataset and scope', async (t) => {
    const keys = ['trial_report', 'other_report'].flatMap((dataset) =>
      ['11', '12'].map((scope) => ({ dataset, scope, slice: '2026-10-01' })),
    );
    for (const key of keys) {
      const table = { ...REPORT, name: key.dataset };
      await t.commit([await t.write({ ...report(key, ['1']), table, asOf: EARLY })]);
    }
    const names = async (query: Parameters<typeof t.held>[0]) =>
      (await t.held(query)).map((h) => `${h.dataset}:${h.scope}`).sort();
    assert.deepEqual(await names({ datasets: ['other_report'] }), ['other_report:11', 'other_report:12']);
    assert.deepEqual(await names({ scopes: ['12'] }), ['other_report:12', 'trial_report:12']);
    assert.deepEqual(await names({ datasets: ['trial_report'], scopes: ['11'] }), ['trial_report:11']);
    assert.deepEqual(await names({ datasets: [] }), []);
  }),

  check('keeps rejects, and replaces them with their slice', async (t) => {
    const beside = { ...DAY, slice: '2026-10-02' };
    const raw = '{"clicks":"１２","name":"quo\\"te 😀"}';
    await t.commit([
      await t.write({ ...report(DAY, ['1'], { raw: [raw, '{"b":2}'] }), asOf: EARLY }),
      await t.write({ ...report(beside, [], { raw: ['{"c":3}'] }), asOf: EARLY }),
    ]);
    const [first] = (await t.rejects()).filter((r) => r.row_number === '2' && r.slice === DAY.slice);
    assert.deepEqual(
      [first?.dataset, first?.scope, first?.raw, first?.reasons, first?.run_id],
      ['trial_report', SCOPE, raw, REASONS, 'run-1'],
    );
    assert.equal((await t.rejects()).length, 3);
    await t.commit([await t.write({ ...report(DAY, ['1'], { raw: ['{"d":4}'] }), asOf: LATE })]);
    assert.deepEqual((await t.rejects()).map((r) => r.raw).sort(), ['{"c":3}', '{"d":4}']);
    await t.commit([await t.write({ ...report(DAY, ['1', '2']), asOf: '2026-10-12T00:00:00.000Z' })]);
    assert.deepEqual(
      (await t.rejects()).map((r) => r.raw),
      ['{"c":3}'],
    );
  }),

  check('a touch moves as of and nothing else', async (t) => {
    await t.commit([await t.write({ ...report(DAY, ['1'], { raw: ['{}'] }), asOf: EARLY })]);
    const before = await t.rows('trial_report');
    const [held] = await t.held();
    const results = await t.commit([t.touch(DAY, LATE, true)], { run: trialRun('run-2') });
    assert.deepEqual(results, [{ key: DAY, result: 'unchanged', rows: 1, rejects: 1 }]);
    assert.deepEqual(await t.rows('trial_report'), before);
    const [after] = await t.held();
    assert.deepEqual([after?.asOf, after?.final], [LATE, true]);
    assert.deepEqual(
      [after?.rows, after?.rejects, after?.artifacts.length, after?.committedAt],
      [1, 1, 1, held?.committedAt],
    );
    const older = await t.commit([t.touch(DAY, EARLY)]);
    assert.equal(older[0]?.result, 'superseded');
    assert.equal((await t.held())[0]?.asOf, LATE, 'as of never moves back');
  }),

  check('a slice committed twice is there once', async (t) => {
    const spec = { ...report(DAY, ['1', '2'], { raw: ['{}'], artifact: 'same' }), asOf: EARLY };
    const [first] = await t.commit([await t.write(spec)]);
    const [held] = await t.held();
    await t.reopen();
    const [second] = await t.commit([await t.write(spec)], { run: trialRun('run-2') });
    assert.notEqual(second?.result, 'superseded');
    assert.deepEqual([second?.rows, second?.rejects], [first?.rows, first?.rejects]);
    await t.expectRows('trial_report', [{ campaign_id: '1' }, { campaign_id: '2' }]);
    assert.equal((await t.rejects()).length, 1);
    const [again] = await t.held();
    assert.deepEqual([again?.asOf, again?.rows, again?.artifacts], [held?.asOf, held?.rows, held?.artifacts]);
    assert.equal((await t.held()).length, 1);
  }),

  check('counts outcomes, and clears them with a commit', async (t) => {
    const beside = { ...DAY, slice: '2026-10-02' };
    await t.note({ run: trialRun('run-1'), outcomes: [failed(DAY, 'one'), failed(beside, 'one')] });
    await t.note({ run: trialRun('run-1'), outcomes: [failed(DAY, 'one')] });
    const [once] = (await t.outcomes()).filter((o) => o.slice === DAY.slice);
    assert.equal(once?.attempts, 1, 'the same note of the same run counts once');
    const since = t.now;
    t.now = '2026-11-03T06:00:00.000Z';
    await t.note({ run: trialRun('run-2'), outcomes: [failed(DAY, 'two')] });
    const [twice] = (await t.outcomes({ scopes: [SCOPE] })).filter((o) => o.slice === DAY.slice);
    assert.deepEqual(twice, { ...failed(DAY, 'two'), attempts: 2, since, runId: 'run-2' });
    await t.commit([await t.write({ ...report(DAY, ['1']), asOf: EARLY })], { run: trialRun('run-3') });
    assert.deepEqual(
      (await t.outcomes()).map((o) => o.slice),
      [beside.slice],
    );
    assert.deepEqual(await t.outcomes({ datasets: ['other'] }), []);
  }),

  check('remembers the last run of each pipeline', async (t) => {
    const run = (runId: string, pipeline: string, startedAt: string) => ({ ...trialRun(runId), pipeline, startedAt });
    await t.note({ run: run('b-1', 'b', '2026-11-01T00:00:00.000Z') });
    await t.note({ run: run('a-1', 'a', '2026-11-02T00:00:00.000Z') });
    const last = run('a-2', 'a', '2026-11-03T00:00:00.000Z');
    await t.commit([await t.write({ ...report(DAY, ['1']), asOf: EARLY })], { run: last });
    const running = (await t.sink.ledger.lastRuns(t.ctx())).find((r) => r.pipeline === 'a');
    assert.deepEqual(running, last, 'rows are never there without their run');
    const ended = { ...last, status: 'partial' as const, endedAt: t.now, rows: 1, rejects: 2, errors: 3 };
    await t.note({ run: ended });
    const runs = await t.sink.ledger.lastRuns(t.ctx());
    assert.deepEqual(
      runs.find((r) => r.pipeline === 'a'),
      ended,
    );
    assert.deepEqual(runs.map((r) => r.runId).sort(), ['a-2', 'b-1']);
    assert.deepEqual(await t.sink.ledger.look({}, t.ctx()), {
      slices: await t.sink.ledger.slices({}, t.ctx()),
      outcomes: await t.outcomes(),
      lastRuns: runs,
    });
  }),

  check('another reason begins another count', async (t) => {
    await t.note({ run: trialRun('run-1'), outcomes: [failed(DAY, 'one')] });
    t.now = '2026-11-03T06:00:00.000Z';
    const skipped = {
      ...DAY,
      schema: SCHEMA,
      outcome: 'skipped' as const,
      reason: 'not_offered' as const,
      message: 'never',
    };
    await t.note({ run: trialRun('run-2'), outcomes: [skipped] });
    assert.deepEqual(await t.outcomes(), [{ ...skipped, attempts: 1, since: t.now, runId: 'run-2' }]);
  }),
];
