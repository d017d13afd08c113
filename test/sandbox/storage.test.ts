import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { Client, compact, daysAgo, raw } from './client.js';

let sandbox: Sandbox;
let client: Client;
let profile: string;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 20, jobSeconds: 0, profiles: 1 });
  client = await Client.login(sandbox);
  profile = sandbox.profiles[0]!.profileId;
});
afterAll(() => sandbox.close());

const report = { reportDate: compact(daysAgo(4)), metrics: 'impressions', tactic: 'T00020' };

async function linkOf(path: string, body: unknown): Promise<string> {
  const id = await client.create(path, profile, body);
  const status = path.endsWith('report')
    ? `/v2/reports/${id}`
    : `${path.replace(/\/\w+\/snapshot$/, '')}/snapshots/${id}`;
  await client.wait(status, profile);
  return client.link(`${status}/download`, profile);
}

describe('links', () => {
  it('lead with 307 and an empty body to another origin, in two forms of signature', async () => {
    const id = await client.create('/v2/sp/campaigns/report', profile, report);
    await client.wait(`/v2/reports/${id}`, profile);
    const answer = await client.get(`/v2/reports/${id}/download`, profile);
    expect([answer.status, await answer.text()]).toEqual([307, '']);
    const link = new URL(answer.headers.get('location')!);
    expect(link.host).toBe(sandbox.downloadHost);
    expect(link.host).not.toBe(new URL(sandbox.apiUrl).host);
    expect(link.pathname).toMatch(/\.json\.gz$/);
    expect([...link.searchParams.keys()]).toEqual(['AWSAccessKeyId', 'Expires', 'Signature']);
    const display = new URL(await linkOf('/sd/campaigns/report', report));
    expect(display.searchParams.has('X-Amz-Signature')).toBe(true);
  });

  it('refuse a request that carries Authorization, and count what was let slip', async () => {
    const link = await linkOf('/v2/sp/campaigns/report', report);
    const before = sandbox.stats().credentialLeaks;
    const answer = await raw(link, { authorization: 'Bearer Atza|a-very-secret-token' });
    const body = answer.bytes.toString();
    expect([answer.status, answer.headers['content-type']]).toEqual([400, 'application/xml']);
    expect(body).toContain('<Code>InvalidArgument</Code><Message>Only one auth mechanism allowed');
    expect(body).not.toContain('secret-token');
    await raw(link, { 'Amazon-Advertising-API-Scope': profile });
    expect(sandbox.stats().credentialLeaks).toBe(before + 2);
  });

  it('live thirty seconds, and a fresh one can be had', async () => {
    const id = await client.create('/v2/sp/campaigns/report', profile, report);
    await client.wait(`/v2/reports/${id}`, profile);
    const link = await client.link(`/v2/reports/${id}/download`, profile);
    sandbox.advance({ seconds: 29 });
    expect((await raw(link)).status).toBe(200);
    sandbox.advance({ seconds: 2 });
    const expired = await raw(link);
    expect([expired.status, expired.bytes.toString()]).toEqual([403, expect.stringContaining('Request has expired')]);
    expect((await raw(await client.link(`/v2/reports/${id}/download`, profile))).status).toBe(200);
  });

  it('cannot be forged or carried over to another file', async () => {
    const [one, other] = [
      new URL(await linkOf('/v2/sp/campaigns/report', report)),
      new URL(await linkOf('/v2/sp/keywords/report', report)),
    ];
    one.search = other.search;
    const answer = await raw(one.href);
    expect([answer.status, answer.bytes.toString()]).toEqual([403, expect.stringContaining('SignatureDoesNotMatch')]);
  });
});

describe('files', () => {
  it.each([
    ['/v2/sp/campaigns/snapshot', 'application/json', 'gzip'],
    ['/v2/hsa/keywords/snapshot', 'application/json', 'gzip'],
    ['/sd/targets/snapshot', 'application/json', 'gzip'],
    ['/v2/sp/campaigns/report', 'application/octet-stream', undefined],
    ['/v2/hsa/campaigns/report', 'application/octet-stream', undefined],
    ['/sd/campaigns/report', 'application/octet-stream', undefined],
    ['/sd/adGroups/report', 'application/x-gzip', undefined],
  ])('of %s are gzip, called %s with encoding %s', async (path, type, encoding) => {
    const { status, headers, bytes } = await raw(await linkOf(path, report));
    expect([status, headers['content-type'], headers['content-encoding']]).toEqual([200, type, encoding]);
    expect(Number(headers['content-length'])).toBe(bytes.length);
    expect(bytes.subarray(0, 2).toString('hex')).toBe('1f8b');
    expect(Array.isArray(JSON.parse(gunzipSync(bytes).toString()))).toBe(true);
  });

  it('may be large: they are made and sent in pieces', async () => {
    const large = await startSandbox({ rows: 30_000, jobSeconds: 0, profiles: 1 });
    const there = await Client.login(large);
    const id = large.profiles[0]!.profileId;
    const metrics =
      'impressions,clicks,cost,campaignName,keywordText,attributedSales1d,attributedSales7d,attributedSales14d';
    const text = await there.file('/v2/sp/keywords/report', id, { ...report, metrics });
    const rows = JSON.parse(text) as { impressions: number }[];
    const truth = large.truthFor('sp_keywords_report_v2', id, daysAgo(4));
    expect(rows.length).toBe(truth.rows);
    expect(rows.length).toBeGreaterThan(15_000);
    expect(rows.reduce((sum, row) => sum + row.impressions, 0)).toBe(Number(truth.sums.impressions));
    await large.close();
  });
});
