import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { MillpondError } from '../../base/errors.js';
import type { SliceKey, SliceWrite } from '../index.js';
import { REPORT } from './sink-fixtures.js';
import { check, SCOPE, slice, type Trial, trialRun } from './sink-trial.js';

const DAY: SliceKey = { dataset: 'trial_report', scope: SCOPE, slice: '2026-10-01' };
const NEXT: SliceKey = { ...DAY, slice: '2026-10-02' };
const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';

function small(t: Trial, key: SliceKey, asOf: string, ids: readonly string[]): Promise<SliceWrite> {
  const rows = ids.map((id) => ({ ...key, cells: { report_date: key.slice, campaign_id: id } }));
  return t.write({ key, dataset: key.dataset, table: REPORT, asOf, rows });
}

/** The same slice, claiming one row more than its parts hold. */
function miscounted(write: SliceWrite): SliceWrite {
  const stages = write.stages.map((stage) => ({
    ...stage,
    totals: { ...stage.totals, slices: stage.totals.slices.map((s) => ({ ...s, rows: s.rows + 1 })) },
  }));
  return { ...write, stages };
}

async function rejection(promise: Promise<unknown>): Promise<MillpondError> {
  const error = await promise.then(
    () => assert.fail('it should have failed'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof MillpondError, `a MillpondError, not ${String(error)}`);
  return error;
}

/** What is left when something goes wrong: all of a slice or nothing of it. */
export const failureChecks = [
  check('refuses a slice whose counts do not add up', async (t) => {
    await t.commit([await small(t, DAY, EARLY, ['1'])]);
    const error = await rejection(t.commit([miscounted(await small(t, DAY, LATE, ['2', '3']))]));
    assert.equal(error.code, 'E_COUNT_MISMATCH');
    await t.expectRows('trial_report', [{ campaign_id: '1' }]);
    assert.equal((await t.held())[0]?.asOf, EARLY);
  }),

  check('a failed commit leaves rows and ledger in agreement', async (t) => {
    await t.commit([await small(t, DAY, EARLY, ['1'])]);
    const good = await small(t, NEXT, LATE, ['5', '6', '7']);
    await rejection(t.commit([good, miscounted(await small(t, DAY, LATE, ['2', '3']))]));
    await t.expectAgreement('trial_report');
    await t.commit([good, await small(t, DAY, LATE, ['2', '3'])]);
    await t.expectAgreement('trial_report');
    assert.equal((await t.rows('trial_report')).length, 5, 'usable afterwards');
  }),

  check('a commit that was aborted before it began leaves nothing', async (t) => {
    await t.commit([await small(t, DAY, EARLY, ['1'])]);
    const write = await small(t, DAY, LATE, ['2']);
    const prepared = await t.sink.prepare([write], trialRun(), t.ctx());
    const error = await rejection(t.sink.commit([prepared], trialRun(), t.ctx(AbortSignal.abort())));
    await prepared.discard();
    assert.equal(error.code, 'E_INTERRUPTED');
    await t.expectRows('trial_report', [{ campaign_id: '1' }]);
  }),

  check('a commit aborted on its way leaves all or nothing', async (t) => {
    const count = 60_000;
    await t.commit([await small(t, DAY, EARLY, ['-1'])]);
    const stage = await t.forge.bulk(DAY, LATE, count);
    for (const afterMs of [5, 40, 90]) {
      const controller = new AbortController();
      const prepared = await t.sink.prepare([slice(DAY, [stage])], trialRun(), t.ctx());
      const commit = t.sink.commit([prepared], trialRun(), t.ctx(controller.signal)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      await sleep(afterMs);
      const aborted = performance.now();
      controller.abort();
      const error = await commit;
      const waited = performance.now() - aborted;
      await prepared.discard();
      const [held] = await t.held();
      const rows = await t.rows('trial_report');
      assert.equal(rows.length, held?.rows, 'ledger and rows agree');
      if (error !== undefined) {
        assert.ok(error instanceof MillpondError && error.code === 'E_INTERRUPTED', String(error));
        assert.ok(waited < 3000, `gave way after ${Math.round(waited)} ms`);
        assert.equal(held?.asOf, EARLY, 'nothing of it is there');
      } else {
        assert.equal(held?.asOf, LATE, 'all of it is there');
        break; // Nothing is left to interrupt.
      }
    }
    await t.commit([slice(DAY, [stage])]);
    assert.equal((await t.held())[0]?.rows, count, 'usable afterwards');
  }),

  check(
    'waits for another process, and goes on when it is gone',
    async (t) => {
      await t.commit([await small(t, DAY, EARLY, ['1'])]);
      const holder = await t.harness.hold!(t.place, 400);
      await t.commit([await small(t, NEXT, EARLY, ['2'])]);
      await holder.release();
      assert.equal((await t.held()).length, 2);
    },
    'hold',
  ),

  check(
    'gives up on a lock after its time, naming the holder',
    async (t) => {
      await t.commit([await small(t, DAY, EARLY, ['1'])]);
      await t.reopen({ lockWaitMs: 250 });
      const write = await small(t, NEXT, EARLY, ['2']);
      const holder = await t.harness.hold!(t.place, 20_000);
      const error = await rejection(t.commit([write]));
      assert.equal(error.code, 'E_LOCKED');
      assert.match(error.message, new RegExp(`\\b${holder.pid}\\b`));
      await holder.release();
      await t.commit([write]);
      assert.equal((await t.held()).length, 2);
    },
    'hold',
  ),

  check(
    'waiting for a lock can be interrupted',
    async (t) => {
      await t.commit([await small(t, DAY, EARLY, ['1'])]);
      const write = await small(t, NEXT, EARLY, ['2']);
      const holder = await t.harness.hold!(t.place, 20_000);
      const started = performance.now();
      const error = await rejection(t.commit([write], { signal: AbortSignal.timeout(200) }));
      assert.equal(error.code, 'E_INTERRUPTED');
      assert.ok(performance.now() - started < 3000, 'at once');
      await holder.release();
    },
    'hold',
  ),
];
