/**
 * Every metric of reporting v2 and what kind of value it is, after Amazon's page "metrics".
 * One departure: Kindle royalties are documented as integers here, but are amounts of money
 * (and decimals in version 3), so they are kept as money.
 */

/** Splits a list of names as it stands in a template. */
export const words = (text: string): readonly string[] => text.trim().split(/\s+/);

export type MetricKind = keyof typeof METRICS_BY_KIND;

const METRICS_BY_KIND = {
  /** Numbers of an entity: 64 bits. */
  id: words(`
    adGroupId adId campaignId keywordId targetId
  `),
  /** Free text and open enumerations. */
  text: words(`
    adGroupName applicableBudgetRuleId applicableBudgetRuleName asin bidOptimization bidPlus campaignBudgetType
    campaignName campaignStatus costType currency keywordStatus keywordText matchType matchedTarget otherAsin
    placement query sku targetingExpression targetingText targetingType
  `),
  /** Whole numbers. */
  count: words(`
    attributedBrandedSearches14d attributedConversions14d attributedConversions14dOtherSKU
    attributedConversions14dSameSKU attributedConversions1d attributedConversions1dOtherSKU
    attributedConversions1dSameSKU attributedConversions30d attributedConversions30dOtherSKU
    attributedConversions30dSameSKU attributedConversions7d attributedConversions7dOtherSKU
    attributedConversions7dSameSKU attributedDetailPageView14d attributedDetailPageViewsClicks14d
    attributedKindleEditionNormalizedPagesRead14d attributedOrdersNewToBrand14d attributedUnitsOrdered14d
    attributedUnitsOrdered14dOtherSKU attributedUnitsOrdered14dSameSKU attributedUnitsOrdered1d
    attributedUnitsOrdered1dOtherSKU attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d
    attributedUnitsOrdered30dOtherSKU attributedUnitsOrdered30dSameSKU attributedUnitsOrdered7d
    attributedUnitsOrdered7dOtherSKU attributedUnitsOrdered7dSameSKU attributedUnitsOrderedNewToBrand14d clicks
    cumulativeReach dpv14d impressions searchTermImpressionRank unitsSold14d video5SecondViews
    videoCompleteViews videoFirstQuartileViews videoMidpointViews videoThirdQuartileViews videoUnmutes
    viewAttributedBrandedSearches14d viewAttributedConversions14d viewAttributedConversions14dOtherSKU
    viewAttributedConversions1dOtherSKU viewAttributedConversions30dOtherSKU viewAttributedConversions7dOtherSKU
    viewAttributedDetailPageView14d viewAttributedOrdersNewToBrand14d viewAttributedUnitsOrdered14d
    viewAttributedUnitsOrdered14dOtherSKU viewAttributedUnitsOrdered1dOtherSKU
    viewAttributedUnitsOrdered30dOtherSKU viewAttributedUnitsOrdered7dOtherSKU
    viewAttributedUnitsOrderedNewToBrand14d viewImpressions viewableImpressions
  `),
  /** Amounts in the profile's currency. */
  money: words(`
    attributedKindleEditionNormalizedPagesRoyalties14d attributedSales14d attributedSales14dOtherSKU
    attributedSales14dSameSKU attributedSales1d attributedSales1dOtherSKU attributedSales1dSameSKU
    attributedSales30d attributedSales30dOtherSKU attributedSales30dSameSKU attributedSales7d
    attributedSales7dOtherSKU attributedSales7dSameSKU attributedSalesNewToBrand14d campaignBudget
    campaignRuleBasedBudget cost keywordBid viewAttributedSales14d viewAttributedSales14dOtherSKU
    viewAttributedSales1dOtherSKU viewAttributedSales30dOtherSKU viewAttributedSales7dOtherSKU
    viewAttributedSalesNewToBrand14d
  `),
  /** Rates, shares, percentages, frequencies. */
  ratio: words(`
    attributedOrderRateNewToBrand14d attributedOrdersNewToBrandPercentage14d
    attributedSalesNewToBrandPercentage14d attributedUnitsOrderedNewToBrandPercentage14d avgImpressionsFrequency
    searchTermImpressionShare topOfSearchImpressionShare vctr video5SecondViewRate
    viewAttributedOrderRateNewToBrand14d vtr
  `),
} as const;

const KINDS: ReadonlyMap<string, MetricKind> = new Map(
  (Object.keys(METRICS_BY_KIND) as MetricKind[]).flatMap((kind) => METRICS_BY_KIND[kind].map((name) => [name, kind])),
);

/** The kind of a metric. @throws Error for a name that the catalogue lacks: a slip in its own data. */
export function metricKind(name: string): MetricKind {
  const kind = KINDS.get(name);
  if (!kind) throw new Error(`The catalogue has no metric ${name}`);
  return kind;
}

/** Names of all metrics. */
export const METRICS: readonly string[] = [...KINDS.keys()];
