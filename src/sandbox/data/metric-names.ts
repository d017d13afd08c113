import type { Product } from '../types.js';

/**
 * Which metrics each v2 report knows. Source: Amazon's public pages "report types" and "metrics"
 * of reporting v2. Kept apart from the connector's catalogue on purpose: a double that shared
 * its data with what it tests would agree with every mistake in them.
 */

/** How a metric is printed: ids and counts, money of the profile's currency, other decimals, text. */
export type MetricKind = 'id' | 'integer' | 'money' | 'ratio' | 'text';

const words = (text: string): string[] => text.trim().split(/\s+/);
const windows = (...patterns: string[]): string[] =>
  patterns.flatMap((pattern) => ['1d', '7d', '14d', '30d'].map((window) => pattern.replace('*', window)));

const traffic = words('impressions clicks cost');
const campaign = words('campaignId campaignName campaignStatus campaignBudget campaignBudgetType');
const rule = words('applicableBudgetRuleId applicableBudgetRuleName campaignRuleBasedBudget');
const adGroup = words('adGroupId adGroupName');
const keyword = words('keywordId keywordText keywordStatus matchType');
const target = words('targetId targetingExpression targetingText targetingType');
const kindle = words(
  'attributedKindleEditionNormalizedPagesRead14d attributedKindleEditionNormalizedPagesRoyalties14d',
);

const spSales = [
  ...windows('attributedConversions*', 'attributedConversions*SameSKU', 'attributedSales*', 'attributedSales*SameSKU'),
  ...windows('attributedUnitsOrdered*', 'attributedUnitsOrdered*SameSKU'),
];
const sp = [...spSales, ...kindle, ...traffic, ...campaign];

const sbNewToBrand = words(`
  attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d attributedOrdersNewToBrand14d
  attributedOrdersNewToBrandPercentage14d attributedSalesNewToBrand14d attributedSalesNewToBrandPercentage14d
  attributedUnitsOrderedNewToBrand14d attributedUnitsOrderedNewToBrandPercentage14d`);
const sbSales = words(`
  attributedConversions14d attributedConversions14dSameSKU attributedSales14d attributedSales14dSameSKU`);
const sb = [...sbNewToBrand, ...sbSales, ...traffic, ...campaign, 'dpv14d', 'attributedBrandedSearches14d'];
const videoQuartiles = words(`
  videoCompleteViews videoFirstQuartileViews videoMidpointViews videoThirdQuartileViews videoUnmutes vtr vctr`);
const video = [...videoQuartiles, ...words('video5SecondViewRate video5SecondViews viewableImpressions')];
const sbPlain = [...sb, 'unitsSold14d'];
const sbVideo = [...sb, ...video, 'currency'];

const sdSales = [
  ...windows('attributedConversions*', 'attributedConversions*SameSKU', 'attributedSales*', 'attributedSales*SameSKU'),
  ...windows('attributedUnitsOrdered*'),
];
const sdOrders = words(`
  attributedDetailPageView14d attributedOrdersNewToBrand14d attributedUnitsOrderedNewToBrand14d
  viewAttributedConversions14d viewAttributedDetailPageView14d viewAttributedSales14d viewAttributedUnitsOrdered14d`);
const sdBrand = words(`
  viewAttributedOrdersNewToBrand14d viewAttributedSalesNewToBrand14d viewAttributedUnitsOrderedNewToBrand14d
  attributedBrandedSearches14d viewAttributedBrandedSearches14d`);
const sd = [...sdSales, ...sdOrders, ...sdBrand, ...traffic, 'campaignId', 'campaignName', 'currency'];
const reach = words('avgImpressionsFrequency cumulativeReach');
const newSales = 'attributedSalesNewToBrand14d';
const topOfSearch = 'topOfSearchImpressionShare';
const searchRank = words('searchTermImpressionRank searchTermImpressionShare');

const spAsins = [
  ...words('campaignId campaignName asin otherAsin sku currency keywordId keywordText matchType'),
  ...kindle,
  ...adGroup,
  ...target,
  ...windows('attributedSales*OtherSKU', 'attributedUnitsOrdered*', 'attributedUnitsOrdered*OtherSKU'),
];
const sdAsins = [
  ...words('campaignId campaignName asin otherAsin sku currency'),
  ...adGroup,
  ...windows('attributedSales*OtherSKU', 'attributedUnitsOrdered*OtherSKU', 'attributedConversions*OtherSKU'),
  ...windows('viewAttributedSales*OtherSKU', 'viewAttributedUnitsOrdered*OtherSKU'),
  ...windows('viewAttributedConversions*OtherSKU'),
];

/** Metrics of each report, by product, record type (`+` segment); for Sponsored Brands plain and video apart. */
export const METRIC_NAMES: Readonly<Record<Product, Readonly<Record<string, readonly string[]>>>> = {
  sp: {
    campaigns: [...sp, ...rule, 'currency'],
    'campaigns+placement': [...sp, ...rule, 'bidPlus', 'currency', 'placement'],
    adGroups: [...sp, ...adGroup, 'currency'],
    productAds: [...sp, ...adGroup, 'adId', 'asin', 'currency', 'sku'],
    targets: [...sp, ...adGroup, ...target],
    'targets+query': [...sp, ...adGroup, ...target, 'query'],
    keywords: [...sp, ...adGroup, ...keyword, 'currency'],
    'keywords+query': [...sp, ...adGroup, ...keyword, 'currency', 'query'],
    asins: spAsins,
  },
  sb: {
    campaigns: [...sbPlain, ...rule, topOfSearch],
    'campaigns+placement': [...sbPlain, ...rule, 'placement'],
    adGroups: [...sbPlain, ...adGroup],
    targets: [...sbPlain, ...adGroup, ...target, topOfSearch],
    keywords: [...sbPlain, ...adGroup, ...keyword, ...rule, ...searchRank, 'keywordBid', topOfSearch],
    'keywords+query': [
      ...[...traffic, ...campaign, ...adGroup, ...keyword, ...searchRank],
      ...words('attributedConversions14d attributedSales14d keywordBid query'),
    ],
    ads: [...sbPlain, ...adGroup, ...rule, 'vctr'],
    'campaigns/video': [...sbVideo, topOfSearch],
    'campaigns+placement/video': [...sbVideo, 'placement'],
    'adGroups/video': [...sbVideo, ...adGroup],
    'targets/video': [...sbVideo, ...adGroup, ...target, topOfSearch],
    'keywords/video': [...sbVideo, ...adGroup, ...keyword, 'keywordBid', topOfSearch],
    'keywords+query/video': [
      ...[...traffic, ...adGroup, ...keyword, ...video],
      ...words('campaignBudget campaignBudgetType campaignStatus currency'),
      ...words('attributedConversions14d attributedSales14d keywordBid query'),
    ],
    'ads/video': [...sbVideo, ...adGroup, ...rule, 'adId'],
  },
  sd: {
    campaigns: [
      ...[...sd, newSales, ...videoQuartiles, ...reach],
      ...words('viewImpressions campaignBudget campaignStatus costType'),
    ],
    adGroups: [...sd, ...adGroup, ...videoQuartiles, ...reach, 'bidOptimization', 'viewImpressions'],
    productAds: [
      ...[...sd, newSales, ...adGroup, ...videoQuartiles, ...reach],
      ...words('viewImpressions adId asin sku'),
    ],
    targets: [...sd, newSales, ...adGroup, ...target, ...videoQuartiles, 'viewImpressions'],
    asins: sdAsins,
    'campaigns+matchedTarget': [
      ...[...sd, newSales],
      ...words('viewImpressions campaignBudget campaignStatus costType matchedTarget'),
    ],
    // Amazon's page leaves attributedSales7d out of this one.
    'adGroups+matchedTarget': [
      ...sd.filter((name) => name !== 'attributedSales7d'),
      ...[...adGroup, ...words('bidOptimization viewImpressions matchedTarget')],
    ],
    'targets+matchedTarget': [...sd, newSales, ...adGroup, ...target, 'matchedTarget'],
  },
};

const TEXTS = new Set(
  words(`
    applicableBudgetRuleId applicableBudgetRuleName asin bidOptimization bidPlus campaignBudgetType campaignName
    campaignStatus costType currency keywordStatus keywordText matchType matchedTarget otherAsin placement query
    sku targetingExpression targetingText targetingType adGroupName`),
);
const IDS = new Set(words('campaignId adGroupId adId keywordId targetId'));
const RATIOS = new Set([...words('vtr vctr video5SecondViewRate avgImpressionsFrequency'), ...[topOfSearch]]);

const kinds = new Map<string, MetricKind>();

/** How the values of a metric look. */
export function metricKind(name: string): MetricKind {
  let kind = kinds.get(name);
  if (!kind) {
    kind = classify(name);
    kinds.set(name, kind);
  }
  return kind;
}

function classify(name: string): MetricKind {
  if (IDS.has(name)) return 'id';
  if (TEXTS.has(name)) return 'text';
  if (RATIOS.has(name) || /Percentage|OrderRate|Share$/.test(name)) return 'ratio';
  if (/^cost$|[Ss]ales|Budget$|Bid$/.test(name)) return 'money';
  return 'integer';
}
