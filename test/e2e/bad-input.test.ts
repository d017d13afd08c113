import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MillpondError } from '../../src/base/errors.js';
import { summaryLine } from '../../src/cli/render/summary.js';
import { planPipelines } from '../../src/pipelines/index.js';
import type { SandboxOptions } from '../../src/sandbox/index.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { type Ended, summaryOf } from '../support/cli.js';
import { EVERYTHING } from '../support/workspace.js';
import { DAYS, type RunEnded, Trial, type TrialOptions, told } from './trial.js';

let trials: Trial[] = [];
afterEach(async () => {
  await Promise.all(trials.map((trial) => trial.end()));
  trials = [];
});

async function trial(options: Partial<TrialOptions> = {}, sandbox: SandboxOptions = { profiles: 1 }): Promise<Trial> {
  const made = await Trial.make(sandbox, { datasets: ['sp_campaigns_report_v2'], ...options });
  trials.push(made);
  return made;
}

/** Why a run cannot begin: what its configuration is refused with, or its one error. */
async function refusal(
  t: Trial,
  env: Record<string, string> = {},
): Promise<{ exit: number; code: string; message: string; hint: string }> {
  let run: RunEnded;
  try {
    run = await t.run({}, env);
  } catch (error) {
    if (error instanceof MillpondError) return error;
    throw error;
  }
  expect(run.summary).toMatchObject({ status: 'failed', errors_total: 1 });
  return { exit: run.status!, ...run.summary.errors[0]! };
}

/** A run that knocks where nobody is: mostly waiting, so it does so beside everything else. */
let unreachable: { t: Trial; ended: Promise<RunEnded>; over: () => number };
beforeAll(async () => {
  const t = await Trial.make(
    { profiles: 1 },
    {
      datasets: ['sp_campaigns_report_v2'],
      yaml: (text) => text.replace(/(api|token): "http[^"]*"/g, '$1: "http://127.0.0.1:9"'),
    },
  );
  const started = performance.now();
  let took = Number.POSITIVE_INFINITY;
  const ended = t.run().finally(() => {
    took = performance.now() - started;
  });
  unreachable = { t, ended, over: () => took };
});
afterAll(() => unreachable.t.end());

describe('a configuration that cannot work is refused with 2', () => {
  it('a wrong key: file, line, and the nearest right one', async () => {
    const t = await trial({ yaml: (text) => text.replace('    sinks: [', '    sincks: [') });
    const line = (await fs.readFile(t.w.configFile, 'utf8')).split('\n').findIndex((l) => l.includes('sincks')) + 1;
    const [people, machine] = await Promise.all([t.millpond('run'), t.millpond('run', '--json')]);
    expect(people).toMatchObject({ status: 2, stdout: '' });
    expect(people.stderr).toContain('error[E_CONFIG]');
    expect(people.stderr).toContain(`millpond.yaml:${line}`);
    expect(people.stderr).toMatch(/sincks.*sinks/s);
    expect(people.stderr).toContain('hint: ');
    expect(people.stderr).not.toMatch(/^\s+at /m);
    expect(machine.status).toBe(2);
    expect(summaryOf(machine)).toMatchObject({ status: 'failed', errors: [{ code: 'E_CONFIG' }] });
    expect(t.sandbox.stats().requests).toBe(0);
  });

  it('a missing secret, a wrong one, and a profile that was never there', async () => {
    const t = await trial({ connection: 'profiles: { ids: [1489067000001067, 42] }' });
    const missing = await refusal(t, { ADS_CLIENT_SECRET: '' });
    expect(missing).toMatchObject({ exit: 2, code: 'E_SECRET_MISSING' });
    expect(missing.message).toContain('ADS_CLIENT_SECRET');
    expect(t.sandbox.stats().requests).toBe(0);

    const wrong = await refusal(t, { ADS_REFRESH_TOKEN: 'Atzr|not-the-one' });
    expect(wrong).toMatchObject({ exit: 2, code: 'E_CREDENTIALS' });
    expect(wrong.message).not.toContain('not-the-one');
    // Bad credentials do not become better by being tried again.
    expect(t.sandbox.stats().requests).toBe(1);

    const unknown = await t.run();
    expect(unknown.status).toBe(2);
    expect(unknown.summary.errors).toContainEqual(
      expect.objectContaining({ code: 'E_PROFILE_UNKNOWN', message: expect.stringContaining('42') }),
    );
    // What is there is loaded all the same.
    expect(await t.differences({ profiles: ['1489067000001067'] })).toEqual([]);
  });

  it.each([
    [
      'a landing folder under a file',
      'E_PATH_UNWRITABLE',
      (text: string) => text.replace('./landing', './file/landing'),
    ],
    [
      'a warehouse under a file',
      'E_PATH_UNWRITABLE',
      (text: string) => text.replace('./warehouse.duckdb', './file/w.duckdb'),
    ],
    ['a warehouse that is none', 'E_NOT_A_WAREHOUSE', (text: string) => text.replace('./warehouse.duckdb', './file')],
    [
      'a lake that is a file',
      'E_PATH_UNWRITABLE',
      (text: string) => text.replace('path: ./lake', 'path: ./file').replace('[warehouse]', '[lake]'),
    ],
    [
      'a warehouse named like a schema',
      'E_WAREHOUSE_NAME',
      (text: string) => text.replace('./warehouse.duckdb', './millpond.duckdb'),
    ],
    [
      'a dataset that nobody knows',
      'E_CONFIG',
      (text: string) => text.replace('sp_campaigns_report_v2', 'sp_campains_report_v2'),
    ],
  ])('%s', async (_what, expected, yaml) => {
    const t = await trial({ yaml });
    const file = path.join(t.w.folder, 'file');
    await fs.writeFile(file, 'This is a letter to my aunt, and no warehouse at all.\n'.repeat(100));
    const { exit, code, hint } = await refusal(t);
    expect([exit, code]).toEqual([2, expected]);
    expect(hint).not.toBe('');
    expect(t.sandbox.stats().jobsCreated).toBe(0);
    expect(await fs.readFile(file, 'utf8')).toMatch(/^This is a letter/);
  });
});

describe('a profile', () => {
  it('that vanished is a gap and no error; its rows stay', async () => {
    const before = await startSandbox({ profiles: 2, days: 10, rows: 20, jobSeconds: 0.05 });
    const gone = before.profiles[1]!.profileId;
    const t = await Trial.make(before, {
      datasets: ['sp_campaigns_report_v2'],
      connection: `profiles: { ids: [${before.profiles.map(({ profileId }) => `"${profileId}"`).join(', ')}] }`,
    });
    trials.push(t);
    expect((await t.run()).status).toBe(0);
    await before.close();
    const port = Number(new URL(before.apiUrl).port);
    const downloadPort = Number(before.downloadHost.split(':')[1]);
    const after = await startSandbox({ profiles: 1, days: 10, rows: 20, port, downloadPort });
    try {
      const { status, summary } = await t.run();
      expect(status).toBe(0);
      expect(summary).toMatchObject({ status: 'nothing_to_do', errors: [] });
      expect(await t.sql('SELECT dataset, scope, reason FROM millpond.gaps')).toEqual([
        { dataset: 'profiles', scope: gone, reason: 'profile_gone' },
      ]);
      expect(await t.differences()).toEqual([]);
      expect(await t.sql(`SELECT count(*) AS n FROM amazon_ads.profiles WHERE profile_id = ${gone}`)).toEqual([
        { n: '1' },
      ]);
    } finally {
      await after.close();
    }
  });
});

describe('a full disk', () => {
  it('is told wherever it strikes; with room again the run goes on', async () => {
    const t = await trial({ sinks: '[warehouse, lake]' }, { profiles: 1, rows: 800 });
    const exits: (number | null)[] = [];
    // KiB that a file may have: too few for a lock, for an artifact and a new warehouse, for a grown one.
    for (const limit of [4, 100, 1300]) {
      const ended = told(await limited(t, limit));
      exits.push(ended.status);
      if (ended.status === 0) continue;
      expect(ended.status, `${limit} KiB: ${ended.stdout}`).toBe(2);
      expect(new Set(ended.summary.errors.map(({ code }) => code)), `${limit} KiB`).toEqual(new Set(['E_DISK_FULL']));
    }
    expect(exits[0]).toBe(2);
    expect(exits.filter((exit) => exit === 2).length).toBeGreaterThan(1);
    const roomy = await t.run();
    expect(roomy.status, JSON.stringify(roomy.summary)).toBe(0);
    expect(await t.differences()).toEqual([]);
    expect(t.sandbox.stats().duplicateJobs).toBe(0);
    expect(await t.leftovers()).toEqual([]);
    expect(await t.inFlight()).toEqual([]);
  });
});

describe('the command line', () => {
  it('narrows, reloads, leaves and skips as it says', async () => {
    const t = await trial({ datasets: ['sp_campaigns_report_v2', 'sd_campaigns_report_v2'] }, { profiles: 2 });
    const [one, two] = t.sandbox.profiles.map(({ profileId }) => profileId) as [string, string];
    const held = async () =>
      (await t.sql("SELECT dataset || ':' || scope || ':' || slice AS key FROM millpond.slices ORDER BY 1")).map(
        ({ key }) => key,
      );

    const slice = `sd_campaigns_report_v2:${one}:${DAYS.from}/T00020`;
    expect((await t.run({ slices: [slice] })).summary).toMatchObject({
      slices: { committed: 1 },
      jobs: { requested: 1 },
    });
    expect(await held()).toEqual([slice]);
    const narrowed = await t.runProcess(
      ...['--dataset', 's*', '--dataset', '!sd_*'],
      ...['--scope', two, '--from', DAYS.to, '--to', DAYS.to],
    );
    expect(narrowed.summary).toMatchObject({ slices: { committed: 1 }, jobs: { requested: 1 } });
    expect(await held()).toEqual([slice, `sp_campaigns_report_v2:${two}:${DAYS.to}`]);

    const reloaded = await t.run({ slices: [slice], reload: true });
    expect(reloaded).toMatchObject({
      status: 0,
      summary: { jobs: { requested: 1 }, slices: { committed: 0, unchanged: 1 } },
    });

    t.sandbox.faults.add({ kind: 'never_ends', route: /sp\/campaigns\/report/, profile: one });
    const stuck = `sp_*:${one}:*`;
    const left = await t.runProcess('--no-wait', '--slice', stuck);
    expect([left.status, left.summary.status]).toEqual([75, 'waiting']);
    expect(left.summary.slices).toMatchObject({ waiting: 2 });
    const plan = await planPipelines(
      { ...EVERYTHING, slices: [stuck], config: await t.w.config(), reload: false },
      t.w.ctx(),
    );
    expect(plan.slices).toContainEqual({
      key: `sp_campaigns_report_v2:${one}:${DAYS.from}`,
      action: 'resume',
      reason: 'pending',
      job_group: expect.any(String),
    });
    expect(plan.jobs).toBe(0);
    // A damaged entry is set aside, and asked for anew.
    t.sandbox.faults.clear();
    const journal = path.join(t.w.folder, 'landing', 'journal');
    for (const name of await t.inFlight()) {
      const file = path.join(journal, name);
      if ((await fs.readFile(file, 'utf8')).includes(`sp_campaigns_report_v2`)) await fs.truncate(file, 100);
    }
    const whole = await t.run();
    expect(whole.status, JSON.stringify(whole.summary)).toBe(0);
    expect(whole.summary.warnings.map(({ code }) => code)).toContain('E_JOURNAL_CORRUPT');
    expect(await t.differences()).toEqual([]);
  });

  it('ends run --json with a summary under 48 KiB, however much went wrong', async () => {
    const t = await trial({ datasets: ['sp_*', 'sd_*'] }, { profiles: 2 });
    t.sandbox.faults.add({ kind: 'refused_profile' });
    const { status, summary } = await t.run();
    expect(status).toBe(1);
    expect(Buffer.byteLength(summaryLine(summary))).toBeLessThan(48 * 1024);
    // The list of profiles was there.
    expect(summary.status).toBe('partial');
    expect(summary.errors_total).toBeGreaterThan(50);
    expect(summary.errors.length).toBeGreaterThan(0);
    expect(summary.errors.length).toBeLessThanOrEqual(50);
    expect(summary.slices.failed).toBeGreaterThan(100);
  });
});

describe('a source that nobody answers for', () => {
  it('is not waited for longer than a minute: 75, and the next run loads everything', async () => {
    const { t, ended, over } = unreachable;
    const { status, summary } = await ended;
    expect(over()).toBeLessThan(60_000);
    expect(status).toBe(75);
    expect(summary).toMatchObject({
      status: 'failed',
      errors: [{ code: 'E_UNREACHABLE', message: expect.stringContaining('127.0.0.1:9') }],
    });
    await t.configure((text) =>
      text
        .replace('api: "http://127.0.0.1:9"', `api: "${t.sandbox.apiUrl}"`)
        .replace('token: "http://127.0.0.1:9"', `token: "${t.sandbox.tokenUrl}"`),
    );
    expect((await t.run()).status).toBe(0);
    expect(await t.differences()).toEqual([]);
  });
});

/** A run whose files may not grow beyond so many KiB. */
function limited(t: Trial, kib: number): Promise<Ended> {
  const bin = path.resolve(import.meta.dirname, '../../bin/millpond.js');
  const command = `ulimit -f ${kib}; exec ${JSON.stringify(process.execPath)} ${JSON.stringify(bin)} run --json`;
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('bash', ['-c', command], { cwd: t.w.folder, env: { PATH, HOME, ...t.env } });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => {
    output.stdout += data;
  });
  child.stderr.on('data', (data: Buffer) => {
    output.stderr += data;
  });
  return new Promise((resolve) => child.on('close', (status, signal) => resolve({ status, signal, ...output })));
}
