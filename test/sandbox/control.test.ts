import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RecordedRequest, type Sandbox, startSandbox, type Truth } from '../../src/sandbox/index.js';
import { Client, compact, daysAgo } from './client.js';

let sandbox: Sandbox;
let client: Client;
let profile: string;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 10, jobSeconds: 0, profiles: 2 });
  client = await Client.login(sandbox);
  profile = sandbox.profiles[0]!.profileId;
});
afterAll(() => sandbox.close());

/** Another process's view: no credentials. */
async function page<T>(path: string, method = 'GET', body?: unknown): Promise<T> {
  const answer = await fetch(`${sandbox.apiUrl}/_sandbox/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as T;
}

describe('over HTTP', () => {
  it('tells the truth, whole or of one slice, and the file itself', async () => {
    const [dataset, day] = ['sp_campaigns_report_v2', daysAgo(4)];
    const truth = await page<Truth>(
      `truth?dataset=${dataset},sp_campaigns_snapshot&profile=${profile}&from=${day}&to=${day}`,
    );
    expect(truth.slices.map((slice) => slice.dataset)).toEqual(['sp_campaigns_snapshot', dataset]);
    expect(truth.slices[1]).toEqual(sandbox.truthFor(dataset, profile, day));
    const one = `truth?dataset=${dataset}&profile=${profile}&slice=${day}`;
    expect(await page(one)).toEqual(truth.slices[1]);
    expect((await page<unknown[]>(`${one}&file=1`)).length).toBe(truth.slices[1]!.rows);
  });

  it('tells what is wrong', async () => {
    expect(await page('truth?dataset=nope&profile=1&slice=2026-01-01')).toEqual({
      error: expect.stringContaining('no profile 1'),
    });
    expect(await page(`truth?dataset=nope&profile=${profile}&slice=2026-01-01`)).toEqual({
      error: expect.stringContaining('no dataset nope'),
    });
    expect(await page('faults', 'POST', { kind: 'nope' })).toEqual({ error: expect.stringContaining('never_ends') });
    expect(await page('advance', 'POST', { days: -1 })).toEqual({ error: expect.stringContaining('only moves on') });
    expect(await page('nope')).toEqual({ error: expect.stringContaining('GET truth') });
  });

  it('sets and clears faults, by name of a call or by pattern', async () => {
    const faults = [
      { kind: '500', route: 'profiles', count: 1 },
      { kind: '503', route: '^GET /v2/profiles$', count: 1 },
      { kind: '429', route: 'profiles' },
    ];
    expect(await page('faults', 'POST', faults)).toEqual({ added: 3 });
    const ask = async () => (await client.get('/v2/profiles')).status;
    expect([await ask(), await ask(), await ask()]).toEqual([500, 503, 429]);
    await page('faults', 'DELETE');
    expect(await ask()).toBe(200);
  });

  it('moves time', async () => {
    const before = sandbox.now().getTime();
    const { now } = await page<{ now: string }>('advance', 'POST', { days: 2 });
    expect(Math.round((Date.parse(now) - before) / 86_400_000)).toBe(2);
    client = await Client.login(sandbox);
  });

  it('records requests without secrets, jobs and counts, and forgets them', async () => {
    await page('reset', 'POST');
    const metrics = { reportDate: compact(daysAgo(1)), metrics: 'clicks' };
    await client.file('/v2/sp/campaigns/report', profile, metrics);
    await client.create('/v2/sp/campaigns/report', profile, metrics);
    await client.create('/v2/sp/keywords/report', profile, metrics);
    await client.token();
    const requests = await page<RecordedRequest[]>('requests');
    expect([...new Set(requests.map((request) => request.route))]).toEqual([
      'create',
      'status',
      'download',
      's3',
      'token',
    ]);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/v2/sp/campaigns/report',
      profileId: profile,
      status: 202,
      fault: null,
    });
    expect(JSON.parse(requests[0]!.body)).toEqual(metrics);
    expect(JSON.stringify(requests)).not.toMatch(/Atza|Atzr|Signature=|sandbox-client-secret/);
    const jobs = await page<{ id: string; dataset: string; slice: string; status: string; rows: number }[]>('jobs');
    expect(jobs.find((job) => job.id === requests[0]!.jobId)).toMatchObject({
      dataset: 'sp_campaigns_report_v2',
      slice: daysAgo(1),
      status: 'SUCCESS',
    });
    expect(await page('stats')).toMatchObject({
      jobsCreated: 3,
      duplicateJobs: 1,
      redirects: 1,
      downloads: 1,
      tokens: 1,
      credentialLeaks: 0,
      refused: 0,
    });
    await page('reset', 'POST');
    expect(await page('stats')).toMatchObject({ jobsCreated: 0, requests: 0, downloads: 0, tokens: 0 });
    expect(await page('requests')).toEqual([]);
  });
});

describe('start and end', () => {
  it('says which port is taken, and leaves none open behind', async () => {
    const port = Number(new URL(sandbox.apiUrl).port);
    await expect(startSandbox({ port })).rejects.toThrow(/EADDRINUSE/);
    await expect(startSandbox({ downloadPort: port })).rejects.toThrow(/EADDRINUSE/);
  });

  it('takes credentials of one’s own', async () => {
    const own = await startSandbox({ clientId: 'id-1', clientSecret: 'secret-1', refreshToken: 'Atzr|1', profiles: 1 });
    const there = await Client.login(own);
    expect((await there.get('/v2/profiles')).status).toBe(200);
    expect((await there.token({ client_secret: 'sandbox-client-secret' })).status).toBe(401);
    await own.close();
  });

  it('closes while files are being made', async () => {
    const busy = await startSandbox({ rows: 300_000, profiles: 1 });
    const there = await Client.login(busy);
    const metrics = 'impressions,clicks,cost,campaignName';
    await there.create('/v2/sp/campaigns/report', busy.profiles[0]!.profileId, {
      reportDate: compact(daysAgo(3)),
      metrics,
    });
    await busy.close();
    expect(busy.jobs.map((job) => job.rows)).toEqual([null]);
    await expect(there.get('/v2/profiles')).rejects.toThrow('fetch failed');
  });
});
