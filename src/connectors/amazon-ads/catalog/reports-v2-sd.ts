import type { ReportEntry } from './report-entry.js';
import { words } from './report-metrics.js';

/** Sponsored Display: five record types, three of them also by matched target. */
export const SD_REPORTS: readonly ReportEntry[] = [
  {
    recordType: 'campaigns',
    key: ['campaignId'],
    successor: 'sdCampaigns',
    metrics: words(`
      attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedDetailPageView14d
      attributedOrdersNewToBrand14d attributedSales14d attributedSales14dSameSKU attributedSales1d
      attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU attributedSales7d
      attributedSales7dSameSKU attributedSalesNewToBrand14d attributedUnitsOrdered14d attributedUnitsOrdered1d
      attributedUnitsOrdered30d attributedUnitsOrdered7d attributedUnitsOrderedNewToBrand14d campaignBudget
      campaignId campaignName campaignStatus clicks cost costType currency impressions
      viewAttributedConversions14d viewAttributedDetailPageView14d viewAttributedSales14d
      viewAttributedUnitsOrdered14d viewImpressions viewAttributedOrdersNewToBrand14d
      viewAttributedSalesNewToBrand14d viewAttributedUnitsOrderedNewToBrand14d attributedBrandedSearches14d
      viewAttributedBrandedSearches14d videoCompleteViews videoFirstQuartileViews videoMidpointViews
      videoThirdQuartileViews videoUnmutes vtr vctr avgImpressionsFrequency cumulativeReach
    `),
  },
  {
    recordType: 'campaigns',
    segment: 'matchedTarget',
    key: ['campaignId', 'matchedTarget'],
    successor: 'sdCampaigns by matchedTarget',
    metrics: words(`
      attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedDetailPageView14d
      attributedOrdersNewToBrand14d attributedSales14d attributedSales14dSameSKU attributedSales1d
      attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU attributedSales7d
      attributedSales7dSameSKU attributedSalesNewToBrand14d attributedUnitsOrdered14d attributedUnitsOrdered1d
      attributedUnitsOrdered30d attributedUnitsOrdered7d attributedUnitsOrderedNewToBrand14d campaignBudget
      campaignId campaignName campaignStatus clicks cost costType currency impressions
      viewAttributedConversions14d viewAttributedDetailPageView14d viewAttributedSales14d
      viewAttributedUnitsOrdered14d viewImpressions viewAttributedOrdersNewToBrand14d
      viewAttributedSalesNewToBrand14d viewAttributedUnitsOrderedNewToBrand14d attributedBrandedSearches14d
      viewAttributedBrandedSearches14d matchedTarget
    `),
  },
  {
    recordType: 'adGroups',
    key: ['adGroupId'],
    successor: 'sdAdGroup',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedDetailPageView14d
      attributedOrdersNewToBrand14d attributedSales14d attributedSales14dSameSKU attributedSales1d
      attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU attributedSales7d
      attributedSales7dSameSKU attributedUnitsOrdered14d attributedUnitsOrdered1d attributedUnitsOrdered30d
      attributedUnitsOrdered7d attributedUnitsOrderedNewToBrand14d bidOptimization campaignId campaignName
      clicks cost currency impressions viewAttributedConversions14d viewAttributedDetailPageView14d
      viewAttributedSales14d viewAttributedUnitsOrdered14d viewImpressions viewAttributedOrdersNewToBrand14d
      viewAttributedSalesNewToBrand14d viewAttributedUnitsOrderedNewToBrand14d attributedBrandedSearches14d
      viewAttributedBrandedSearches14d videoCompleteViews videoFirstQuartileViews videoMidpointViews
      videoThirdQuartileViews videoUnmutes vtr vctr avgImpressionsFrequency cumulativeReach
    `),
  },
  {
    recordType: 'adGroups',
    segment: 'matchedTarget',
    key: ['adGroupId', 'matchedTarget'],
    successor: 'sdAdGroup by matchedTarget',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedDetailPageView14d
      attributedOrdersNewToBrand14d attributedSales14d attributedSales14dSameSKU attributedSales1d
      attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU attributedSales7dSameSKU
      attributedUnitsOrdered14d attributedUnitsOrdered1d attributedUnitsOrdered30d attributedUnitsOrdered7d
      attributedUnitsOrderedNewToBrand14d bidOptimization campaignId campaignName clicks cost currency
      impressions viewAttributedConversions14d viewAttributedDetailPageView14d viewAttributedSales14d
      viewAttributedUnitsOrdered14d viewImpressions viewAttributedOrdersNewToBrand14d
      viewAttributedSalesNewToBrand14d viewAttributedUnitsOrderedNewToBrand14d attributedBrandedSearches14d
      viewAttributedBrandedSearches14d matchedTarget
    `),
  },
  {
    recordType: 'productAds',
    key: ['adId'],
    successor: 'sdAdvertisedProduct',
    metrics: words(`
      adGroupId adGroupName adId asin attributedConversions14d attributedConversions14dSameSKU
      attributedConversions1d attributedConversions1dSameSKU attributedConversions30d
      attributedConversions30dSameSKU attributedConversions7d attributedConversions7dSameSKU
      attributedDetailPageView14d attributedOrdersNewToBrand14d attributedSales14d attributedSales14dSameSKU
      attributedSales1d attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU
      attributedSales7d attributedSales7dSameSKU attributedSalesNewToBrand14d attributedUnitsOrdered14d
      attributedUnitsOrdered1d attributedUnitsOrdered30d attributedUnitsOrdered7d
      attributedUnitsOrderedNewToBrand14d campaignId campaignName clicks cost currency impressions sku
      viewAttributedConversions14d viewImpressions viewAttributedDetailPageView14d viewAttributedSales14d
      viewAttributedUnitsOrdered14d viewAttributedOrdersNewToBrand14d viewAttributedSalesNewToBrand14d
      viewAttributedUnitsOrderedNewToBrand14d attributedBrandedSearches14d viewAttributedBrandedSearches14d
      videoCompleteViews videoFirstQuartileViews videoMidpointViews videoThirdQuartileViews videoUnmutes vtr
      vctr avgImpressionsFrequency cumulativeReach
    `),
  },
  {
    recordType: 'targets',
    key: ['targetId'],
    successor: 'sdTargeting',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedDetailPageView14d
      attributedOrdersNewToBrand14d attributedSales14d attributedSales14dSameSKU attributedSales1d
      attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU attributedSales7d
      attributedSales7dSameSKU attributedSalesNewToBrand14d attributedUnitsOrdered14d attributedUnitsOrdered1d
      attributedUnitsOrdered30d attributedUnitsOrdered7d attributedUnitsOrderedNewToBrand14d campaignId
      campaignName clicks cost currency impressions targetId targetingExpression targetingText targetingType
      viewImpressions viewAttributedConversions14d viewAttributedDetailPageView14d viewAttributedSales14d
      viewAttributedUnitsOrdered14d viewAttributedOrdersNewToBrand14d viewAttributedSalesNewToBrand14d
      viewAttributedUnitsOrderedNewToBrand14d attributedBrandedSearches14d viewAttributedBrandedSearches14d
      videoCompleteViews videoFirstQuartileViews videoMidpointViews videoThirdQuartileViews videoUnmutes vtr
      vctr
    `),
  },
  {
    recordType: 'targets',
    segment: 'matchedTarget',
    key: ['targetId', 'matchedTarget'],
    successor: 'sdTargeting by matchedTarget',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedDetailPageView14d
      attributedOrdersNewToBrand14d attributedSales14d attributedSales14dSameSKU attributedSales1d
      attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU attributedSales7d
      attributedSales7dSameSKU attributedSalesNewToBrand14d attributedUnitsOrdered14d attributedUnitsOrdered1d
      attributedUnitsOrdered30d attributedUnitsOrdered7d attributedUnitsOrderedNewToBrand14d campaignId
      campaignName clicks cost currency impressions targetId targetingExpression targetingText targetingType
      viewAttributedConversions14d viewAttributedDetailPageView14d viewAttributedSales14d
      viewAttributedUnitsOrdered14d viewAttributedOrdersNewToBrand14d viewAttributedSalesNewToBrand14d
      viewAttributedUnitsOrderedNewToBrand14d attributedBrandedSearches14d viewAttributedBrandedSearches14d
      matchedTarget
    `),
  },
  {
    recordType: 'asins',
    key: ['campaignId', 'adGroupId', 'asin', 'sku', 'otherAsin'],
    successor: 'sdPurchasedProduct',
    metrics: words(`
      adGroupId adGroupName asin attributedSales14dOtherSKU attributedSales1dOtherSKU
      attributedSales30dOtherSKU attributedSales7dOtherSKU attributedUnitsOrdered14dOtherSKU
      attributedUnitsOrdered1dOtherSKU attributedUnitsOrdered30dOtherSKU attributedUnitsOrdered7dOtherSKU
      campaignId campaignName currency otherAsin sku viewAttributedUnitsOrdered1dOtherSKU
      viewAttributedUnitsOrdered7dOtherSKU viewAttributedUnitsOrdered14dOtherSKU
      viewAttributedUnitsOrdered30dOtherSKU viewAttributedSales1dOtherSKU viewAttributedSales7dOtherSKU
      viewAttributedSales14dOtherSKU viewAttributedSales30dOtherSKU viewAttributedConversions1dOtherSKU
      viewAttributedConversions7dOtherSKU viewAttributedConversions14dOtherSKU
      viewAttributedConversions30dOtherSKU attributedConversions1dOtherSKU attributedConversions7dOtherSKU
      attributedConversions14dOtherSKU attributedConversions30dOtherSKU
    `),
  },
];
