import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesOf, NOTHING_HELD } from '../../src/contracts/conformance/connector-trial.js';
import type { DatasetOptions, Source } from '../../src/contracts/index.js';
import {
  type Amazon,
  askFor,
  configFor,
  jobDataset,
  makeJobs,
  openTrial,
  PROFILE,
  startAmazon,
  trialCtx,
} from './amazon.js';
import { sendJson } from './server.js';

let amazon: Amazon;
let source: Source;
beforeEach(async () => {
  amazon = await startAmazon();
  source = await openTrial(configFor(amazon));
});
afterEach(async () => {
  await source.close();
  await amazon.close();
});

/** Bodies and paths of what is posted for one slice. */
async function posted(name: string, slice: string, options: DatasetOptions = {}) {
  const dataset = jobDataset(source, name);
  const before = amazon.api.received.length;
  const ctx = trialCtx();
  const jobs = await makeJobs(dataset, askFor(dataset, slice, options), ctx);
  const posts = amazon.api.received
    .slice(before)
    .filter((r) => r.method === 'POST' && r.url !== '/auth/o2/token')
    .map((r) => ({ path: r.url, body: JSON.parse(r.body) as Record<string, string> }));
  return { jobs, posts, ctx };
}

describe('what is asked for', () => {
  it('snapshots', async () => {
    const all = 'enabled,paused,archived';
    expect((await posted('sp_campaign_negative_keywords_snapshot', '2026-11-02')).posts).toEqual([
      { path: '/v2/sp/campaignNegativeKeywords/snapshot', body: { stateFilter: all } },
    ]);
    expect((await posted('sb_keywords_snapshot', '2026-11-02', { filter: { state: ['paused'] } })).posts).toEqual([
      { path: '/v2/hsa/keywords/snapshot', body: { stateFilter: 'paused' } },
    ]);
    expect((await posted('sd_product_ads_snapshot', '2026-11-02')).posts).toEqual([
      { path: '/sd/productAds/snapshot', body: { stateFilter: all, tacticFilter: 'T00020,T00030' } },
    ]);
  });

  it('reports of Sponsored Products and Display', async () => {
    const columns = ['clicks', 'cost'];
    expect((await posted('sp_keywords_query_report_v2', '2026-10-01', { columns })).posts).toEqual([
      {
        path: '/v2/sp/keywords/report',
        body: { reportDate: '20261001', metrics: 'keywordId,query,clicks,cost', segment: 'query' },
      },
    ]);
    expect(
      (await posted('sp_ad_groups_report_v2', '2026-10-01', { columns, filter: { state: ['enabled'] } })).posts,
    ).toEqual([
      {
        path: '/v2/sp/adGroups/report',
        body: { reportDate: '20261001', metrics: 'adGroupId,clicks,cost', stateFilter: 'enabled' },
      },
    ]);
    expect((await posted('sd_ad_groups_matched_target_report_v2', '2026-10-01/T00030', { columns })).posts).toEqual([
      {
        path: '/sd/adGroups/report',
        body: {
          reportDate: '20261001',
          tactic: 'T00030',
          metrics: 'adGroupId,matchedTarget,clicks,cost',
          segment: 'matchedTarget',
        },
      },
    ]);
  });

  it('purchased products of Sponsored Products, once by keywords and once by targets', async () => {
    const { jobs, posts } = await posted('sp_asins_report_v2', '2026-10-01', {
      columns: ['currency', 'matchType', 'targetingText'],
    });
    expect(jobs.map((job) => job.part)).toEqual(['keywords', 'targets']);
    const rest = { reportDate: '20261001', campaignType: 'sponsoredProducts' };
    expect(posts.map((post) => post.body)).toEqual([
      { ...rest, metrics: 'campaignId,adGroupId,keywordId,asin,sku,otherAsin,currency,matchType' },
      { ...rest, metrics: 'campaignId,adGroupId,targetId,asin,sku,otherAsin,currency,targetingText' },
    ]);
  });

  it('Sponsored Brands, all creatives at once', async () => {
    const { jobs, posts } = await posted('sb_campaigns_report_v2', '2026-10-01', { columns: ['vtr', 'unitsSold14d'] });
    expect(jobs.map((job) => job.part)).toEqual(['all']);
    expect(posts).toEqual([
      {
        path: '/v2/hsa/campaigns/report',
        body: { reportDate: '20261001', metrics: 'campaignId,unitsSold14d,vtr', creativeType: 'all' },
      },
    ]);
  });

  it('Sponsored Brands where that is refused: plain and video, remembered', async () => {
    amazon.intercept = (request, response) => {
      if (!request.body.includes('"creativeType":"all"')) return false;
      sendJson(response, 400, { code: '400', details: 'creativeType all is not supported' });
      return true;
    };
    const columns = ['vtr', 'unitsSold14d'];
    const first = await posted('sb_campaigns_report_v2', '2026-10-01', { columns });
    expect(first.jobs.map((job) => job.part)).toEqual(['plain', 'video']);
    expect(first.posts.map(({ body }) => [body.creativeType, body.metrics])).toEqual([
      ['all', 'campaignId,unitsSold14d,vtr'],
      [undefined, 'campaignId,unitsSold14d'],
      ['video', 'campaignId,vtr'],
    ]);
    expect((await posted('sb_campaigns_report_v2', '2026-10-02', { columns })).posts).toHaveLength(2);
  });

  it('goes on after a restart with the job that is missing', async () => {
    const dataset = jobDataset(source, 'sb_campaigns_report_v2');
    const made = [{ id: 'r1', part: 'plain', asOf: '2026-11-02T00:00:00.000Z' }];
    const next = await dataset.fetch.request(askFor(dataset, '2026-10-01'), { token: 't', made }, trialCtx());
    expect(next).toMatchObject({ job: { part: 'video' }, more: false, adopted: false });
  });

  it('leaves out a metric that the source does not know after all, and says so', async () => {
    amazon.intercept = (request, response) => {
      if (!/metrics.*bidPlus/.test(request.body)) return false;
      sendJson(response, 400, { code: '400', details: 'Unsupported metric bidPlus', requestId: 'X' });
      return true;
    };
    const { posts, ctx } = await posted('sp_campaigns_placement_report_v2', '2026-10-01');
    expect(posts).toHaveLength(2);
    expect(posts[1]!.body.metrics!.split(',')).toHaveLength(39);
    expect(ctx.noted.filter((n) => n.level === 'warn').map((n) => n.message)).toEqual([
      expect.stringContaining('bidPlus'),
    ]);
    expect((await posted('sp_campaigns_placement_report_v2', '2026-10-02')).posts).toHaveLength(1);
  });

  it('fails where a key column is not known', async () => {
    amazon.intercept = (request, response) => {
      if (!request.url.endsWith('/report')) return false;
      sendJson(response, 400, { code: '400', details: 'Unsupported metric campaignId' });
      return true;
    };
    await expect(posted('sp_campaigns_report_v2', '2026-10-01')).rejects.toMatchObject({ code: 'E_REQUEST_REJECTED' });
  });
});

describe('profiles', () => {
  const ids = async (profiles: Record<string, unknown>) => {
    const filtered = await openTrial(configFor(amazon, { profiles }));
    try {
      const list = await filtered.scopes(trialCtx());
      return { ids: list.scopes.map((s) => s.id), missing: list.missing, visible: list.visible.length };
    } finally {
      await filtered.close();
    }
  };

  it('are described for people and for rules', async () => {
    const { scopes } = await source.scopes(trialCtx());
    expect(scopes[0]).toEqual({
      id: PROFILE,
      timezone: 'America/Los_Angeles',
      label: 'Acme, ["Inc"] (US, USD, America/Los_Angeles, seller)',
      facts: {
        name: 'Acme, ["Inc"]',
        country: 'US',
        currency: 'USD',
        type: 'seller',
        subType: null,
        marketplace: 'ATVPDKIKX0DER',
      },
    });
    expect(scopes[1]!.label).toBe('222 (UK, GBP, Europe/London, vendor)');
    expect(scopes[2], 'a zone that nobody knows').toMatchObject({ id: '333', timezone: 'UTC' });
  });

  it('are filtered, and those named but not shown are told', async () => {
    expect(await ids({ ids: [222, 444] })).toEqual({ ids: ['222'], missing: ['444'], visible: 3 });
    expect(await ids({ exclude: [222n, '333'] })).toMatchObject({ ids: [PROFILE], missing: [] });
    expect(await ids({ countries: ['gb', 'DE'] })).toMatchObject({ ids: ['222', '333'] });
    expect(await ids({ types: ['seller', 'vendor'] })).toMatchObject({ ids: [PROFILE, '222'] });
    expect(await ids({ ids: [222], countries: ['US'] }), 'filtered out is not missing').toMatchObject({
      ids: [],
      missing: [],
    });
  });

  it('are a table: one file for all, each record as it was sent', async () => {
    const dataset = source.datasets.find((d) => d.name === 'profiles')!;
    if (dataset.fetch.kind !== 'direct') throw new Error('profiles are read directly');
    const slices = [PROFILE, '222', '999'].map((scope) => ({ dataset: 'profiles', scope, slice: '2026-11-02' }));
    const drafts = dataset.fetch.coalesce(dataset.request({}), slices);
    expect(drafts).toHaveLength(1);
    const ask = { connection: 'trial', dataset: 'profiles', ...drafts[0]!, fingerprint: 'f', requestFingerprint: 'r' };
    const parts = [];
    for await (const part of dataset.fetch.read(ask, NOTHING_HELD, trialCtx())) parts.push(part);
    expect(parts).toHaveLength(1);
    const text = (await bytesOf(parts[0]!.body!.stream)).toString();
    expect(text).toContain('999999999.100000');
    expect(text).toContain(`"profileId": ${PROFILE}`);
    expect(JSON.parse(text), 'the profile that nobody asked for is left out').toHaveLength(2);
    expect(parts[0]!.slices).toEqual(slices.slice(0, 2));
    expect(parts[0]!.gaps).toMatchObject([{ key: slices[2], reason: 'profile_gone' }]);
  });

  it('fail as one where the answer is no list', async () => {
    amazon.intercept = (request, response) => {
      if (!request.url.startsWith('/v2/profiles')) return false;
      sendJson(response, 200, { profiles: [] });
      return true;
    };
    await expect(source.scopes(trialCtx())).rejects.toMatchObject({ code: 'E_PROTOCOL' });
  });
});

describe('check', () => {
  const lines = async (more: Record<string, unknown> = {}) => {
    const checked = await openTrial(configFor(amazon, more));
    const found = [];
    for await (const line of checked.check(trialCtx())) found.push(line);
    await checked.close();
    return found;
  };

  it('tells login, API, each profile, and what is missing or left out', async () => {
    const found = await lines({ profiles: { ids: [222, 444] } });
    expect(found.map((line) => [line.ok, line.what])).toEqual([
      [true, 'login'],
      [true, 'api'],
      [true, 'profile 222'],
      [false, 'profile 444'],
      [true, 'profiles'],
    ]);
    expect(found[2]!.detail).toBe('no name · UK · GBP · Europe/London · vendor');
    expect(found[3]).toMatchObject({ code: 'E_PROFILE_UNKNOWN', remedy: expect.any(String) });
    expect(found[4]!.detail).toContain('2 more left out');
  });

  it('stops at what is wrong, with a remedy', async () => {
    const found = await lines({ endpoints: { api: 'http://127.0.0.1:9', token: `${amazon.api.url}/auth/o2/token` } });
    expect(found.map((line) => [line.ok, line.what, line.code])).toEqual([
      [true, 'login', undefined],
      [false, 'api', 'E_UNREACHABLE'],
    ]);
  });
});

it('tells how patient it is, who it is, and that it is not Amazon', async () => {
  expect(source.official).toBe(false);
  expect(source.identity).toBe(`na ${amazon.api.host}`);
  expect(source.timing).toEqual({ firstMs: 5000, maxMs: 120_000, deadlineMs: 21_600_000, giveUpMs: 86_400_000 });
  expect(source.jobsInFlight).toBe(50);
  const official = await openTrial({ ...configFor(amazon), endpoints: {} });
  expect(official.official).toBe(true);
  await official.close();
});
