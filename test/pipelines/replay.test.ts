import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { registerConnector } from '../../src/connectors/registry.js';
import {
  planReplays,
  type RunEvent,
  type RunOptions,
  type RunResult,
  replayPipelines,
} from '../../src/pipelines/index.js';
import { resetTestSource, testConnector, testSource } from '../support/test-connector.js';
import { EVERYTHING, Workspace } from '../support/workspace.js';

registerConnector(testConnector);

/** Two days, the state and one event of one scope. The secret is nowhere: who opens the source fails. */
const yaml = (options: { types?: string; pipeline?: string; secret?: string } = {}) => `
version: 1
connections: { t: { connector: test${options.secret ?? `, secret: "\${env:NOT_SET_ANYWHERE}"`} } }
landing: ./landing
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  all:
    since: 2026-10-30
    until: 2026-10-31
    ${options.pipeline ?? ''}
    datasets: [{ name: test_report${options.types ?? ''} }, test_state, test_events]
`;
const OPEN = { secret: '' };

let w: Workspace;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-04T12:00:00Z') });
  resetTestSource();
  testSource.events = 1;
  w = await Workspace.make(yaml(OPEN));
});
afterEach(async () => {
  vi.useRealTimers();
  await w.remove();
});

async function replay(filters: Partial<typeof EVERYTHING> = {}, events: RunEvent[] = []): Promise<RunResult> {
  const onEvent = (event: RunEvent) => void events.push(event);
  return replayPipelines({ ...EVERYTHING, ...filters, config: await w.config(), parent: null, onEvent }, w.ctx());
}

/** A run of scope 1 alone. */
const run = (options: Partial<RunOptions> = {}) => w.run({ scopes: ['1'], ...options });

const REPORT = `SELECT count(*)::INT AS n, count(DISTINCT _slice)::INT AS days, sum(cost)::VARCHAR AS cost, count(DISTINCT _run_id)::INT AS runs`;
const inWarehouse = () => w.sql(`${REPORT} FROM test.test_report`);
const inLake = () => w.lakeSql(`${REPORT} FROM read_parquet('LAKE/test_report/**/*.parquet', union_by_name = true)`);
const ledger = () =>
  w.sql(`SELECT dataset, scope, slice, rows, rejects, as_of, artifact_sha256 FROM millpond.slices ORDER BY ALL`);

it('moves rows that fit today from the rejects into their tables, once, and asks no source', async () => {
  testSource.extra = (item) => ({ extra: item === 1 ? 7 : 'n/a' });
  await w.write(yaml({ ...OPEN, types: ', types: { extra: bigint }' }));
  await run();
  expect(await inWarehouse()).toEqual([{ n: 2, days: 2, cost: '0.000000', runs: 1 }]);
  const [before] = await w.sql('SELECT count(*)::INT AS rejects FROM millpond.rejects');
  expect(before).toEqual({ rejects: 2 });
  const asOf = await w.sql('SELECT dataset, scope, slice, as_of FROM millpond.slices ORDER BY ALL');

  vi.setSystemTime(new Date('2026-11-20T12:00:00Z'));
  await w.write(yaml());
  const made = testSource.made.length;
  const { summary, exit } = await replay();
  expect(summary).toMatchObject({
    status: 'succeeded',
    slices: { committed: 2 + 1 + 1, failed: 0, skipped: 0, unchanged: 0 },
    rows: 4 + 2 + 1,
    rejects: 0,
    jobs: { requested: 0 },
    warnings: [{ code: 'W_UNKNOWN_COLUMN' }],
  });
  expect(exit).toBe(0);
  expect(testSource.made).toHaveLength(made);
  const whole = [{ n: 4, days: 2, cost: '0.000002', runs: 1 }];
  expect(await inWarehouse()).toEqual(whole);
  expect(await inLake()).toEqual(whole);
  expect(await w.sql(`SELECT DISTINCT extra::VARCHAR AS extra FROM test.test_report ORDER BY 1`)).toEqual([
    { extra: '7' },
    { extra: 'n/a' },
  ]);
  expect(await w.sql('SELECT count(*)::INT AS rejects FROM millpond.rejects')).toEqual([{ rejects: 0 }]);
  expect(await w.sql('SELECT dataset, scope, slice, as_of FROM millpond.slices ORDER BY ALL')).toEqual(asOf);
  expect(
    await w.sql(
      `SELECT DISTINCT _run_id = '${summary.run_id}' AS new, _loaded_at::VARCHAR AS at FROM test.test_report`,
    ),
  ).toEqual([{ new: true, at: '2026-11-20 12:00:00+00' }]);
  expect(await w.sql(`SELECT trigger, status FROM millpond.runs WHERE run_id = '${summary.run_id}'`)).toEqual([
    { trigger: 'replay', status: 'succeeded' },
  ]);

  const commits = await w.sql('SELECT count(*)::INT AS n FROM millpond.commits');
  await replay();
  expect(await inWarehouse()).toEqual(whole);
  expect(await w.sql('SELECT count(*)::INT AS n FROM millpond.commits')).toEqual(commits);
});

it('fills a warehouse that was lost, also with days that the source no longer keeps', async () => {
  await run();
  const [held, report] = [await ledger(), await inWarehouse()];
  const events = await w.sql('SELECT * EXCLUDE (_run_id, _loaded_at) FROM test.test_events ORDER BY ALL');
  await fs.rm(w.warehouse);
  vi.setSystemTime(new Date('2027-06-01T12:00:00Z'));
  await w.write(yaml());
  const { slices } = await planReplays({ ...EVERYTHING, config: await w.config() }, w.ctx());
  expect(slices).toHaveLength(4);
  const one = await replay({ slices: ['test_report:1:2026-10-30'] });
  expect(one.summary).toMatchObject({ slices: { committed: 1 }, rows: 2 });
  const { summary } = await replay({ from: '2026-10-29' });
  expect(summary.slices).toMatchObject({ committed: 4, skipped: 0 });
  expect(await ledger()).toEqual(held);
  expect(await inWarehouse()).toEqual([{ ...report[0], runs: 1 }]);
  expect(await w.sql('SELECT * EXCLUDE (_run_id, _loaded_at) FROM test.test_events ORDER BY ALL')).toEqual(events);
});

it('commits what failed under a stricter policy, and leaves alone whose files are gone', async () => {
  testSource.extra = () => ({ extra: 1 });
  await w.write(yaml({ ...OPEN, pipeline: 'schema_policy: freeze' }));
  expect((await run({ datasets: ['test_report', 'test_state'] })).summary.slices.failed).toBe(2);
  await w.write(yaml());
  expect((await replay()).summary.slices).toMatchObject({ committed: 3, failed: 0 });
  expect(await inWarehouse()).toEqual([{ n: 4, days: 2, cost: '0.000002', runs: 1 }]);
  expect(await w.sql('SELECT count(*)::INT AS n FROM millpond.gaps')).toEqual([{ n: 0 }]);

  // The source restated the days; of the newer file only the rows are left.
  await w.write(yaml(OPEN));
  testSource.bump = 1;
  vi.setSystemTime(new Date('2026-11-09T12:00:00Z'));
  await run({ datasets: ['test_report'], reload: true });
  const restated = await inWarehouse();
  const folder = path.join(w.folder, 'landing/artifacts/test_report/1');
  const newest = (await fs.readdir(folder))
    .filter((name) => name.includes('-20261109'))
    .map((name) => path.join(folder, name));
  expect(newest).toHaveLength(2);
  for (const file of newest) await fs.rm(file);
  await w.write(yaml());
  const events: RunEvent[] = [];
  const { summary, exit } = await replay({}, events);
  expect(exit).toBe(0);
  expect(summary.slices).toMatchObject({ committed: 1, skipped: 2, failed: 0 });
  expect(summary.warnings).toMatchObject([{ code: 'W_NO_ARTIFACT' }]);
  expect(events.filter((event) => event.type === 'skipped')).toHaveLength(2);
  expect(await w.sql('SELECT sum(cost)::VARCHAR AS cost FROM test.test_report')).toEqual([{ cost: restated[0]!.cost }]);
  expect(await w.sql('SELECT count(*)::INT AS n FROM millpond.gaps')).toEqual([{ n: 0 }]);
});

it('makes slices of several files whole, and what is held where a newer file is no good', async () => {
  await run();
  testSource.suffix = '-b';
  testSource.bump = 1;
  testSource.extra = () => ({ itemId: 'none' });
  vi.setSystemTime(new Date('2026-11-05T12:00:00Z'));
  await run({ datasets: ['test_report', 'test_events'], reload: true });
  const events = () => w.sql('SELECT event_id, note, _profile_id FROM test.test_events ORDER BY ALL');
  const [grown, held] = [await events(), await ledger()];
  expect(grown).toHaveLength(2);
  await w.write(yaml());
  const { summary, exit } = await replay();
  expect(exit).toBe(1);
  expect(summary).toMatchObject({ status: 'partial', slices: { committed: 4, failed: 0 } });
  expect(summary.errors).toHaveLength(2);
  expect(await events()).toEqual(grown);
  expect(await ledger()).toEqual(held);
});
