import type { Column, ColumnType } from '../../../contracts/index.js';
import { column, day, field, flag, id, instant, MONEY, money, open, text } from './fields.js';
import type { Product } from './products.js';

/** One record type of v2 snapshots. Fields after Amazon's snapshot guide and OpenAPI documents. */
export interface SnapshotEntry {
  readonly product: Product['code'];
  /** Amazon's word, as it stands in the path. */
  readonly recordType: string;
  /** The source's name of the entity's own id. */
  readonly key: string;
  /** The export that replaced it. */
  readonly successor: 'campaigns' | 'adGroups' | 'ads' | 'targets';
  readonly columns: readonly Column[];
}

const PREDICATES: ColumnType = { list: { struct: [field('type', 'varchar'), field('value', 'varchar')] } };

const BIDDING: ColumnType = {
  struct: [
    field('strategy', 'varchar'),
    {
      ...field('adjustments', 'varchar'),
      type: { list: { struct: [field('predicate', 'varchar'), field('percentage', 'double')] } },
    },
  ],
};

const RULE_BASED_BUDGET: ColumnType = {
  struct: [
    field('value', MONEY),
    field('applicableRuleId', 'varchar'),
    field('applicableRuleName', 'varchar'),
    field('isProcessing', 'boolean'),
  ],
};

/** When an entity of Sponsored Display was made and changed; the guide spells the second otherwise. */
const SD_TIMES: readonly Column[] = [
  text('servingStatus'),
  instant('creationDate'),
  { ...instant('lastUpdatedDate'), aliases: ['lastUpdateDate'] },
];

const inAdGroup = [id('adGroupId'), id('campaignId')];

export const SNAPSHOTS: readonly SnapshotEntry[] = [
  {
    product: 'sp',
    recordType: 'campaigns',
    key: 'campaignId',
    successor: 'campaigns',
    columns: [
      id('campaignId'),
      id('portfolioId'),
      text('name'),
      text('campaignType'),
      text('targetingType'),
      flag('premiumBidAdjustment'),
      money('dailyBudget'),
      day('startDate'),
      day('endDate'),
      text('state'),
      column('bidding', BIDDING),
      open('tags'),
    ],
  },
  {
    product: 'sp',
    recordType: 'adGroups',
    key: 'adGroupId',
    successor: 'adGroups',
    columns: [id('adGroupId'), text('name'), id('campaignId'), money('defaultBid'), text('state')],
  },
  {
    product: 'sp',
    recordType: 'keywords',
    key: 'keywordId',
    successor: 'targets',
    columns: [
      id('keywordId'),
      ...inAdGroup,
      text('keywordText'),
      text('nativeLanguageKeyword'),
      text('matchType'),
      text('state'),
      money('bid'),
    ],
  },
  {
    product: 'sp',
    recordType: 'negativeKeywords',
    key: 'keywordId',
    successor: 'targets',
    columns: [id('keywordId'), ...inAdGroup, text('keywordText'), text('matchType'), text('state')],
  },
  {
    product: 'sp',
    recordType: 'campaignNegativeKeywords',
    key: 'keywordId',
    successor: 'targets',
    columns: [id('keywordId'), id('campaignId'), text('keywordText'), text('matchType'), text('state')],
  },
  {
    product: 'sp',
    recordType: 'productAds',
    key: 'adId',
    successor: 'ads',
    columns: [id('adId'), ...inAdGroup, text('asin'), text('sku'), text('state')],
  },
  {
    product: 'sp',
    recordType: 'targets',
    key: 'targetId',
    successor: 'targets',
    columns: [
      id('targetId'),
      ...inAdGroup,
      text('expressionType'),
      text('state'),
      money('bid'),
      column('expression', PREDICATES),
      column('resolvedExpression', PREDICATES),
    ],
  },
  {
    product: 'sp',
    recordType: 'negativeTargets',
    key: 'targetId',
    successor: 'targets',
    columns: [
      id('targetId'),
      ...inAdGroup,
      text('expressionType'),
      text('state'),
      column('expression', PREDICATES),
      column('resolvedExpression', PREDICATES),
    ],
  },
  {
    product: 'sb',
    recordType: 'campaigns',
    key: 'campaignId',
    successor: 'campaigns',
    columns: [
      id('campaignId'),
      text('name'),
      money('budget'),
      text('budgetType'),
      day('startDate'),
      day('endDate'),
      text('state'),
      text('servingStatus'),
      text('spendingPolicy'),
      flag('bidOptimization'),
      column('ruleBasedBudget', RULE_BASED_BUDGET),
    ],
  },
  {
    product: 'sb',
    recordType: 'keywords',
    key: 'keywordId',
    successor: 'targets',
    columns: [id('keywordId'), ...inAdGroup, text('keywordText'), text('matchType'), text('state'), money('bid')],
  },
  {
    product: 'sd',
    recordType: 'campaigns',
    key: 'campaignId',
    successor: 'campaigns',
    columns: [
      id('campaignId'),
      text('name'),
      text('tactic'),
      money('budget'),
      text('budgetType'),
      day('startDate'),
      day('endDate'),
      text('state'),
      text('costType'),
      text('deliveryProfile'),
      id('portfolioId'),
      ...SD_TIMES,
    ],
  },
  {
    product: 'sd',
    recordType: 'adGroups',
    key: 'adGroupId',
    successor: 'adGroups',
    columns: [
      id('adGroupId'),
      text('name'),
      id('campaignId'),
      text('tactic'),
      money('defaultBid'),
      text('bidOptimization'),
      text('state'),
      text('creativeType'),
      ...SD_TIMES,
    ],
  },
  {
    product: 'sd',
    recordType: 'productAds',
    key: 'adId',
    successor: 'ads',
    columns: [id('adId'), ...inAdGroup, text('asin'), text('sku'), text('state'), ...SD_TIMES],
  },
  {
    product: 'sd',
    recordType: 'targets',
    key: 'targetId',
    successor: 'targets',
    columns: [
      id('targetId'),
      ...inAdGroup,
      text('expressionType'),
      text('state'),
      money('bid'),
      open('expression'),
      open('resolvedExpression'),
      ...SD_TIMES,
    ],
  },
];
