import type { ReportEntry } from './report-entry.js';
import { words } from './report-metrics.js';

/** Sponsored Brands, called `hsa` in paths. `plain` are the metrics of version 3 campaigns, `video` those of video
 * and multi-ad-group campaigns. */
export const SB_REPORTS: readonly ReportEntry[] = [
  {
    recordType: 'campaigns',
    key: ['campaignId'],
    successor: 'sbCampaigns',
    byPart: {
      plain: words(`
        applicableBudgetRuleId applicableBudgetRuleName attributedConversions14d
        attributedConversions14dSameSKU attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d
        attributedOrdersNewToBrand14d attributedOrdersNewToBrandPercentage14d attributedSales14d
        attributedSales14dSameSKU attributedSalesNewToBrand14d attributedSalesNewToBrandPercentage14d
        attributedUnitsOrderedNewToBrand14d attributedUnitsOrderedNewToBrandPercentage14d campaignBudget
        campaignBudgetType campaignId campaignName campaignRuleBasedBudget campaignStatus clicks cost dpv14d
        impressions unitsSold14d attributedBrandedSearches14d topOfSearchImpressionShare
      `),
      video: words(`
        attributedConversions14d attributedConversions14dSameSKU attributedSales14d
        attributedSales14dSameSKU campaignBudget campaignBudgetType campaignId campaignName campaignStatus
        clicks cost dpv14d impressions vctr video5SecondViewRate video5SecondViews videoCompleteViews
        videoFirstQuartileViews videoMidpointViews videoThirdQuartileViews videoUnmutes viewableImpressions
        vtr attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d
        attributedOrdersNewToBrand14d attributedOrdersNewToBrandPercentage14d attributedSalesNewToBrand14d
        attributedSalesNewToBrandPercentage14d attributedUnitsOrderedNewToBrand14d
        attributedUnitsOrderedNewToBrandPercentage14d attributedBrandedSearches14d currency
        topOfSearchImpressionShare
      `),
    },
  },
  {
    recordType: 'campaigns',
    segment: 'placement',
    key: ['campaignId', 'placement'],
    successor: 'sbCampaignPlacement',
    byPart: {
      plain: words(`
        applicableBudgetRuleId applicableBudgetRuleName attributedConversions14d
        attributedConversions14dSameSKU attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d
        attributedOrdersNewToBrand14d attributedOrdersNewToBrandPercentage14d attributedSales14d
        attributedSales14dSameSKU attributedSalesNewToBrand14d attributedSalesNewToBrandPercentage14d
        attributedUnitsOrderedNewToBrand14d attributedUnitsOrderedNewToBrandPercentage14d campaignBudget
        campaignBudgetType campaignId campaignName campaignRuleBasedBudget campaignStatus clicks cost dpv14d
        impressions placement unitsSold14d attributedBrandedSearches14d
      `),
      video: words(`
        attributedConversions14d attributedConversions14dSameSKU attributedSales14d
        attributedSales14dSameSKU campaignBudget campaignBudgetType campaignId campaignName campaignStatus
        clicks cost impressions placement vctr video5SecondViewRate video5SecondViews videoCompleteViews
        videoFirstQuartileViews videoMidpointViews videoThirdQuartileViews videoUnmutes viewableImpressions
        vtr dpv14d attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d
        attributedOrdersNewToBrand14d attributedOrdersNewToBrandPercentage14d attributedSalesNewToBrand14d
        attributedSalesNewToBrandPercentage14d attributedUnitsOrderedNewToBrand14d
        attributedUnitsOrderedNewToBrandPercentage14d attributedBrandedSearches14d currency
      `),
    },
  },
  {
    recordType: 'adGroups',
    key: ['adGroupId'],
    successor: 'sbAdGroup',
    byPart: {
      plain: words(`
        adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU
        attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d attributedOrdersNewToBrand14d
        attributedOrdersNewToBrandPercentage14d attributedSales14d attributedSales14dSameSKU
        attributedSalesNewToBrand14d attributedSalesNewToBrandPercentage14d
        attributedUnitsOrderedNewToBrand14d attributedUnitsOrderedNewToBrandPercentage14d campaignBudget
        campaignBudgetType campaignId campaignName campaignStatus clicks cost dpv14d impressions
        unitsSold14d attributedBrandedSearches14d
      `),
      video: words(`
        adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedSales14d
        attributedSales14dSameSKU campaignBudget campaignBudgetType campaignId campaignName campaignStatus
        clicks cost impressions vctr video5SecondViewRate video5SecondViews videoCompleteViews
        videoFirstQuartileViews videoMidpointViews videoThirdQuartileViews videoUnmutes viewableImpressions
        vtr dpv14d attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d
        attributedOrdersNewToBrand14d attributedOrdersNewToBrandPercentage14d attributedSalesNewToBrand14d
        attributedSalesNewToBrandPercentage14d attributedUnitsOrderedNewToBrand14d
        attributedUnitsOrderedNewToBrandPercentage14d attributedBrandedSearches14d currency
      `),
    },
  },
  {
    recordType: 'keywords',
    key: ['keywordId'],
    successor: 'sbTargeting',
    byPart: {
      plain: words(`
        adGroupId adGroupName applicableBudgetRuleId applicableBudgetRuleName attributedConversions14d
        attributedConversions14dSameSKU attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d
        attributedOrdersNewToBrand14d attributedOrdersNewToBrandPercentage14d attributedSales14d
        attributedSales14dSameSKU attributedSalesNewToBrand14d attributedSalesNewToBrandPercentage14d
        attributedUnitsOrderedNewToBrand14d attributedUnitsOrderedNewToBrandPercentage14d campaignBudget
        campaignBudgetType campaignId campaignName campaignRuleBasedBudget campaignStatus clicks cost dpv14d
        impressions keywordBid keywordId keywordStatus keywordText matchType searchTermImpressionRank
        searchTermImpressionShare unitsSold14d attributedBrandedSearches14d topOfSearchImpressionShare
      `),
      video: words(`
        adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedSales14d
        attributedSales14dSameSKU campaignBudget campaignBudgetType campaignId campaignName campaignStatus
        clicks cost impressions keywordBid keywordId keywordStatus keywordText matchType vctr
        video5SecondViewRate video5SecondViews videoCompleteViews videoFirstQuartileViews videoMidpointViews
        videoThirdQuartileViews videoUnmutes viewableImpressions vtr dpv14d
        attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d attributedOrdersNewToBrand14d
        attributedOrdersNewToBrandPercentage14d attributedSalesNewToBrand14d
        attributedSalesNewToBrandPercentage14d attributedUnitsOrderedNewToBrand14d
        attributedUnitsOrderedNewToBrandPercentage14d attributedBrandedSearches14d currency
        topOfSearchImpressionShare
      `),
    },
  },
  {
    recordType: 'keywords',
    segment: 'query',
    key: ['keywordId', 'query'],
    successor: 'sbSearchTerm',
    byPart: {
      plain: words(`
        adGroupId adGroupName attributedConversions14d attributedSales14d campaignBudget campaignBudgetType
        campaignId campaignName campaignStatus clicks cost impressions keywordBid keywordId keywordStatus
        keywordText matchType query searchTermImpressionRank searchTermImpressionShare
      `),
      video: words(`
        adGroupId adGroupName attributedConversions14d attributedSales14d campaignBudget campaignBudgetType
        campaignStatus clicks cost impressions keywordBid keywordId keywordStatus keywordText matchType
        query vctr video5SecondViewRate video5SecondViews videoCompleteViews videoFirstQuartileViews
        videoMidpointViews videoThirdQuartileViews videoUnmutes viewableImpressions vtr currency
      `),
    },
  },
  {
    recordType: 'targets',
    key: ['targetId'],
    successor: 'sbTargeting',
    byPart: {
      plain: words(`
        adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU
        attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d attributedOrdersNewToBrand14d
        attributedOrdersNewToBrandPercentage14d attributedSales14d attributedSales14dSameSKU
        attributedSalesNewToBrand14d attributedSalesNewToBrandPercentage14d
        attributedUnitsOrderedNewToBrand14d attributedUnitsOrderedNewToBrandPercentage14d campaignBudget
        campaignBudgetType campaignId campaignName campaignStatus clicks cost dpv14d impressions targetId
        targetingExpression targetingText targetingType unitsSold14d attributedBrandedSearches14d
        topOfSearchImpressionShare
      `),
      video: words(`
        adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedSales14d
        attributedSales14dSameSKU campaignBudget campaignBudgetType campaignId campaignName campaignStatus
        clicks cost impressions targetId targetingExpression targetingText targetingType vctr
        video5SecondViewRate video5SecondViews videoCompleteViews videoFirstQuartileViews videoMidpointViews
        videoThirdQuartileViews videoUnmutes viewableImpressions vtr dpv14d
        attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d attributedOrdersNewToBrand14d
        attributedOrdersNewToBrandPercentage14d attributedSalesNewToBrand14d
        attributedSalesNewToBrandPercentage14d attributedUnitsOrderedNewToBrand14d
        attributedUnitsOrderedNewToBrandPercentage14d attributedBrandedSearches14d currency
        topOfSearchImpressionShare
      `),
    },
  },
  {
    recordType: 'ads',
    key: ['campaignId', 'adGroupId', 'adId'],
    successor: 'sbAds',
    byPart: {
      plain: words(`
        adGroupId adGroupName applicableBudgetRuleId applicableBudgetRuleName attributedConversions14d
        attributedConversions14dSameSKU attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d
        attributedOrdersNewToBrand14d attributedOrdersNewToBrandPercentage14d attributedSales14d
        attributedSales14dSameSKU attributedSalesNewToBrand14d attributedSalesNewToBrandPercentage14d
        attributedUnitsOrderedNewToBrand14d attributedUnitsOrderedNewToBrandPercentage14d campaignBudget
        campaignBudgetType campaignId campaignName campaignRuleBasedBudget campaignStatus clicks cost dpv14d
        impressions unitsSold14d vctr attributedBrandedSearches14d
      `),
      video: words(`
        adGroupId adGroupName adId applicableBudgetRuleId applicableBudgetRuleName attributedConversions14d
        attributedConversions14dSameSKU attributedDetailPageViewsClicks14d attributedOrderRateNewToBrand14d
        attributedOrdersNewToBrand14d attributedOrdersNewToBrandPercentage14d attributedSales14d
        attributedSales14dSameSKU attributedSalesNewToBrand14d attributedSalesNewToBrandPercentage14d
        attributedUnitsOrderedNewToBrand14d attributedUnitsOrderedNewToBrandPercentage14d campaignBudget
        campaignBudgetType campaignId campaignName campaignRuleBasedBudget campaignStatus clicks cost dpv14d
        impressions vctr video5SecondViewRate video5SecondViews videoCompleteViews videoFirstQuartileViews
        videoMidpointViews videoThirdQuartileViews videoUnmutes viewableImpressions vtr
        attributedBrandedSearches14d currency
      `),
    },
  },
];
