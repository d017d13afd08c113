import { afterEach, describe, expect, it } from 'vitest';
import type { SandboxOptions } from '../../src/sandbox/index.js';
import type { Running } from '../support/cli.js';
import { summaryOf } from '../support/cli.js';
import { type Begun, count, DAYS, Trial, type TrialOptions, told, until } from './trial.js';

let trials: Trial[] = [];
afterEach(async () => {
  await Promise.all(trials.map((trial) => trial.end()));
  trials = [];
});

async function trial(sandbox: SandboxOptions, options: Partial<TrialOptions> = {}): Promise<Trial> {
  const made = await Trial.make(sandbox, {
    datasets: ['sp_campaigns_report_v2', 'sd_campaigns_report_v2'],
    ...options,
  });
  trials.push(made);
  return made;
}

/** Jobs that are not ready before the test says so, however slow or quick the machine is. */
const HELD = { jobSeconds: 600, profiles: 1 };
const release = (t: Trial) => t.sandbox.advance({ seconds: 600 });
/** Jobs that a trial with one profile makes: a report of campaigns, and one for each tactic, on two days. */
const JOBS = 2 * 3;

/** A stop is over within three seconds; a busy machine may need a moment more to notice. */
const STOP_MS = 5000;

/** Until a run knows all of its jobs, be they its own or those of a run before. */
const allKnown = (run: Running | Begun) =>
  until(
    'all jobs were known',
    () => count(run, 'requested') + jobsResumed(run) === JOBS,
    ...('child' in run ? [run] : []),
  );
/** An entry that had not got its job yet is resumed without one, and asked for after that. */
const jobsResumed = (run: Running | Begun) =>
  'child' in run
    ? (run.output.stdout.match(/"type":"resumed","job"/g)?.length ?? 0)
    : run.events.filter((event) => event.type === 'resumed' && event.job !== undefined).length;

describe('two runs of one pipeline', () => {
  it('never run at once: the second is turned away naming the first, or waits and finds nothing to do', async () => {
    const t = await trial(HELD);
    const first = t.start(['run', '--json']);
    await until('the first run had begun', () => count(first, 'requested') > 0, first);
    const refused = await t.run({ lockWaitMs: 300 });
    expect(refused.status).toBe(75);
    expect(refused.summary).toMatchObject({
      status: 'failed',
      errors: [{ code: 'E_LOCKED', message: expect.stringContaining(`pid ${first.child.pid}`) }],
    });
    const waiting = t.start(['run', '--json']);
    await until('the second run waited', () => count(waiting, 'lock_wait') > 0, waiting);
    release(t);
    expect((await first.ended).status).toBe(0);
    const second = told(await waiting.ended);
    expect(second.status).toBe(0);
    expect(second.events).toContainEqual({ type: 'lock_wait', what: 'pipeline daily', pid: String(first.child.pid) });
    expect(second.summary).toMatchObject({ status: 'nothing_to_do', jobs: { requested: 0 } });
    expect(t.sandbox.stats()).toMatchObject({ jobsCreated: JOBS, duplicateJobs: 0 });
    expect(await t.differences()).toEqual([]);
  });
});

describe('two pipelines that share a landing folder', () => {
  const two = (text: string) =>
    text
      .replace('warehouse: {', 'other: { sink: duckdb, path: ./other.duckdb }\n  warehouse: {')
      .replace(
        / {2}daily:([\s\S]*)$/,
        (daily) => `${daily}\n${daily.replace('daily', 'second').replace('[warehouse]', '[other]')}`,
      );
  const inOther = async (t: Trial) => {
    const rows =
      'SELECT _profile_id, _slice, count(*) AS n, sum(cost)::VARCHAR AS cost FROM amazon_ads.sp_campaigns_report_v2 GROUP BY ALL ORDER BY ALL';
    expect(await t.sql(rows, `${t.w.folder}/other.duckdb`)).toEqual(await t.sql(rows));
  };

  it('ask for a job once, when they begin at the same moment', async () => {
    const t = await trial(HELD, { yaml: two });
    const both = ['daily', 'second'].map((name) => t.start(['run', name, '--json']));
    const asked = () => both.reduce((sum, running) => sum + count(running, 'requested'), 0);
    await until('all jobs were asked for', () => asked() === JOBS, both[0]);
    release(t);
    for (const { ended } of both) {
      const { status, summary, stderr } = told(await ended);
      expect(status, stderr).toBe(0);
      expect(summary).toMatchObject({ status: 'succeeded', slices: { committed: JOBS + 1, failed: 0 } });
    }
    expect(t.sandbox.stats()).toMatchObject({ jobsCreated: JOBS, duplicateJobs: 0, downloads: JOBS });
    expect(await t.differences()).toEqual([]);
    await inOther(t);
    expect(await t.inFlight()).toEqual([]);
  });

  it('take over from each other: the owner of the jobs is killed while the other waits for them', async () => {
    const t = await trial(HELD, { yaml: two });
    const owner = t.start(['run', 'daily', '--json']);
    await allKnown(owner);
    const other = t.begin({ pipelines: ['second'] });
    await until('the other had planned', () => count(other, 'planned') === 1);
    owner.child.kill('SIGKILL');
    await owner.ended;
    await allKnown(other);
    release(t);
    expect(await other.ended).toMatchObject({
      status: 0,
      summary: { status: 'succeeded', jobs: { requested: 0, resumed: JOBS } },
    });
    // The killed one had committed nothing; its own sinks are filled from the files that the other landed.
    const revived = await t.run({ pipelines: ['daily'] });
    expect(revived).toMatchObject({ status: 0, summary: { status: 'succeeded', jobs: { requested: 0, resumed: 0 } } });
    expect(t.sandbox.stats().duplicateJobs).toBe(0);
    expect(await t.differences()).toEqual([]);
    await inOther(t);
    expect(await t.inFlight()).toEqual([]);
  });
});

describe('a warehouse that somebody else has open', () => {
  it('is waited for by sql and run, which name the holder; what was landed is not asked for again', async () => {
    const t = await trial({ profiles: 1 });
    expect((await t.run({ datasets: ['profiles'] })).status).toBe(0);
    const holder = await hold(t);
    const turnedAway = await t.run({ lockWaitMs: 300 });
    expect(turnedAway.status).toBe(75);
    expect(turnedAway.summary.errors).toContainEqual(
      expect.objectContaining({ code: 'E_LOCKED', message: expect.stringContaining(String(holder.child.pid)) }),
    );
    const sql = t.start(['sql', 'SELECT count(*) AS n FROM profiles', '--format', 'csv']);
    await until('sql said whom it waits for', () => sql.output.stderr.includes(String(holder.child.pid)), sql);
    holder.child.kill('SIGTERM');
    expect(await sql.ended).toMatchObject({ status: 0, stdout: expect.stringMatching(/^n\r?\n1\r?\n$/) });
    expect((await t.run()).status).toBe(0);
    expect(await t.differences()).toEqual([]);
    expect(t.sandbox.stats().duplicateJobs).toBe(0);
  });

  it('answers sql all through a load', async () => {
    const t = await trial({ profiles: 1, jobSeconds: 0.2 });
    expect((await t.run()).status).toBe(0);
    const rows = await t.sql('SELECT count(*)::VARCHAR AS n FROM amazon_ads.sp_campaigns_report_v2');
    let over = false;
    const reload = t.run({ reload: true }).finally(() => {
      over = true;
    });
    let asked = 0;
    while (!over) {
      const answer = await t.millpond(
        'sql',
        'SELECT count(*)::VARCHAR AS n FROM sp_campaigns_report_v2',
        '--format',
        'json',
      );
      expect(answer.status, answer.stderr).toBe(0);
      expect(JSON.parse(answer.stdout)).toEqual(rows);
      asked++;
    }
    expect(asked).toBeGreaterThan(0);
    expect(await reload).toMatchObject({ status: 0, summary: { status: 'succeeded' } });
  });
});

describe('a schedule', () => {
  it('runs at its times, never beside itself nor beside a run by hand, and stops gracefully', async () => {
    const t = await trial(HELD, { pipeline: 'schedule: { cron: "* * * * * *", timezone: Asia/Tokyo }' });
    const schedule = t.start(['schedule', '--json']);
    await until('the schedule had begun a run', () => count(schedule, 'requested') > 0, schedule);
    const byHand = t.begin();
    await until('the run by hand waited', () => count(byHand, 'lock_wait') > 0);
    release(t);
    expect(await byHand.ended).toMatchObject({ status: 0, summary: { status: 'nothing_to_do' } });
    await until('the schedule had gone on', () => count(schedule, 'run_started') > 1, schedule);
    const stopped = performance.now();
    schedule.child.kill('SIGTERM');
    expect((await schedule.ended).status).toBe(130);
    expect(performance.now() - stopped).toBeLessThan(STOP_MS);
    expect(t.sandbox.stats()).toMatchObject({ jobsCreated: JOBS, duplicateJobs: 0 });
    expect(await t.differences()).toEqual([]);
    const triggers = await t.sql("SELECT trigger, status FROM millpond.runs WHERE status = 'succeeded'");
    expect(triggers).toEqual([{ trigger: 'schedule', status: 'succeeded' }]);
  });
});

describe('a run that is stopped', () => {
  it.each([
    ['SIGINT', 'while jobs are waited for', 'requested'],
    ['SIGTERM', 'while files land', 'landed'],
    ['SIGINT', 'while slices are committed', 'committed'],
  ] as const)('by %s %s ends with 130 within three seconds, and is resumed', async (signal, _when, event) => {
    const t = await trial({ profiles: 1, jobSeconds: event === 'requested' ? 600 : 0.3 });
    if (event === 'landed') t.sandbox.faults.add({ kind: 'slow', bytesPerSecond: 0, after: 3 });
    const running = t.start(['run', '--json']);
    await until(`something was ${event}`, () => count(running, event) > 0, running);
    const stopped = performance.now();
    running.child.kill(signal);
    const ended = await running.ended;
    expect(performance.now() - stopped).toBeLessThan(STOP_MS);
    // A run that was as good as over when the signal came may end well.
    if (event === 'committed' && ended.status === 0) return;
    expect(ended.status).toBe(130);
    expect(summaryOf(ended)).toMatchObject({ status: 'interrupted' });
    expect(await t.leftovers()).toEqual([]);
    t.sandbox.faults.clear();
    const next = t.begin();
    if (event === 'requested') {
      await allKnown(next);
      release(t);
    }
    expect((await next.ended).status).toBe(0);
    expect(await t.differences()).toEqual([]);
    expect(t.sandbox.stats().duplicateJobs).toBe(0);
    expect(await t.inFlight()).toEqual([]);
  });

  it('by SIGKILL at any moment, again and again, comes to the same tables', async () => {
    const t = await trial({ profiles: 2, jobSeconds: 0.2, rows: 100 }, { sinks: '[warehouse, lake]' });
    let kills = 0;
    for (const delay of [0.25, 0.65]) {
      const running = t.start(['run', '--json']);
      // From the first sign of life on, so that a slow machine is killed at the same stages as a quick one.
      await until('the run had begun', () => count(running, 'planned') > 0 || running.child.exitCode !== null);
      const moment = performance.now() + delay * 1000 * (0.5 + Math.random());
      await until('its moment had come', () => performance.now() > moment);
      if (running.child.kill('SIGKILL')) kills++;
      await running.ended;
    }
    expect(kills).toBeGreaterThan(0);
    const last = await t.run();
    expect(last.status, JSON.stringify(last.summary)).toBe(0);
    expect(await t.differences()).toEqual([]);
    const total = 'SELECT count(*)::VARCHAR AS n, sum(cost)::VARCHAR AS cost FROM';
    expect(await t.w.lakeSql(`${total} read_parquet('LAKE/sp_campaigns_report_v2/**/*.parquet')`)).toEqual(
      await t.sql(`${total} amazon_ads.sp_campaigns_report_v2`),
    );
    expect(await t.leftovers()).toEqual([]);
    expect(await t.inFlight()).toEqual([]);
    expect(await t.sql("SELECT status FROM millpond.runs WHERE status = 'running'")).toEqual([]);
    // At worst every job was on its way, unanswered or not yet on disk, when a kill came: two profiles, two days.
    expect(t.sandbox.stats().duplicateJobs).toBeLessThanOrEqual(kills * 2 * JOBS);
    expect(
      await t.sql(`SELECT DISTINCT slice FROM millpond.slices WHERE dataset = 'sp_campaigns_report_v2' ORDER BY 1`),
    ).toEqual([{ slice: DAYS.from }, { slice: DAYS.to }]);
  });
});

/** A foreign process that has the warehouse open until it is told to go. */
async function hold(t: Trial): Promise<Running> {
  const { spawn } = await import('node:child_process');
  const { createRequire } = await import('node:module');
  const duckdb = createRequire(import.meta.url).resolve('@duckdb/node-api');
  const script = `
    const { DuckDBInstance } = require(${JSON.stringify(duckdb)});
    DuckDBInstance.create(process.argv[1]).then((instance) => {
      process.on('SIGTERM', () => { instance.closeSync(); process.exit(0); });
      setInterval(() => {}, 1000);
      console.log('held');
    });`;
  const child = spawn(process.execPath, ['--eval', script, t.w.warehouse]);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => {
    output.stdout += data;
  });
  const ended = new Promise<never>(() => {});
  const running = { child, output, ended };
  await until('the warehouse was held', () => output.stdout.includes('held'), running);
  return running;
}
