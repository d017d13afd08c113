import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Fault, type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { Client, compact, daysAgo, parseExactly, raw } from './client.js';

let sandbox: Sandbox;
let client: Client;
let profile: string;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 100, jobSeconds: 0, profiles: 3 });
  client = await Client.login(sandbox);
  profile = sandbox.profiles[0]!.profileId;
});
beforeEach(() => sandbox.reset());
afterAll(() => sandbox.close());

const body = { reportDate: compact(daysAgo(4)), metrics: 'impressions,clicks,cost,campaignName' };
const create = () => client.post('/v2/sp/campaigns/report', profile, body);

async function finished(): Promise<string> {
  const id = await client.create('/v2/sp/campaigns/report', profile, body);
  await client.wait(`/v2/reports/${id}`, profile);
  return `/v2/reports/${id}/download`;
}

async function fileUnder(fault: Fault) {
  const path = await finished();
  sandbox.faults.add(fault);
  return raw(await client.link(path, profile));
}

describe('in the place of an answer', () => {
  it.each([
    [{ kind: '401' }, 401, /invalid or has expired/, null],
    [{ kind: '429' }, 429, /Too Many Requests/, null],
    [{ kind: '429', retryAfter: 42 }, 429, /Too Many Requests/, '42'],
    [{ kind: '429', html: true }, 429, /<html>/, null],
    [{ kind: '500' }, 500, /Internal Error/, null],
    [{ kind: '503' }, 503, /Service Unavailable/, null],
    [{ kind: 'html' }, 502, /<html>/, null],
    [{ kind: 'html', status: 200 }, 200, /<html>/, null],
    [{ kind: 'refused_profile' }, 401, /Not authorized to access scope/, null],
    [{ kind: 'refused_profile', status: 403 }, 403, /forbidden/, null],
  ] as [Fault, number, RegExp, string | null][])('%j', async (fault, status, words, retryAfter) => {
    sandbox.faults.add({ ...fault, count: 1 });
    const answer = await create();
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(words)]);
    expect(answer.headers.get('retry-after')).toBe(retryAfter);
    expect(answer.headers.get('amazon-advertising-api-throttled')).toBe(status === 429 ? 'true' : null);
    expect(sandbox.stats()).toMatchObject({ jobsCreated: 0, faults: 1 });
    expect((await create()).status).toBe(202);
  });

  it('429 comes of itself beyond a pace', async () => {
    const slow = await startSandbox({ requestsPerSecond: 3, profiles: 1 });
    const there = await Client.login(slow);
    const answers = await Promise.all(Array.from({ length: 10 }, () => there.get('/v2/profiles')));
    expect(answers.some((answer) => answer.status === 429 && answer.headers.has('retry-after'))).toBe(true);
    await slow.close();
  });
});

describe('of the connection', () => {
  it('reset cuts before any answer, and no job is made', async () => {
    sandbox.faults.add({ kind: 'reset', route: 'create', count: 1 });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(sandbox.stats().jobsCreated).toBe(0);
  });

  it('lost_answer makes the job and cuts', async () => {
    sandbox.faults.add({ kind: 'lost_answer', count: 1 });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(sandbox.stats().jobsCreated).toBe(1);
    expect(sandbox.requests.at(-1)).toMatchObject({
      status: null,
      fault: 'lost_answer',
      jobId: sandbox.jobs.at(-1)!.id,
    });
    await create();
    expect(sandbox.stats()).toMatchObject({ jobsCreated: 2, duplicateJobs: 1 });
  });

  it('reset cuts a file after so many bytes', async () => {
    await expect(fileUnder({ kind: 'reset', route: 's3', afterBytes: 200 })).rejects.toThrow();
    expect(sandbox.requests.at(-1)).toMatchObject({ route: 's3', status: 200, fault: 'reset' });
  });

  it('slow drips, or stands still until the other side gives up', async () => {
    const begun = performance.now();
    const { bytes } = await fileUnder({ kind: 'slow', bytesPerSecond: 10_000, count: 1 });
    expect(performance.now() - begun).toBeGreaterThan((bytes.length / 10_000) * 800);
    expect(gunzipSync(bytes).length).toBeGreaterThan(100);
    const path = await finished();
    sandbox.faults.add({ kind: 'slow', bytesPerSecond: 0 });
    const stalled = await fetch(await client.link(path, profile), { signal: AbortSignal.timeout(300) });
    await expect(stalled.arrayBuffer()).rejects.toThrow(/timeout|aborted/);
  });
});

describe('of the file', () => {
  it('truncated_gzip ends in the middle', async () => {
    const { bytes } = await fileUnder({ kind: 'truncated_gzip' });
    expect(() => gunzipSync(bytes)).toThrow('unexpected end of file');
  });

  it('bad_crc is whole but wrong', async () => {
    const { bytes } = await fileUnder({ kind: 'bad_crc' });
    expect(() => gunzipSync(bytes)).toThrow('incorrect data check');
  });

  it('cut_after_comma is sound gzip of JSON that ends after a comma between records', async () => {
    const { bytes } = await fileUnder({ kind: 'cut_after_comma' });
    const text = gunzipSync(bytes).toString();
    expect(text).toMatch(/\},$/);
    const rows = JSON.parse(`${text.slice(0, -1)}]`) as unknown[];
    const whole = sandbox.truthFor('sp_campaigns_report_v2', profile, daysAgo(4)).rows;
    expect(rows.length).toBeGreaterThan(whole / 2);
    expect(rows.length).toBeLessThan(whole);
  });

  it.each([
    ['500', 500, 'InternalError'],
    ['503', 503, 'SlowDown'],
    ['html', 502, '<html>'],
  ] as const)('%s of the storage', async (kind, status, words) => {
    const answer = await fileUnder({ kind, route: 's3' });
    expect([answer.status, answer.bytes.toString()]).toEqual([status, expect.stringContaining(words)]);
  });
});

describe('of the link', () => {
  it('expired_link has expired at once; the next has not', async () => {
    const path = await finished();
    sandbox.faults.add({ kind: 'expired_link', count: 1 });
    expect((await raw(await client.link(path, profile))).status).toBe(403);
    expect((await raw(await client.link(path, profile))).status).toBe(200);
  });

  it.each(['http://192.0.2.1/x.json.gz', 'file:///etc/passwd'])('redirect_elsewhere leads to %s', async (location) => {
    const path = await finished();
    sandbox.faults.add({ kind: 'redirect_elsewhere', location });
    expect(await client.link(path, profile)).toBe(location);
  });
});

describe('of the job', () => {
  it('failure says why', async () => {
    sandbox.faults.add({ kind: 'failure', details: 'Out of luck' });
    const id = await client.create('/v2/sp/campaigns/report', profile, body);
    expect(await client.wait(`/v2/reports/${id}`, profile)).toMatchObject({
      status: 'FAILURE',
      statusDetails: 'Out of luck',
    });
    const snapshot = await client.create('/sd/campaigns/snapshot', profile, {});
    expect(await client.wait(`/sd/snapshots/${snapshot}`, profile)).toMatchObject({
      status: 'FAILURE',
      statusDetails: 'Out of luck',
    });
  });

  it('never_ends stays in progress however long one waits', async () => {
    sandbox.faults.add({ kind: 'never_ends' });
    const id = await client.create('/v2/sp/campaigns/report', profile, body);
    sandbox.advance({ seconds: 3000 });
    expect(await (await client.get(`/v2/reports/${id}`, profile)).json()).toMatchObject({ status: 'IN_PROGRESS' });
    client = await Client.login(sandbox);
  });
});

describe('of the records', () => {
  const rowsOf = async () => parseExactly(await client.file('/v2/sp/campaigns/report', profile, body));

  it('unknown_column adds keys to every one', async () => {
    sandbox.faults.add({ kind: 'unknown_column' });
    const rows = await rowsOf();
    expect(rows.every((row) => row.brandNewMetric14d === '12.5' && typeof row.futureFeature === 'object')).toBe(true);
  });

  it('malformed_record breaks one, and says which', async () => {
    sandbox.faults.add({ kind: 'malformed_record' });
    const text = await client.file('/v2/sp/campaigns/report', profile, body);
    expect(() => JSON.parse(text)).toThrow();
    const rows = JSON.parse(text.replace(': nope', ': "nope"')) as Record<string, unknown>[];
    const { badRows, badRowNumbers } = sandbox.jobs.at(-1)!;
    expect([badRows, rows.flatMap((row, i) => (Object.values(row).includes('nope') ? [i + 1] : []))]).toEqual([
      1,
      badRowNumbers,
    ]);
  });

  it('bad_cells spoils a share of them, and says which', async () => {
    const good = await rowsOf();
    sandbox.faults.add({ kind: 'bad_cells', share: 0.3 });
    const rows = await rowsOf();
    const differ = rows.flatMap((row, i) => (JSON.stringify(row) === JSON.stringify(good[i]) ? [] : [i + 1]));
    const { badRows, badRowNumbers } = sandbox.jobs.at(-1)!;
    expect(differ).toEqual(badRowNumbers);
    expect(badRows).toBe(differ.length);
    expect(badRows / rows.length).toBeGreaterThan(0.15);
    expect(badRows / rows.length).toBeLessThan(0.45);
  });
});

describe('where and when', () => {
  it('strikes so often, after so many, by profile and by pattern', async () => {
    const other = sandbox.profiles[1]!.profileId;
    sandbox.faults.add({ kind: '500', route: /^GET \/v2\/reports\/[^/]+$/, profile, after: 1, count: 2 });
    const id = await client.create('/v2/sp/campaigns/report', profile, body);
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await client.get(`/v2/reports/${id}`, profile)).status);
    expect(statuses).toEqual([200, 500, 500, 200, 200]);
    expect((await client.get(`/v2/reports/${id}`, other)).status).toBe(404);
  });

  it('strikes by a chance that the seed decides', async () => {
    const pattern = async () => {
      const one = await startSandbox({ seed: 5, profiles: 1 });
      one.faults.add({ kind: '503', route: 'profiles', probability: 0.4 });
      const there = await Client.login(one);
      const statuses: number[] = [];
      for (let i = 0; i < 30; i++) statuses.push((await there.get('/v2/profiles')).status);
      await one.close();
      return statuses;
    };
    const first = await pattern();
    expect(await pattern()).toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 503]));
  });

  it('does not know what is no fault', () => {
    expect(() => sandbox.faults.add({ kind: 'earthquake' } as unknown as Fault)).toThrow('No such fault: earthquake');
  });
});
