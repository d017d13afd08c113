import type { ReportEntry } from './report-entry.js';
import { words } from './report-metrics.js';

/** Sponsored Products: six record types, search terms and placements. */
export const SP_REPORTS: readonly ReportEntry[] = [
  {
    recordType: 'campaigns',
    key: ['campaignId'],
    successor: 'spCampaigns',
    metrics: words(`
      applicableBudgetRuleId applicableBudgetRuleName attributedConversions14d attributedConversions14dSameSKU
      attributedConversions1d attributedConversions1dSameSKU attributedConversions30d
      attributedConversions30dSameSKU attributedConversions7d attributedConversions7dSameSKU
      attributedKindleEditionNormalizedPagesRead14d attributedKindleEditionNormalizedPagesRoyalties14d
      attributedSales14d attributedSales14dSameSKU attributedSales1d attributedSales1dSameSKU
      attributedSales30d attributedSales30dSameSKU attributedSales7d attributedSales7dSameSKU
      attributedUnitsOrdered14d attributedUnitsOrdered14dSameSKU attributedUnitsOrdered1d
      attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d attributedUnitsOrdered30dSameSKU
      attributedUnitsOrdered7d attributedUnitsOrdered7dSameSKU campaignBudget campaignBudgetType campaignId
      campaignName campaignRuleBasedBudget campaignStatus clicks cost currency impressions
    `),
  },
  {
    recordType: 'campaigns',
    segment: 'placement',
    key: ['campaignId', 'placement'],
    successor: 'spCampaigns by campaignPlacement',
    metrics: words(`
      applicableBudgetRuleId applicableBudgetRuleName attributedConversions14d attributedConversions14dSameSKU
      attributedConversions1d attributedConversions1dSameSKU attributedConversions30d
      attributedConversions30dSameSKU attributedConversions7d attributedConversions7dSameSKU
      attributedKindleEditionNormalizedPagesRead14d attributedKindleEditionNormalizedPagesRoyalties14d
      attributedSales14d attributedSales14dSameSKU attributedSales1d attributedSales1dSameSKU
      attributedSales30d attributedSales30dSameSKU attributedSales7d attributedSales7dSameSKU
      attributedUnitsOrdered14d attributedUnitsOrdered14dSameSKU attributedUnitsOrdered1d
      attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d attributedUnitsOrdered30dSameSKU
      attributedUnitsOrdered7d attributedUnitsOrdered7dSameSKU bidPlus campaignBudget campaignBudgetType
      campaignId campaignName campaignRuleBasedBudget campaignStatus clicks cost currency impressions
      placement
    `),
  },
  {
    recordType: 'adGroups',
    key: ['adGroupId'],
    successor: 'spCampaigns by adGroup',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedKindleEditionNormalizedPagesRead14d
      attributedKindleEditionNormalizedPagesRoyalties14d attributedSales14d attributedSales14dSameSKU
      attributedSales1d attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU
      attributedSales7d attributedSales7dSameSKU attributedUnitsOrdered14d attributedUnitsOrdered14dSameSKU
      attributedUnitsOrdered1d attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d
      attributedUnitsOrdered30dSameSKU attributedUnitsOrdered7d attributedUnitsOrdered7dSameSKU campaignBudget
      campaignBudgetType campaignId campaignName campaignStatus clicks cost currency impressions
    `),
  },
  {
    recordType: 'keywords',
    key: ['keywordId'],
    successor: 'spTargeting',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedKindleEditionNormalizedPagesRead14d
      attributedKindleEditionNormalizedPagesRoyalties14d attributedSales14d attributedSales14dSameSKU
      attributedSales1d attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU
      attributedSales7d attributedSales7dSameSKU attributedUnitsOrdered14d attributedUnitsOrdered14dSameSKU
      attributedUnitsOrdered1d attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d
      attributedUnitsOrdered30dSameSKU attributedUnitsOrdered7d attributedUnitsOrdered7dSameSKU campaignBudget
      campaignBudgetType campaignId campaignName campaignStatus clicks cost currency impressions keywordId
      keywordStatus keywordText matchType
    `),
  },
  {
    recordType: 'keywords',
    segment: 'query',
    key: ['keywordId', 'query'],
    successor: 'spSearchTerm',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedKindleEditionNormalizedPagesRead14d
      attributedKindleEditionNormalizedPagesRoyalties14d attributedSales14d attributedSales14dSameSKU
      attributedSales1d attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU
      attributedSales7d attributedSales7dSameSKU attributedUnitsOrdered14d attributedUnitsOrdered14dSameSKU
      attributedUnitsOrdered1d attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d
      attributedUnitsOrdered30dSameSKU attributedUnitsOrdered7d attributedUnitsOrdered7dSameSKU campaignBudget
      campaignBudgetType campaignId campaignName campaignStatus clicks cost currency impressions keywordId
      keywordStatus keywordText matchType query
    `),
  },
  {
    recordType: 'productAds',
    key: ['adId'],
    successor: 'spAdvertisedProduct',
    metrics: words(`
      adGroupId adGroupName adId asin attributedConversions14d attributedConversions14dSameSKU
      attributedConversions1d attributedConversions1dSameSKU attributedConversions30d
      attributedConversions30dSameSKU attributedConversions7d attributedConversions7dSameSKU
      attributedKindleEditionNormalizedPagesRead14d attributedKindleEditionNormalizedPagesRoyalties14d
      attributedSales14d attributedSales14dSameSKU attributedSales1d attributedSales1dSameSKU
      attributedSales30d attributedSales30dSameSKU attributedSales7d attributedSales7dSameSKU
      attributedUnitsOrdered14d attributedUnitsOrdered14dSameSKU attributedUnitsOrdered1d
      attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d attributedUnitsOrdered30dSameSKU
      attributedUnitsOrdered7d attributedUnitsOrdered7dSameSKU campaignBudget campaignBudgetType campaignId
      campaignName campaignStatus clicks cost currency impressions sku
    `),
  },
  {
    recordType: 'targets',
    key: ['targetId'],
    successor: 'spTargeting',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedKindleEditionNormalizedPagesRead14d
      attributedKindleEditionNormalizedPagesRoyalties14d attributedSales14d attributedSales14dSameSKU
      attributedSales1d attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU
      attributedSales7d attributedSales7dSameSKU attributedUnitsOrdered14d attributedUnitsOrdered14dSameSKU
      attributedUnitsOrdered1d attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d
      attributedUnitsOrdered30dSameSKU attributedUnitsOrdered7d attributedUnitsOrdered7dSameSKU campaignBudget
      campaignBudgetType campaignId campaignName campaignStatus clicks cost impressions targetId
      targetingExpression targetingText targetingType
    `),
  },
  {
    recordType: 'targets',
    segment: 'query',
    key: ['targetId', 'query'],
    successor: 'spSearchTerm',
    metrics: words(`
      adGroupId adGroupName attributedConversions14d attributedConversions14dSameSKU attributedConversions1d
      attributedConversions1dSameSKU attributedConversions30d attributedConversions30dSameSKU
      attributedConversions7d attributedConversions7dSameSKU attributedKindleEditionNormalizedPagesRead14d
      attributedKindleEditionNormalizedPagesRoyalties14d attributedSales14d attributedSales14dSameSKU
      attributedSales1d attributedSales1dSameSKU attributedSales30d attributedSales30dSameSKU
      attributedSales7d attributedSales7dSameSKU attributedUnitsOrdered14d attributedUnitsOrdered14dSameSKU
      attributedUnitsOrdered1d attributedUnitsOrdered1dSameSKU attributedUnitsOrdered30d
      attributedUnitsOrdered30dSameSKU attributedUnitsOrdered7d attributedUnitsOrdered7dSameSKU campaignBudget
      campaignBudgetType campaignId campaignName campaignStatus clicks cost impressions query targetId
      targetingExpression targetingText targetingType
    `),
  },
  {
    recordType: 'asins',
    key: ['campaignId', 'adGroupId', 'keywordId', 'targetId', 'asin', 'sku', 'otherAsin'],
    successor: 'spPurchasedProduct',
    byPart: {
      keywords: words(`
        adGroupId adGroupName asin attributedKindleEditionNormalizedPagesRead14d
        attributedKindleEditionNormalizedPagesRoyalties14d attributedSales14dOtherSKU
        attributedSales1dOtherSKU attributedSales30dOtherSKU attributedSales7dOtherSKU
        attributedUnitsOrdered14d attributedUnitsOrdered14dOtherSKU attributedUnitsOrdered1d
        attributedUnitsOrdered1dOtherSKU attributedUnitsOrdered30d attributedUnitsOrdered30dOtherSKU
        attributedUnitsOrdered7d attributedUnitsOrdered7dOtherSKU campaignId campaignName currency keywordId
        keywordText matchType otherAsin sku
      `),
      targets: words(`
        adGroupId adGroupName asin attributedKindleEditionNormalizedPagesRead14d
        attributedKindleEditionNormalizedPagesRoyalties14d attributedSales14dOtherSKU
        attributedSales1dOtherSKU attributedSales30dOtherSKU attributedSales7dOtherSKU
        attributedUnitsOrdered14d attributedUnitsOrdered14dOtherSKU attributedUnitsOrdered1d
        attributedUnitsOrdered1dOtherSKU attributedUnitsOrdered30d attributedUnitsOrdered30dOtherSKU
        attributedUnitsOrdered7d attributedUnitsOrdered7dOtherSKU campaignId campaignName currency otherAsin
        sku targetId targetingExpression targetingText targetingType
      `),
    },
  },
];
