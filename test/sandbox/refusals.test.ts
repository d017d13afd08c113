import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, type SandboxProfile, startSandbox } from '../../src/sandbox/index.js';
import { Client, compact, daysAgo } from './client.js';

let sandbox: Sandbox;
let client: Client;
let seller: string;
let profileOf: (fits: (profile: SandboxProfile) => boolean) => string;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 5, jobSeconds: 0 });
  client = await Client.login(sandbox);
  profileOf = (fits) => sandbox.profiles.find(fits)!.profileId;
  seller = profileOf((p) => p.type === 'seller' && p.countryCode === 'US');
});
afterAll(() => sandbox.close());

const reportDate = compact(daysAgo(5));
const sp = { reportDate, metrics: 'impressions,clicks' };
const sd = { ...sp, tactic: 'T00020' };

async function refused(answer: Promise<Response>, status: number, details: RegExp): Promise<void> {
  const got = await answer;
  const body = (await got.json()) as { code: string; details: string; requestId: string };
  expect([got.status, body.details]).toEqual([status, expect.stringMatching(details)]);
  expect(body).toEqual({ code: expect.any(String), details: body.details, requestId: expect.any(String) });
}

describe('who asks', () => {
  const path = '/v2/sp/campaigns/report';

  it('needs a token that is ours', async () => {
    await refused(client.post(path, seller, sp, { authorization: '' }), 401, /Unauthorized/);
    await refused(client.post(path, seller, sp, { authorization: 'Bearer Atza|other' }), 401, /invalid or has expired/);
    const display = await client.post('/sd/campaigns/report', seller, sd, { authorization: 'Bearer Atza|other' });
    expect(await display.json()).toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('needs the client id', async () => {
    await refused(
      client.post(path, seller, sp, { 'Amazon-Advertising-API-ClientId': '' }),
      401,
      /ClientId header is missing/,
    );
    await refused(client.post(path, seller, sp, { 'Amazon-Advertising-API-ClientId': 'x' }), 401, /does not match/);
  });

  it('needs a profile that is there', async () => {
    await refused(client.post(path, '', sp), 401, /^No matching advertiser found for scope/);
    await refused(client.post(path, '42', sp), 401, /^Not authorized to access scope 42$/);
  });
});

describe('what is asked', () => {
  const reports: [string, string, unknown, number, RegExp][] = [
    ['no JSON', '/v2/sp/campaigns/report', 'metrics=clicks', 422, /^Unrecognized token 'metrics=clicks'/],
    ['an empty body', '/v2/sp/campaigns/report', '', 422, /^Unrecognized token/],
    ['a list', '/v2/sp/campaigns/report', '[]', 422, /must be a JSON object/],
    ['no date', '/v2/sp/campaigns/report', { metrics: 'clicks' }, 422, /reportDate is required/],
    ['a date with dashes', '/v2/sp/campaigns/report', { ...sp, reportDate: daysAgo(5) }, 422, /Invalid reportDate/],
    ['a day that is none', '/v2/sp/campaigns/report', { ...sp, reportDate: '20260231' }, 422, /Invalid reportDate/],
    ['tomorrow', '/v2/sp/campaigns/report', { ...sp, reportDate: compact(daysAgo(-2)) }, 400, /future/],
    [
      'too old a day',
      '/v2/sp/campaigns/report',
      { ...sp, reportDate: compact(daysAgo(62)) },
      406,
      /^Report date is too far in the past. Reports are only available for 60 days.$/,
    ],
    ['no metrics', '/v2/sp/campaigns/report', { reportDate }, 422, /metrics is required/],
    [
      'an unknown metric',
      '/v2/sp/campaigns/report',
      { ...sp, metrics: 'clicks,bidPlus' },
      400,
      /^Unsupported metric bidPlus$/,
    ],
    [
      'a space in the list',
      '/v2/sp/campaigns/report',
      { ...sp, metrics: 'clicks, cost' },
      400,
      /^Unsupported metric {2}cost$/,
    ],
    ['an unknown record type', '/v2/sp/things/report', sp, 400, /Invalid record type: things/],
    ['a segment that does not fit', '/v2/sp/campaigns/report', { ...sp, segment: 'query' }, 400, /Segment query/],
    [
      'segment and state',
      '/v2/sp/keywords/report',
      { ...sp, segment: 'query', stateFilter: 'enabled' },
      422,
      /cannot be used in the same/,
    ],
    ['an unknown state', '/v2/sp/keywords/report', { ...sp, stateFilter: 'on' }, 422, /Invalid stateFilter: on/],
    [
      'asins without campaignType',
      '/v2/sp/asins/report',
      { reportDate, metrics: 'asin,otherAsin' },
      422,
      /campaignType/,
    ],
    ['an unknown creative', '/v2/hsa/campaigns/report', { ...sp, creativeType: 'plain' }, 400, /creativeType plain/],
    [
      'a video metric of plain creatives',
      '/v2/hsa/campaigns/report',
      { ...sp, metrics: 'vtr' },
      400,
      /^Unsupported metric vtr$/,
    ],
    ['no tactic', '/sd/campaigns/report', sp, 422, /tactic is required/],
    ['an unknown tactic', '/sd/campaigns/report', { ...sp, tactic: 'T00001' }, 400, /Invalid tactic: T00001/],
    ['snapshots of nothing', '/v2/hsa/adGroups/snapshot', {}, 400, /Invalid record type/],
    ['a snapshot without a body', '/v2/sp/campaigns/snapshot', '', 422, /Unrecognized token/],
    [
      'a snapshot of unknown states',
      '/sd/campaigns/snapshot',
      { stateFilter: 'enabled,gone' },
      422,
      /Invalid stateFilter: gone/,
    ],
    [
      'a snapshot of unknown tactics',
      '/sd/campaigns/snapshot',
      { tacticFilter: 'T1' },
      422,
      /Invalid tacticFilter: T1/,
    ],
  ];
  it.each(reports)('refuses %s', async (_, path, body, status, details) => {
    await refused(client.post(path, seller, body), status, details);
  });

  it('wants JSON by its name', async () => {
    await refused(
      client.post('/sd/campaigns/report', seller, sd, { 'content-type': 'text/plain' }),
      415,
      /application\/json/,
    );
  });

  it('lets unknown keys of Sponsored Display pass', async () => {
    expect((await client.post('/sd/campaigns/report', seller, { ...sd, colour: 'blue' })).status).toBe(202);
  });

  it('counts the 60 days in the profile’s zone', async () => {
    // In Los Angeles it is the 10th, in Tokyo the 11th already.
    const late = await startSandbox({
      rows: 2,
      profiles: 3,
      jobSeconds: 0,
      now: () => new Date('2026-10-10T16:00:00Z'),
    });
    const there = await Client.login(late);
    const [us, , japan] = late.profiles.map((p) => p.profileId);
    const ask = (profile: string, day: string) =>
      there.post('/v2/sp/campaigns/report', profile, { ...sp, reportDate: day });
    expect((await ask(us!, '20260811')).status).toBe(202);
    expect((await ask(us!, '20260810')).status).toBe(406);
    expect((await ask(japan!, '20260812')).status).toBe(202);
    expect((await ask(japan!, '20260811')).status).toBe(406);
    expect((await ask(japan!, '20261011')).status).toBe(202);
    expect((await ask(us!, '20261011')).status).toBe(400);
    await late.close();
  });
});

describe('what a profile never has', () => {
  it('asins for vendors', async () => {
    const vendor = profileOf((p) => p.type === 'vendor');
    const body = { reportDate, metrics: 'asin,otherAsin', campaignType: 'sponsoredProducts' };
    await refused(client.post('/v2/sp/asins/report', vendor, body), 400, /^Asins reports not available to Vendors$/);
  });

  it('Sponsored Brands for authors', async () => {
    const author = profileOf((p) => p.subType === 'KDP_AUTHOR');
    const words = /^KDP authors do not have access to Sponsored Brands functionality$/;
    await refused(client.post('/v2/hsa/campaigns/report', author, sp), 400, words);
    await refused(client.post('/v2/hsa/campaigns/snapshot', author, {}), 400, words);
    expect((await client.post('/v2/sp/campaigns/report', author, sp)).status).toBe(202);
  });

  it('anything for agencies', async () => {
    const agency = profileOf((p) => p.type === 'agency');
    await refused(
      client.post('/v2/sp/campaigns/snapshot', agency, {}),
      401,
      /^No matching advertiser found for scope \d+$/,
    );
  });

  it('T00020 in one marketplace', async () => {
    const emirates = profileOf((p) => p.countryCode === 'AE');
    const words = /^Tactic T00020 is not supported for report API in marketplace A2VIGQ35RCS4UG\.$/;
    await refused(client.post('/sd/campaigns/report', emirates, sd), 400, words);
    expect((await client.post('/sd/campaigns/report', emirates, { ...sd, tactic: 'T00030' })).status).toBe(202);
  });

  it('all creatives at once, for one', async () => {
    const brazil = profileOf((p) => p.refusesAllCreatives === true);
    const ask = (creativeType?: string) => client.post('/v2/hsa/campaigns/report', brazil, { ...sp, creativeType });
    await refused(ask('all'), 400, /^Unsupported creativeType all$/);
    expect([(await ask()).status, (await ask('video')).status]).toEqual([202, 202]);
  });
});

describe('jobs', () => {
  it('are known to their profile only, and under the paths of their kind', async () => {
    const other = sandbox.profiles[1]!.profileId;
    const id = await client.create('/v2/sp/campaigns/snapshot', seller, {});
    await client.wait(`/v2/sp/snapshots/${id}`, seller);
    await refused(client.get(`/v2/sp/snapshots/${id}`, other), 404, /was not found/);
    await refused(client.get(`/v2/hsa/snapshots/${id}`, seller), 404, /was not found/);
    await refused(client.get(`/v2/reports/${id}`, seller), 404, /was not found/);
    await refused(client.get('/v2/reports/1', seller), 404, /was not found/);
    await refused(client.get(`/v2/sp/snapshots/${id}/download`, other), 404, /was not found/);
  });

  it('cannot be downloaded before they are done', async () => {
    sandbox.faults.add({ kind: 'never_ends', count: 1 });
    const id = await client.create('/v2/sp/campaigns/report', seller, sp);
    await refused(client.get(`/v2/reports/${id}/download`, seller), 400, /not ready/);
  });

  it('answer nothing at paths that are none', async () => {
    await refused(client.get('/v2/sp/campaigns', seller), 404, /Method Not Found/);
  });
});
