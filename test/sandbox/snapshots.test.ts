import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SNAPSHOTS, type SnapshotKind } from '../../src/sandbox/data/catalog.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { Client, exactSum, parseExactly, raw } from './client.js';

let sandbox: Sandbox;
let client: Client;
let seller: string;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 40, jobSeconds: 0 });
  client = await Client.login(sandbox);
  seller = sandbox.profiles[0]!.profileId;
});
afterAll(() => sandbox.close());

type Row = Record<string, unknown>;
const all = { stateFilter: 'enabled,paused,archived' };
const prefix = { sp: '/v2/sp', sb: '/v2/hsa', sd: '/sd' } as const;
const pathOf = (kind: SnapshotKind): string => `${prefix[kind.product]}/${kind.recordType}/snapshot`;

describe.each(SNAPSHOTS.map((kind) => [kind.dataset, kind] as const))('%s', (dataset, kind) => {
  it('says what the truth says, minified, each record once', async () => {
    const text = await client.file(pathOf(kind), seller, all);
    expect(text).toMatch(/^\[\{"\w+Id":\d{15,18},/);
    const rows = parseExactly<Row[]>(text);
    const truth = sandbox.truthFor(dataset, seller);
    expect(rows.length).toBe(truth.rows);
    const id = Object.keys(rows[0]!)[0]!;
    expect(new Set(rows.map((row) => row[id])).size).toBe(rows.length);
    for (const [column, sum] of Object.entries({ ...truth.sums, ...truth.ids })) {
      const values = rows.flatMap((row) => (typeof row[column] === 'string' ? row[column] : []));
      expect([column, exactSum(values)]).toEqual([column, sum]);
    }
    for (const [column, bytes] of Object.entries(truth.textBytes)) {
      const texts = rows.flatMap((row) => (typeof row[column] === 'string' ? row[column] : []));
      expect([column, texts.reduce((sum, one) => sum + Buffer.byteLength(one), 0)]).toEqual([column, bytes]);
    }
  });
});

describe('records', () => {
  const rowsOf = (dataset: string) => parseExactly<Row[]>(sandbox.fileFor(dataset, seller));

  it('have absent and null members, nested ones, and doubles that keep their .0', () => {
    const campaigns = rowsOf('sp_campaigns_snapshot');
    for (const name of ['endDate', 'portfolioId', 'tags']) {
      expect(campaigns.some((row) => name in row) && campaigns.some((row) => !(name in row))).toBe(true);
    }
    expect(campaigns.some((row) => row.endDate === null)).toBe(true);
    expect(campaigns.some((row) => /\.0$/.test(String(row.dailyBudget)))).toBe(true);
    const keywords = rowsOf('sp_keywords_snapshot');
    expect(keywords.some((row) => !('bid' in row)) && keywords.some((row) => 'bid' in row)).toBe(true);
    const nested = rowsOf('sd_targets_snapshot').map((row) => (row.expression as { value?: unknown }[])[0]!.value);
    expect(nested.some((value) => Array.isArray(value)) && nested.some((value) => typeof value === 'string')).toBe(
      true,
    );
    expect(rowsOf('sd_ad_groups_snapshot').some((row) => row.creativeType === null)).toBe(true);
    expect(rowsOf('sb_keywords_snapshot').every((row) => /^[A-Z]+$/.test(String(row.matchType)))).toBe(true);
  });

  it('of vendors have no sku, and spell a date otherwise', () => {
    const vendor = sandbox.profiles.find((p) => p.type === 'vendor')!.profileId;
    const rows = parseExactly<Row[]>(sandbox.fileFor('sd_product_ads_snapshot', vendor));
    expect(rows.every((row) => !('sku' in row) && 'lastUpdateDate' in row && !('lastUpdatedDate' in row))).toBe(true);
    expect(rowsOf('sd_product_ads_snapshot').every((row) => 'sku' in row && 'lastUpdatedDate' in row)).toBe(true);
  });

  it('follow the filters of state and tactic', async () => {
    const ask = async (body: object) => parseExactly<Row[]>(await client.file('/sd/campaigns/snapshot', seller, body));
    const states = async (body: object) => new Set((await ask(body)).map((row) => row.state));
    expect(await states({ stateFilter: 'archived' })).toEqual(new Set(['archived']));
    expect(await states({})).toEqual(new Set(['enabled', 'paused']));
    const tactics = new Set((await ask({ ...all, tacticFilter: 'T00030' })).map((row) => row.tactic));
    expect(tactics).toEqual(new Set(['T00030']));
    expect((await ask({ ...all, tacticFilter: 'T00020,T00030' })).length).toBe(
      sandbox.truthFor('sd_campaigns_snapshot', seller).rows,
    );
  });

  it('leave out video campaigns of Sponsored Brands', () => {
    const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
    const known = new Set(rowsOf('sb_campaigns_snapshot').map((row) => row.campaignId));
    const ids = (part: string) =>
      parseExactly<Row[]>(sandbox.fileFor('sb_campaigns_report_v2', seller, day, { part })).map(
        (row) => row.campaignId,
      );
    expect(ids('plain').every((id) => known.has(id))).toBe(true);
    expect(ids('video').length > 0 && ids('video').every((id) => !known.has(id))).toBe(true);
  });

  it('change from day to day: states, budgets, and negatives that vanish', () => {
    const at = (dataset: string, days: number) =>
      sandbox.truthFor(dataset, seller, new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10));
    expect(at('sp_campaigns_snapshot', 30).sums).not.toEqual(at('sp_campaigns_snapshot', 0).sums);
    expect(at('sp_campaigns_snapshot', 30).ids.campaignId).toBe(at('sp_campaigns_snapshot', 0).ids.campaignId);
    const negatives = [0, 1, 2, 3, 4].map((days) => at('sp_negative_keywords_snapshot', days).ids.keywordId);
    expect(new Set(negatives).size).toBeGreaterThan(1);
  });
});

describe('answers about snapshots', () => {
  const expected = [
    ['/v2/sp/campaigns/snapshot', 200, 'campaigns', undefined, /^amzn1\.clicksAPI\.v1\.p1\./, '/v1/snapshots/'],
    ['/v2/hsa/campaigns/snapshot', 200, 'campaign', undefined, /^amzn1\.clicksAPI\.v1\.p1\./, '/v1/snapshots/'],
    ['/sd/adGroups/snapshot', 202, 'adgroups', 'adGroups', /^amzn1\.sdAPI\.p1\./, '/sd/snapshots/'],
    ['/v2/sd/targets/snapshot', 202, 'targets', 'targets', /^amzn1\.sdAPI\.p1\./, '/sd/snapshots/'],
  ] as const;

  it.each(expected)('%s', async (path, code, created, listed, id, location) => {
    const answer = await client.post(path, seller, all);
    const body = (await answer.json()) as { snapshotId: string; recordType: string; status: string };
    expect([answer.status, body.recordType, body.status]).toEqual([code, created, 'IN_PROGRESS']);
    expect(body.snapshotId).toMatch(id);
    const statusPath = `${path.split('/').slice(0, -2).join('/')}/snapshots/${body.snapshotId}`;
    const status = await client.wait(statusPath, seller);
    expect((await client.get(statusPath, seller)).status).toBe(code);
    expect(status.recordType).toBe(listed);
    expect(status.location).toBe(`${sandbox.apiUrl}${location}${body.snapshotId}/download`);
    const minutes = (status.expiration! - Date.now()) / 60_000;
    if (code === 202) expect(minutes > 29 && minutes <= 30).toBe(true);
    else expect([minutes > 88 * 1440, status.expiration! % 86_400_000]).toEqual([true, 0]);
    for (const link of [status.location!, `/v2/snapshots/${body.snapshotId}/download`, `${statusPath}/download`]) {
      expect((await raw(await client.link(link, seller))).status).toBe(200);
    }
  });

  it('end when the file does: half an hour for Sponsored Display', async () => {
    const other = await startSandbox({ rows: 3, profiles: 1, jobSeconds: 0 });
    const there = await Client.login(other);
    const profile = other.profiles[0]!.profileId;
    const id = await there.create('/sd/campaigns/snapshot', profile, {});
    await there.wait(`/sd/snapshots/${id}`, profile);
    const link = await there.link(`/sd/snapshots/${id}/download`, profile);
    other.advance({ seconds: 29 });
    expect((await raw(link)).status).toBe(200);
    other.advance({ seconds: 30 * 60 });
    expect((await there.get(`/sd/snapshots/${id}`, profile)).status).toBe(404);
    await other.close();
  });
});
