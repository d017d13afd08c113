import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { metricsOf, partsIn, REPORTS, type ReportKind } from '../../src/sandbox/data/catalog.js';
import { metricKind } from '../../src/sandbox/data/metric-names.js';
import { type Sandbox, type SandboxProfile, startSandbox } from '../../src/sandbox/index.js';
import { Client, compact, daysAgo, exactSum, parseExactly, raw } from './client.js';

let sandbox: Sandbox;
let client: Client;
let seller: SandboxProfile;

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 40, jobSeconds: 0 });
  client = await Client.login(sandbox);
  seller = sandbox.profiles[0]!;
});
afterAll(() => sandbox.close());

const day = daysAgo(9);
type Row = Record<string, string | undefined>;

function pathOf(kind: ReportKind): string {
  return `${{ sp: '/v2/sp', sb: '/v2/hsa', sd: '/sd' }[kind.product]}/${kind.recordType}/report`;
}

function bodyOf(kind: ReportKind, part: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    reportDate: compact(day),
    metrics: metricsOf(kind, part)
      .filter((metric) => part !== 'keywords' || !/^target/.test(metric))
      .join(','),
    ...(kind.segment && { segment: kind.segment }),
    ...(kind.product === 'sd' && { tactic: 'T00020' }),
    ...(kind.recordType === 'asins' && { campaignType: 'sponsoredProducts' }),
    ...(part === 'video' && { creativeType: 'video' }),
    ...more,
  };
}

/** What tells rows apart, by the ids and segments there are. */
function keyOf(kind: ReportKind, row: Row): string {
  const names =
    kind.recordType === 'asins' ? ['adGroupId', 'keywordId', 'targetId', 'asin', 'otherAsin'] : [`${kind.entity}Id`];
  if (kind.recordType === 'ads') names.push('adGroupId');
  return [...names, kind.segment ?? ''].map((name) => row[name]).join('|');
}

describe.each(REPORTS.map((kind) => [kind.dataset, kind] as const))('%s', (dataset, kind) => {
  it('says what the truth says, in values of their types, each row once', async () => {
    const files = await Promise.all(
      partsIn(kind).map((part) => client.file(pathOf(kind), seller.profileId, bodyOf(kind, part))),
    );
    const rows = files.flatMap((file) => parseExactly<Row[]>(file));
    const truth = sandbox.truthFor(dataset, seller.profileId, kind.product === 'sd' ? `${day}/T00020` : day);
    expect(rows.length).toBe(truth.rows);
    expect(rows.length).toBeGreaterThan(5);
    expect(new Set(rows.map((row) => keyOf(kind, row))).size).toBe(rows.length);
    for (const [column, sum] of Object.entries({ ...truth.sums, ...truth.ids })) {
      expect([column, exactSum(rows.flatMap((row) => row[column] ?? []))]).toEqual([column, sum]);
    }
    for (const [column, bytes] of Object.entries(truth.textBytes)) {
      const texts = rows.flatMap((row) => row[column] ?? []);
      expect([column, texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)]).toEqual([column, bytes]);
    }
    const patterns = {
      id: /^\d{15,18}$/,
      integer: /^\d+$/,
      money: /^\d+(\.\d{1,4})?$/,
      ratio: /^\d+(\.\d{1,6})?$/,
      text: /^/,
    };
    for (const row of rows) {
      for (const [name, value] of Object.entries(row)) {
        if (value !== null) expect([name, value]).toEqual([name, expect.stringMatching(patterns[metricKind(name)])]);
      }
    }
  });
});

describe('report files', () => {
  const campaigns = REPORTS.find((kind) => kind.dataset === 'sp_campaigns_report_v2')!;

  it('are pretty-printed, keys in an order of their own, the record’s id unasked on SP only', async () => {
    const metrics = 'impressions,cost,campaignName,clicks';
    const products = await client.file('/v2/sp/campaigns/report', seller.profileId, {
      reportDate: compact(day),
      metrics,
    });
    expect(products).toMatch(/^\[ \{\n {2}"\w+" : /);
    const first = Object.keys(parseExactly<Row[]>(products)[0]!);
    expect([...first].sort()).toEqual(['campaignId', 'campaignName', 'clicks', 'cost', 'impressions']);
    expect(first.filter((name) => name !== 'campaignId')).not.toEqual(metrics.split(','));
    const display = await client.file('/sd/campaigns/report', seller.profileId, {
      reportDate: compact(day),
      metrics,
      tactic: 'T00020',
    });
    expect(display).toMatch(/^\[\n {2}\{\n {4}"\w+": /);
    expect(Object.keys(parseExactly<Row[]>(display)[0]!)).not.toContain('campaignId');
  });

  it('print some money as bare integers, have nulls and absent keys, and names that break careless readers', async () => {
    const rows = parseExactly<Row[]>(sandbox.fileFor('sp_campaigns_report_v2', seller.profileId, day));
    expect(rows.some((row) => /^\d+$/.test(row.campaignBudget!))).toBe(true);
    expect(rows.some((row) => row.applicableBudgetRuleId === null)).toBe(true);
    expect(rows.some((row) => !('campaignRuleBasedBudget' in row))).toBe(true);
    const names = rows.map((row) => row.campaignName!).join('\u0000');
    for (const piece of ['"', '\\', '\n', '🚀', '折', '},{"', '💄']) expect(names).toContain(piece);
  });

  it('are empty now and then, as []', async () => {
    const other = sandbox.profiles.filter((p) => p !== seller && p.type !== 'agency');
    const empty = sandbox
      .truth({ profiles: other.map((p) => p.profileId), datasets: ['sp_campaigns_report_v2', 'sp_keywords_report_v2'] })
      .slices.find((slice) => slice.rows === 0)!;
    const kind = REPORTS.find((report) => report.dataset === empty.dataset)!;
    const body = bodyOf(kind, '', { reportDate: compact(empty.slice) });
    expect(await client.file(pathOf(kind), empty.profileId, body)).toBe('[]');
  });

  it('print yen without digits after the point', () => {
    const japan = sandbox.profiles.find((p) => p.currencyCode === 'JPY')!;
    const days = [3, 4, 5, 6].map((age) => sandbox.fileFor('sp_campaigns_report_v2', japan.profileId, daysAgo(age)));
    const rows = days.flatMap((text) => parseExactly<Row[]>(text));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows)
      expect([row.cost, row.attributedSales30d]).toEqual([
        expect.stringMatching(/^\d+$/),
        expect.stringMatching(/^\d+$/),
      ]);
  });

  it('name only campaigns that the snapshot has', async () => {
    const known = new Set(
      parseExactly<Row[]>(sandbox.fileFor('sp_campaigns_snapshot', seller.profileId)).map((row) => row.campaignId),
    );
    for (const dataset of ['sp_campaigns_report_v2', 'sp_keywords_report_v2', 'sp_product_ads_report_v2']) {
      for (const row of parseExactly<Row[]>(sandbox.fileFor(dataset, seller.profileId, day))) {
        expect(known).toContain(row.campaignId);
      }
    }
  });

  it('can be filtered by state on SP', async () => {
    const ask = (stateFilter: string) =>
      client.file(
        '/v2/sp/campaigns/report',
        seller.profileId,
        bodyOf(campaigns, '', { stateFilter, metrics: 'campaignStatus' }),
      );
    const [paused, all] = await Promise.all([ask('paused'), ask('enabled, paused,archived')]);
    expect(new Set(parseExactly<Row[]>(paused).map((row) => row.campaignStatus))).toEqual(new Set(['paused']));
    expect(parseExactly<Row[]>(all).length).toBe(sandbox.truthFor(campaigns.dataset, seller.profileId, day).rows);
  });
});

describe('creatives of Sponsored Brands', () => {
  it('come together where all are asked for, each with its own columns', async () => {
    const kind = REPORTS.find((report) => report.dataset === 'sb_keywords_query_report_v2')!;
    const metrics = [...new Set(['plain', 'video'].flatMap((part) => metricsOf(kind, part)))].join(',');
    const body = bodyOf(kind, 'plain', { metrics, creativeType: 'all' });
    const rows = parseExactly<Row[]>(await client.file(pathOf(kind), seller.profileId, body));
    const parts = ['plain', 'video'].map((part) => sandbox.truthFor(kind.dataset, seller.profileId, day, { part }));
    expect(rows.length).toBe(parts[0]!.rows + parts[1]!.rows);
    expect(rows.filter((row) => 'vtr' in row).length).toBe(parts[1]!.rows);
    expect(rows.filter((row) => 'campaignId' in row).length).toBe(parts[0]!.rows);
  });
});

describe('time', () => {
  it('restates a day at the ages the source documents, and at no other', async () => {
    const moving = await startSandbox({ rows: 10, profiles: 1, now: () => new Date('2026-06-01T12:00:00Z') });
    const profile = moving.profiles[0]!.profileId;
    let last = '';
    const changes: number[] = [];
    for (let age = 1; age <= 70; age++) {
      const asOf = new Date(Date.parse('2026-06-01T12:00:00Z') + age * 86_400_000).toISOString();
      const { sums } = moving.truthFor('sp_campaigns_report_v2', profile, '2026-06-01', { asOf });
      const now = JSON.stringify(sums);
      if (now !== last) changes.push(age);
      last = now;
    }
    expect(changes).toEqual([1, 2, 3, 7, 14, 28, 42, 58]);
    const at = (days: number, name: string) =>
      moving.truthFor('sp_campaigns_report_v2', profile, '2026-06-01', {
        asOf: new Date(Date.parse('2026-06-01T12:00:00Z') + days * 86_400_000).toISOString(),
      }).sums[name];
    expect(at(3, 'clicks')).toBe(at(60, 'clicks'));
    expect(at(42, 'attributedSales14d')).toBe(at(60, 'attributedSales14d'));
    expect(at(42, 'attributedSales30d')).not.toBe(at(60, 'attributedSales30d'));
    await moving.close();
  });

  it('is what the file follows: a later job of one day differs', async () => {
    const other = await startSandbox({ rows: 10, profiles: 1, jobSeconds: 0 });
    const there = await Client.login(other);
    const body = { reportDate: compact(daysAgo(2)), metrics: 'attributedSales14d' };
    const before = await there.file('/v2/sp/campaigns/report', other.profiles[0]!.profileId, body);
    other.advance({ days: 5 });
    const later = await Client.login(other);
    const after = await later.file('/v2/sp/campaigns/report', other.profiles[0]!.profileId, body);
    expect(after).not.toBe(before);
    await other.close();
  });

  it('and seed are all that data depend on', async () => {
    const now = () => new Date('2026-10-10T12:00:00Z');
    const say = async (seed: number) => {
      const one = await startSandbox({ seed, rows: 10, profiles: 3, now });
      const truth = one.truth({ from: '2026-10-01', to: '2026-10-02' });
      await one.close();
      return JSON.stringify(truth);
    };
    const [first, again, other] = [await say(1), await say(1), await say(2)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('answers about reports', () => {
  const ask = async (path: string, more = {}) => {
    const answer = await client.post(path, seller.profileId, { reportDate: compact(day), metrics: 'clicks', ...more });
    return { answer, body: (await answer.json()) as Record<string, string> };
  };

  it('differ by product: Content-Type, gateway, spelling of the record type, shape of the id', async () => {
    const sp = await ask('/v2/sp/campaigns/report');
    expect([sp.answer.status, sp.answer.headers.get('content-type'), sp.body.recordType]).toEqual([
      202,
      null,
      'campaign',
    ]);
    expect(sp.body.reportId).toMatch(/^amzn1\.clicksAPI\.v1\.m1\./);
    const sb = await ask('/v2/hsa/targets/report');
    expect([sb.answer.status, sb.answer.headers.get('content-type'), sb.body.recordType]).toEqual([
      202,
      null,
      'targets',
    ]);
    const asins = await ask('/v2/asins/report', { metrics: 'asin', campaignType: 'sponsoredProducts' });
    expect(asins.body.recordType).toBe('otherAsin');
    const ids: string[] = [];
    for (const path of ['/sd/campaigns/report', '/v2/sd/campaigns/report', '/sd/campaigns/report']) {
      const sd = await ask(path, { tactic: 'T00020' });
      expect([sd.answer.status, sd.answer.headers.get('content-type'), sd.body.recordType]).toEqual([
        202,
        'application/json',
        'campaigns',
      ]);
      expect(sd.answer.headers.has('x-amzn-requestid')).toBe(true);
      ids.push(sd.body.reportId!.replace(/^(amzn1\.sdAPI\.v1\.[mp]1)\..*/, '$1').replace(/^\d{9}$/, 'digits'));
    }
    expect(new Set(ids)).toEqual(new Set(['amzn1.sdAPI.v1.m1', 'amzn1.sdAPI.v1.p1', 'digits']));
  });

  it('never repeat the record type, point at /v1, and live 90 days', async () => {
    for (const [path, more] of [
      ['/v2/sp/campaigns/report', {}],
      ['/v2/hsa/campaigns/report', {}],
      ['/sd/campaigns/report', { tactic: 'T00030' }],
    ] as const) {
      const { body } = await ask(path, more);
      const status = await client.wait(`/v2/reports/${body.reportId}`, seller.profileId);
      expect(status).not.toHaveProperty('recordType');
      expect(status.location).toBe(`${sandbox.apiUrl}/v1/reports/${body.reportId}/download`);
      expect(status.expiration! % 86_400_000).toBe(0);
      expect((status.expiration! - Date.now()) / 86_400_000).toBeGreaterThan(88);
      const { bytes } = await raw(await client.link(status.location!, seller.profileId));
      const plain = gunzipSync(bytes).length;
      const size = { sp: bytes.length, hsa: plain, sd: plain - 3 }[/sp|hsa|sd/.exec(path)![0]];
      expect(status.fileSize).toBe(size);
    }
  });
});
