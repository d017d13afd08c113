import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerConnector } from '../../src/connectors/registry.js';
import type { RunEvent } from '../../src/pipelines/index.js';
import { resetTestSource, testConnector, testSource } from '../support/test-connector.js';
import { Workspace } from '../support/workspace.js';

registerConnector(testConnector);

const YAML = `
version: 1
connections: { t: { connector: test } }
landing: ./landing
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  all: { connection: t, sinks: [warehouse, lake], since: 2026-10-01, until: 2026-10-31, datasets: ["test_*"] }
`;
/** 31 days of 2 scopes, the state of 2 scopes, 3 events of 2 scopes. */
const EVERY_SLICE = 31 * 2 + 2 + 3 * 2;

let w: Workspace;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-04T12:00:00Z') });
  resetTestSource();
  w = await Workspace.make(YAML);
});
afterEach(async () => {
  vi.useRealTimers();
  await w.remove();
});

describe('a run', () => {
  it('brings 31 days in one file, current state and direct reads into both sinks', async () => {
    const { summary, exit } = await w.run();
    expect(summary).toMatchObject({
      status: 'succeeded',
      slices: { committed: EVERY_SLICE, failed: 0, waiting: 0, skipped: 0, unchanged: 0 },
      rows: 31 * 2 * 2 + 4 + 6,
      rejects: 0,
      errors: [],
    });
    expect(exit).toBe(0);
    // One job covers 31 days: two of reports, two of state.
    expect(testSource.made.sort()).toEqual([
      'test_report 1 31',
      'test_report 9007199254740993 31',
      'test_state 1 1',
      'test_state 9007199254740993 1',
    ]);
    const report = `SELECT count(*) AS n, count(DISTINCT _slice) AS days, sum(cost)::VARCHAR AS cost, max(_profile_id) AS id`;
    const expected = [{ n: '124', days: '31', cost: '0.000062', id: '9007199254740993' }];
    expect(await w.sql(`${report} FROM test.test_report`)).toEqual(expected);
    expect(
      await w.lakeSql(`${report} FROM read_parquet('LAKE/test_report/**/*.parquet', hive_partitioning = true)`),
    ).toEqual(expected);
    expect(await w.sql('SELECT item_id, name FROM test.test_state WHERE _profile_id = 1 ORDER BY 1 DESC')).toEqual([
      { item_id: '9007199254740995', name: 'item of 1' },
      { item_id: '2', name: 'v0' },
    ]);
    expect(await w.sql("SELECT note FROM test.test_events WHERE event_id = 'e-3' AND _profile_id = 1")).toEqual([
      { note: 'a\n"note"' },
    ]);
    expect(await w.sql('SELECT count(*) AS n, sum(rows) AS rows FROM millpond.slices')).toEqual([
      { n: String(EVERY_SLICE), rows: '134' },
    ]);
    expect(await fs.readdir(path.join(w.folder, 'landing', 'journal'))).toEqual(['damaged']);
    expect(await fs.readdir(path.join(w.folder, 'landing', 'staging'))).toEqual([]);
  });

  it('again has nothing to do, and says so', async () => {
    await w.run();
    const { summary, exit } = await w.run();
    expect(summary).toMatchObject({ status: 'nothing_to_do', rows: 0, rows_total: 134, jobs: { requested: 0 } });
    expect(exit).toBe(0);
    expect(testSource.made).toHaveLength(4);
    expect(testSource.reads).toHaveLength(6);
  });

  it('asks only for what became due or appeared since', async () => {
    await w.run();
    testSource.events = 4;
    vi.setSystemTime(new Date('2026-11-05T12:00:00Z'));
    const { summary } = await w.run();
    // October 29th passed the age of 7; state is due, and unchanged; one event more a scope.
    expect(summary.slices).toEqual({ committed: 4, failed: 0, waiting: 0, skipped: 0, unchanged: 2 });
    vi.setSystemTime(new Date('2026-11-07T12:00:00Z'));
    testSource.bump = 1;
    const later = await w.run();
    // So did October 30th and 31st.
    expect(later.summary.slices).toMatchObject({ committed: 2 * 2 + 2, unchanged: 0 });
    expect(
      await w.sql(`SELECT _slice::VARCHAR AS day, min(cost)::VARCHAR AS cost FROM test.test_report WHERE _profile_id = 1
      AND date >= '2026-10-28' GROUP BY ALL ORDER BY 1`),
    ).toEqual([
      { day: '2026-10-28', cost: '0.000000' },
      { day: '2026-10-29', cost: '0.000000' },
      { day: '2026-10-30', cost: '1.000000' },
      { day: '2026-10-31', cost: '1.000000' },
    ]);
    expect(await w.sql('SELECT DISTINCT name FROM test.test_state WHERE item_id = 2')).toEqual([{ name: 'v1' }]);
  });

  it('moves as_of alone where the content is the same', async () => {
    await w.run();
    vi.setSystemTime(new Date('2026-11-04T15:00:00Z'));
    const { summary } = await w.run({ reload: true, datasets: ['test_report'] });
    expect(summary).toMatchObject({ status: 'succeeded', slices: { committed: 0, unchanged: 62 }, rows: 0 });
    expect(
      await w.sql(`SELECT DISTINCT as_of::VARCHAR AS as_of FROM millpond.slices WHERE dataset = 'test_report'`),
    ).toEqual([{ as_of: '2026-11-04 15:00:00+00' }]);
  });

  it('leaves jobs that are not ready, and goes on with them later', async () => {
    testSource.pendingPolls = 1;
    const first = await w.run({ noWait: true, datasets: ['test_report'] });
    expect(first.summary).toMatchObject({
      status: 'waiting',
      slices: { waiting: 62, committed: 0 },
      jobs: { requested: 2 },
    });
    expect(first.exit).toBe(75);
    expect(await w.sql(`SELECT count(*) AS n, any_value(reason) AS reason FROM millpond.gaps`)).toEqual([
      { n: '62', reason: 'waiting' },
    ]);
    const events: RunEvent[] = [];
    const second = await w.run({ datasets: ['test_report'] }, events);
    expect(second.summary).toMatchObject({
      status: 'succeeded',
      slices: { committed: 62 },
      jobs: { requested: 0, resumed: 2 },
    });
    expect(testSource.made).toHaveLength(2);
    expect(events.filter(({ type }) => type === 'resumed')).toHaveLength(2);
    expect(await w.sql('SELECT count(*) AS n FROM millpond.gaps')).toEqual([{ n: '0' }]);
  });

  it('asks after no job whose file is here, however a run ended after it landed', async () => {
    const stop = new AbortController();
    let landed = 0;
    const onEvent = ({ type }: RunEvent) => {
      if (type === 'landed' && ++landed === 2) stop.abort();
    };
    const stopped = await w.run({ datasets: ['test_report'], onEvent }, [], stop.signal);
    expect(stopped.summary).toMatchObject({ status: 'interrupted', slices: { committed: 0 } });
    expect(testSource.downloads).toHaveLength(2);
    // The source would never say that they are ready.
    testSource.pendingPolls = 1e9;
    const { summary } = await w.run({ noWait: true, datasets: ['test_report'] });
    expect(summary).toMatchObject({
      status: 'succeeded',
      slices: { committed: 62 },
      jobs: { requested: 0, resumed: 2 },
    });
    expect(testSource.downloads).toHaveLength(2);
  });

  it('fills a sink that was added later from the files that are kept', async () => {
    await w.write(YAML.replace('[warehouse, lake]', '[warehouse]'));
    await w.run({ datasets: ['test_report'] });
    await w.write(YAML);
    const { summary } = await w.run({ datasets: ['test_report'] });
    expect(summary).toMatchObject({ status: 'succeeded', jobs: { requested: 0 }, slices: { committed: 62 } });
    expect(testSource.downloads).toHaveLength(2);
    expect(await w.lakeSql(`SELECT count(*) AS n FROM read_parquet('LAKE/test_report/**/*.parquet')`)).toEqual([
      { n: '124' },
    ]);
  });

  it('loads a sink that was lost, or another pipeline, from files that are fresh enough: the source is not asked', async () => {
    await w.write(YAML.replace('[warehouse, lake]', '[warehouse]'));
    const first = await w.run({ datasets: ['test_report', 'test_state'] });
    await fs.rm(w.warehouse);
    const again = await w.run({ datasets: ['test_report', 'test_state'] });
    expect(again.summary).toMatchObject({ status: 'succeeded', jobs: { requested: 0 }, rows: first.summary.rows });
    const other =
      "  other: { connection: t, sinks: [lake], since: 2026-10-01, until: 2026-10-31, datasets: ['test_report'] }";
    await w.write(`${YAML.replace('[warehouse, lake]', '[warehouse]')}${other}\n`);
    const lake = await w.run({ pipelines: ['other'] });
    expect(lake.summary).toMatchObject({ status: 'succeeded', jobs: { requested: 0 }, slices: { committed: 62 } });
    expect(testSource.made).toHaveLength(4);
    // What was restated since is asked for: October 29th to 31st passed the age of 7.
    vi.setSystemTime(new Date('2026-11-07T12:00:00Z'));
    await fs.rm(w.warehouse);
    const stale = await w.run({ pipelines: ['all'], datasets: ['test_report'] });
    expect(stale.summary).toMatchObject({ status: 'succeeded', jobs: { requested: 2 } });
  });

  it('asks again where the landing folder lost a file', async () => {
    testSource.pendingPolls = 0;
    await w.write(YAML.replace('[warehouse, lake]', '[warehouse]'));
    await w.run({ datasets: ['test_report'] });
    await fs.rm(path.join(w.folder, 'landing', 'artifacts'), { recursive: true });
    await w.write(YAML);
    const { summary } = await w.run({ datasets: ['test_report'] });
    expect(summary).toMatchObject({ status: 'succeeded', jobs: { requested: 2 } });
    expect(await w.lakeSql(`SELECT count(*) AS n FROM read_parquet('LAKE/test_report/**/*.parquet')`)).toEqual([
      { n: '124' },
    ]);
  });

  it('sets a damaged journal entry aside, warns, and loads everything', async () => {
    testSource.pendingPolls = 1;
    await w.run({ noWait: true, datasets: ['test_report'] });
    const journal = path.join(w.folder, 'landing', 'journal');
    const [entry] = (await fs.readdir(journal)).filter((name) => name.endsWith('.jsonl'));
    await fs.writeFile(path.join(journal, entry!), 'garbage');
    const { summary, exit } = await w.run({ datasets: ['test_report'] });
    expect(summary).toMatchObject({
      status: 'succeeded',
      slices: { committed: 62 },
      jobs: { requested: 1, resumed: 1 },
    });
    expect(summary.warnings).toEqual([expect.objectContaining({ code: 'E_JOURNAL_CORRUPT' })]);
    expect(exit).toBe(0);
  });
});
