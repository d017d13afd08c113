import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunEvent, RunSummary } from '../../src/pipelines/events.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { ended, millpond, spawned, start, testFolder } from './millpond.js';

const cwd = await testFolder();
let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ profiles: 2, days: 10, rows: 5 });
  await fs.writeFile(path.join(cwd, 'millpond.yaml'), configFor(sandbox));
});
afterAll(() => sandbox.close());

function configFor({ apiUrl, tokenUrl, downloadHost, clientId, clientSecret, refreshToken }: Sandbox): string {
  return `version: 1
connections:
  ads:
    connector: amazon-ads
    region: na
    client_id: "${clientId}"
    client_secret: "${clientSecret}"
    refresh_token: "${refreshToken}"
    endpoints: { api: "${apiUrl}", token: "${tokenUrl}" }
    download_hosts: ["${downloadHost}"]
    poll: { first: 50ms, max: 100ms, deadline: 60s, give_up: 1h }
    limits: { requests_per_second: 200 }
landing: ./landing
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  daily: { connection: ads, sinks: [warehouse, lake], since: 3d, datasets: [sp_campaigns_report_v2] }
`;
}

const lastLine = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as RunSummary;

describe('from check to export', { timeout: 120_000 }, () => {
  it('check names every profile with country, currency, zone and type', async () => {
    const { exit, stdout } = await millpond(['check'], { cwd });
    expect(exit).toBe(0);
    for (const profile of sandbox.profiles) {
      const line = stdout.split('\n').find((one) => one.includes(profile.profileId));
      expect(line).toMatch(/^✓ /);
      for (const fact of [profile.countryCode, profile.currencyCode, profile.timezone, profile.type]) {
        expect(line).toContain(fact);
      }
    }
    expect(stdout).toMatch(/^✓ sink warehouse: duckdb, /m);
    expect(stdout).toMatch(/^✓ landing: /m);
    expect(stdout).not.toContain(sandbox.clientSecret);
  });

  it('check ends with 2 at wrong credentials, and says which line is wrong', async () => {
    const wrong = configFor(sandbox).replace(sandbox.refreshToken, 'a-token-of-somebody-else');
    await fs.writeFile(path.join(cwd, 'wrong.yaml'), wrong);
    const { exit, stdout, stderr } = await millpond(['check', '-c', 'wrong.yaml', '--json'], { cwd });
    expect(exit).toBe(2);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.filter((line) => !line.ok)).toEqual([
      expect.objectContaining({ what: 'ads login', code: 'E_CREDENTIALS', remedy: expect.any(String) }),
    ]);
    expect(stdout + stderr).not.toContain('a-token-of-somebody-else');
  });

  it('plan says what a run would ask for, in exactly the promised shape', async () => {
    const { exit, stdout, stderr } = await millpond(['plan', '--json'], { cwd });
    expect(exit).toBe(0);
    const plan = JSON.parse(stdout);
    expect(Object.keys(plan)).toEqual(['slices', 'jobs', 'estimate_seconds']);
    expect(plan.slices).toHaveLength(8);
    for (const slice of plan.slices) expect(Object.keys(slice)).toEqual(['key', 'action', 'reason', 'job_group']);
    expect(stderr).toContain('switched off');
    const text = await millpond(['plan', '--dataset', 'sp_*'], { cwd });
    expect(text.stdout).toMatch(/sp_campaigns_report_v2 +\d+ +request +missing +3 /);
  });

  it('run prints every event as a line, and the summary last', async () => {
    const { exit, stdout } = await spawned(['run', '--json'], { cwd });
    expect(exit).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    const types = new Set(lines.slice(0, -1).map((event) => event.type));
    for (const type of ['run_started', 'planned', 'requested', 'landed', 'staged', 'committed']) {
      expect(types).toContain(type);
    }
    expect(lastLine(stdout)).toMatchObject({
      status: 'succeeded',
      slices: { committed: 8 },
      errors: [],
      errors_total: 0,
    });
  });

  it('run says that there is nothing to do, with 99 only where that was asked for', async () => {
    const plain = await millpond(['run'], { cwd });
    expect(plain).toMatchObject({ exit: 0, stdout: '', stderr: expect.stringContaining('Nothing to do') });
    expect((await millpond(['run', '--skip-exit-code'], { cwd })).exit).toBe(99);
  });

  it('status and rejects need neither secret nor network', async () => {
    const offline = configFor(sandbox)
      .replace(`"${sandbox.clientSecret}"`, `"\${env:NOT_SET_ANYWHERE}"`)
      .replace(sandbox.apiUrl, 'http://127.0.0.1:9');
    await fs.writeFile(path.join(cwd, 'offline.yaml'), offline);
    const status = await millpond(['status', '-c', 'offline.yaml'], { cwd });
    expect(status.exit).toBe(0);
    expect(status.stdout).toMatch(/^daily +\S+ +nothing_to_do/m);
    expect(status.stdout).toMatch(/^warehouse +sp_campaigns_report_v2 +\d+ /m);
    const json = JSON.parse((await millpond(['status', '--json', '-c', 'offline.yaml'], { cwd })).stdout);
    expect(json.freshness.length).toBeGreaterThan(0);
    expect(await millpond(['rejects', '-c', 'offline.yaml'], { cwd })).toMatchObject({
      exit: 0,
      stdout: 'No rejects.\n',
    });
  });

  it('verify names what differs, and mends it, with neither secret nor network', async () => {
    const call = (...args: string[]) => millpond(['verify', '-c', 'offline.yaml', ...args], { cwd });
    expect(await call()).toMatchObject({
      exit: 0,
      stdout: '',
      stderr: expect.stringMatching(
        /^✓ No difference. Looked at \d+ slices in their sinks, \d+ of them against their files.$/m,
      ),
    });
    const instance = await DuckDBInstance.create(path.join(cwd, 'warehouse.duckdb'));
    const connection = await instance.connect();
    await connection.run('UPDATE amazon_ads.sp_campaigns_report_v2 SET clicks = clicks + 1');
    connection.closeSync();
    instance.closeSync();
    const found = await call('--dataset', 'sp_campaigns_report_v2');
    expect(found.exit).toBe(1);
    expect(found.stdout).toMatch(/^✗ sp_campaigns_report_v2:\d+:\S+ {2}warehouse: sum\(clicks\) \d+ ≠ \d+$/m);
    expect(found.stderr).toContain('Next: millpond verify --repair');
    const mended = await call('--repair', '--json');
    expect(mended.exit).toBe(0);
    const report = JSON.parse(mended.stdout);
    expect(report.mended).toBe(report.differences.length);
    expect(report.differences[0]).toMatchObject({ sink: 'warehouse', what: 'sum', column: 'clicks', mended: true });
  });

  it('rejects shows rows with their reasons once there are some', async () => {
    sandbox.faults.add({ kind: 'bad_cells', share: 0.5 });
    const run = await millpond(['run', '--reload', '--dataset', 'sp_*'], { cwd });
    sandbox.faults.clear();
    expect(run.stderr).toContain('could not be typed; see `millpond rejects`');
    const groups = JSON.parse((await millpond(['rejects', '--json', '--dataset', 'sp_camp*'], { cwd })).stdout);
    expect(groups[0]).toMatchObject({
      dataset: 'sp_campaigns_report_v2',
      reason: expect.any(String),
      samples: [{ row_number: expect.any(Number), raw: expect.stringContaining('{') }],
    });
    expect(JSON.parse((await millpond(['rejects', '--json', '--dataset', 'sb_*'], { cwd })).stdout)).toEqual([]);
    const text = await millpond(['rejects', '--limit', '1'], { cwd });
    expect(text.stdout).toMatch(/^sp_campaigns_report_v2:\d+:\d{4}-\d\d-\d\d {2}\d+ rows? .*\n {4}row \d+: \{/);
  });

  it('sql and export read both sinks alike', async () => {
    const sql = 'SELECT count(*) AS n, sum(clicks) AS clicks, sum(cost) AS cost FROM sp_campaigns_report_v2';
    const warehouse = await millpond(['sql', sql, '--json'], { cwd });
    const lake = await millpond(['sql', sql, '--json', '--sink', 'lake'], { cwd });
    expect(JSON.parse(warehouse.stdout)[0].n).toBeGreaterThan(0);
    expect(lake.stdout).toBe(warehouse.stdout);
    const query = 'FROM sp_campaigns_report_v2 ORDER BY ALL';
    const done = await millpond(['export', query, '--to', 'lake.parquet', '--sink', 'lake', '--json'], { cwd });
    expect(JSON.parse(done.stdout).rows).toBe(JSON.parse(warehouse.stdout)[0].n);
  });
});

describe('a run that is interrupted', { timeout: 120_000 }, () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s ends within three seconds, with 130 and a summary', async (signal) => {
    sandbox.faults.add({ kind: 'never_ends' });
    const child = start(['run', '--json', '--reload', '--dataset', 'sp_*'], cwd);
    const end = ended(child);
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const asked = performance.now();
    child.kill(signal);
    const { exit, stdout } = await end;
    expect(performance.now() - asked).toBeLessThan(3000);
    expect(exit).toBe(130);
    expect(lastLine(stdout).status).toBe('interrupted');
    sandbox.faults.clear();
  });
});

describe('sandbox', () => {
  it('prints what to type next, and stops on Ctrl-C', async () => {
    const child = start(['sandbox', '--port', '0', '--profiles', '3'], cwd);
    const end = ended(child);
    await once(child.stdout, 'data');
    await new Promise((resolve) => setTimeout(resolve, 200));
    child.kill('SIGINT');
    const { exit, stdout } = await end;
    expect(exit).toBe(0);
    expect(stdout).toContain('with 3 profiles');
    expect(stdout).toContain('  millpond init --sandbox\n');
    expect(stdout).toContain('endpoints: { api: "http://127.0.0.1:');
  });
});
