import { describe, expect, it } from 'vitest';
import type { MillpondError } from '../../src/base/errors.js';
import { METRICS } from '../../src/connectors/amazon-ads/catalog/report-metrics.js';
import { amazonAds } from '../../src/connectors/amazon-ads/index.js';
import { connectorNamed, connectors } from '../../src/connectors/registry.js';
import type { Dataset, Scope } from '../../src/contracts/index.js';

const named = (name: string): Dataset => {
  const dataset = amazonAds.datasets.find((d) => d.name === name);
  if (!dataset) throw new Error(`no dataset ${name}`);
  return dataset;
};
const columnsOf = (name: string) => Object.fromEntries(named(name).tables[0]!.columns.map((c) => [c.name, c]));
const errorOf = (call: () => unknown): MillpondError => {
  try {
    call();
  } catch (error) {
    return error as MillpondError;
  }
  throw new Error('it should have thrown');
};
const scope = (facts: Record<string, string | null>): Scope => ({ id: '1', timezone: 'UTC', label: '', facts });

describe('the catalogue', () => {
  it('holds profiles, every snapshot and every report with its segments', () => {
    const names = amazonAds.datasets.map((d) => d.name);
    expect(names).toHaveLength(39);
    expect(names).toContain('sp_campaign_negative_keywords_snapshot');
    expect(names.filter((n) => /^sp_.*_snapshot$/.test(n))).toHaveLength(8);
    expect(names.filter((n) => /^sb_.*_snapshot$/.test(n))).toEqual(['sb_campaigns_snapshot', 'sb_keywords_snapshot']);
    expect(names.filter((n) => /^sd_.*_snapshot$/.test(n))).toHaveLength(4);
    expect(names.filter((n) => /^sp_.*_report_v2$/.test(n))).toHaveLength(9);
    expect(names.filter((n) => /^sb_.*_report_v2$/.test(n))).toHaveLength(7);
    expect(names.filter((n) => /^sd_.*_report_v2$/.test(n))).toHaveLength(8);
    for (const name of [
      'sp_keywords_query_report_v2',
      'sp_campaigns_placement_report_v2',
      'sb_keywords_query_report_v2',
      'sd_targets_matched_target_report_v2',
      'sd_ad_groups_report_v2',
    ]) {
      expect(names).toContain(name);
    }
  });

  it('knows every metric, and all but one are in some report', () => {
    expect(METRICS).toHaveLength(120);
    const used = new Set(amazonAds.datasets.flatMap((d) => d.tables[0]!.columns.map((c) => c.source)));
    // Amazon's page of metrics defines it, but no page of a report type lists it.
    expect(METRICS.filter((metric) => !used.has(metric))).toEqual(['viewAttributedOrderRateNewToBrand14d']);
  });

  it('says what Amazon has switched off, when, and what took its place', () => {
    expect(named('profiles').state).toEqual({ kind: 'alive' });
    expect(named('sd_targets_snapshot').state).toEqual({
      kind: 'retired',
      since: '2024-12-15',
      successor: 'POST /targets/export',
    });
    expect(named('sp_keywords_query_report_v2').state).toMatchObject({ since: '2023-03-30' });
    expect(named('sd_campaigns_report_v2').state).toMatchObject({ since: '2024-10-31' });
    expect(named('sb_campaigns_report_v2').state).toMatchObject({ kind: 'retired', since: null });
  });

  it('types ids, counts, money and ratios', () => {
    const sp = columnsOf('sp_campaigns_report_v2');
    expect(sp.report_date).toMatchObject({ type: 'date', role: 'constant', nullable: false });
    expect(sp.campaign_id).toMatchObject({ source: 'campaignId', type: 'bigint', role: 'dimension', nullable: false });
    expect(sp.attributed_conversions_14d_same_sku).toMatchObject({ type: 'bigint', role: 'metric', nullable: true });
    expect(sp.attributed_sales_14d).toMatchObject({ type: 'decimal(18,6)' });
    expect(sp.attributed_kindle_edition_normalized_pages_royalties_14d).toMatchObject({ type: 'decimal(18,6)' });
    expect(sp.tactic).toBeUndefined();
    const sb = columnsOf('sb_campaigns_report_v2');
    expect(sb.video_5_second_view_rate).toMatchObject({ type: 'double' });
    expect(sb.units_sold_14d, 'a metric of plain campaigns only').toBeDefined();
    expect(sb.vtr, 'a metric of video campaigns only').toBeDefined();
    expect(columnsOf('sd_campaigns_report_v2').tactic).toMatchObject({ type: 'varchar', role: 'constant' });
    const keywords = columnsOf('sp_keywords_snapshot');
    expect(keywords.bid).toMatchObject({ type: 'decimal(18,6)', nullable: true });
    expect(columnsOf('sd_campaigns_snapshot').last_updated_date).toMatchObject({
      type: 'timestamptz',
      aliases: ['lastUpdateDate'],
    });
    expect(columnsOf('sd_targets_snapshot').expression!.type).toBe('json');
    expect(columnsOf('sp_targets_snapshot').resolved_expression!.type).toEqual({
      list: {
        struct: [
          { name: 'type', source: 'type', type: 'varchar' },
          { name: 'value', source: 'value', type: 'varchar' },
        ],
      },
    });
  });

  it('is in the registry', () => {
    expect(connectorNamed('amazon-ads')).toBe(connectors[0]);
    expect(connectorNamed('amazon')).toBeUndefined();
  });
});

describe('options', () => {
  it('asks for all columns, or for those named in either spelling and the key', () => {
    const dataset = named('sp_keywords_query_report_v2');
    expect(dataset.request({}).columns).toHaveLength(42);
    const some = dataset.request({ columns: ['clicks', 'attributed_sales_14d', 'report_date'] });
    expect(some.columns).toEqual(['keywordId', 'query', 'attributedSales14d', 'clicks']);
    expect(some.tables[0]!.columns.map((c) => c.name)).toEqual([
      'report_date',
      'keyword_id',
      'query',
      'attributed_sales_14d',
      'clicks',
    ]);
  });

  it('names the nearest column or filter', () => {
    const column = errorOf(() => named('sp_keywords_report_v2').request({ columns: ['impresions'] }));
    expect(column).toMatchObject({
      code: 'E_CONFIG',
      message: "sp_keywords_report_v2 has no column 'impresions'; did you mean 'impressions'?",
    });
    const filter = errorOf(() => named('sp_campaigns_snapshot').request({ filter: { sate: ['enabled'] } }));
    expect(filter.message).toContain("did you mean 'state'?");
    const none = errorOf(() => named('sp_campaigns_placement_report_v2').request({ filter: { state: ['enabled'] } }));
    expect(none, 'no state filter beside a segment').toMatchObject({ code: 'E_CONFIG' });
    expect(errorOf(() => named('sp_campaigns_snapshot').request({ columns: ['name'] })).message).toContain(
      'all of its columns',
    );
    expect(errorOf(() => named('sp_campaigns_snapshot').request({ filter: { state: [] } })).code).toBe('E_CONFIG');
    expect(errorOf(() => named('sp_campaigns_snapshot').request({ filter: { state: ['enabled,paused'] } })).code).toBe(
      'E_CONFIG',
    );
  });

  it('asks for all states and both tactics unless told otherwise', () => {
    expect(named('sp_campaigns_snapshot').request({}).params).toEqual({ stateFilter: 'enabled,paused,archived' });
    expect(named('sd_campaigns_snapshot').request({ filter: { tactic: ['T00030'] } }).params).toEqual({
      stateFilter: 'enabled,paused,archived',
      tacticFilter: 'T00030',
    });
    expect(named('sp_keywords_report_v2').request({ filter: { state: ['paused'] } }).params).toEqual({
      stateFilter: 'paused',
    });
    expect(named('sd_targets_report_v2').request({}).slicing).toMatchObject({ parts: ['T00020', 'T00030'] });
    const narrowed = named('sd_targets_report_v2').request({ filter: { tactic: ['T00020'] } });
    expect(narrowed.slicing).toMatchObject({ parts: ['T00020'] });
    expect(narrowed.params, 'a tactic is a slice, not another request').toEqual({});
  });

  it('reloads a day at 58 days only where 30-day metrics are asked for', () => {
    const dataset = named('sp_campaigns_report_v2');
    expect(dataset.request({}).slicing).toMatchObject({
      ages: [1, 2, 3, 7, 14, 28, 42, 58],
      retentionDays: 60,
      maxDays: 1,
    });
    expect(dataset.request({ columns: ['clicks'] }).slicing).toMatchObject({ ages: [1, 2, 3, 7, 14, 28, 42] });
  });

  it('tells the day and the tactic of each ask', () => {
    const dataset = named('sd_asins_report_v2');
    const slices = ['2026-10-01/T00020', '2026-10-01/T00030'].map((slice) => ({
      dataset: dataset.name,
      scope: '1',
      slice,
    }));
    expect(dataset.fetch.coalesce(dataset.request({}), slices).map((draft) => draft.constants)).toEqual([
      { report_date: '2026-10-01', tactic: 'T00020' },
      { report_date: '2026-10-01', tactic: 'T00030' },
    ]);
  });
});

describe('rules of Amazon', () => {
  it('knows who is never served', () => {
    const vendor = scope({ type: 'vendor', subType: null });
    const author = scope({ type: 'vendor', subType: 'KDP_AUTHOR' });
    const agency = scope({ type: 'agency', subType: null });
    const seller = scope({ type: 'seller', subType: null });
    expect(named('sp_asins_report_v2').unavailable(vendor)).toMatchObject({ reason: 'not_offered' });
    expect(named('sd_asins_report_v2').unavailable(vendor)).toMatchObject({ reason: 'not_offered' });
    expect(named('sp_campaigns_report_v2').unavailable(vendor)).toBeUndefined();
    expect(named('sb_keywords_snapshot').unavailable(author)).toMatchObject({ reason: 'not_offered' });
    expect(named('sp_keywords_snapshot').unavailable(author)).toBeUndefined();
    for (const dataset of amazonAds.datasets) {
      expect(dataset.unavailable(seller), dataset.name).toBeUndefined();
      expect(dataset.unavailable(agency) === undefined, dataset.name).toBe(dataset.name === 'profiles');
    }
  });
});
