import { decimalText, doubleText } from './decimals.js';
import type { Account, EntityKind } from './entities.js';
import { currencyDigits } from './profiles.js';

/** One member of a record: its key, and its value as JSON; undefined where the key is absent. */
export type Member = readonly [key: string, json: string | undefined];

/** What a record is made from. */
export interface Facts {
  readonly account: Account;
  readonly index: number;
  readonly campaign: number;
  readonly today: number;
  /** As JSON. */
  readonly state: string;
  readonly hash: number;
}

/** Describes one entity. */
export type Describe = (facts: Facts) => Member[];

const q = (text: string): string => `"${text}"`;
const DAY_MS = 86_400_000;

const moneyDigits = ({ account }: Facts): number => currencyDigits(account.profile.currencyCode);
const budget = (f: Facts): string => decimalText(f.account.budget(f.index, f.today), moneyDigits(f));
const bid = (f: Facts, kind: EntityKind): string => doubleText(f.account.bid(kind, f.index), moneyDigits(f));
const campaignId = (f: Facts): Member => ['campaignId', f.account.id('campaign', f.campaign)];
const adGroupId = (f: Facts, kind: EntityKind): Member => [
  'adGroupId',
  f.account.id('adGroup', f.account.parent(kind, f.index)),
];
const ymd = (days: number): string => q(new Date(days * DAY_MS).toISOString().slice(0, 10).replaceAll('-', ''));
const startDate = (f: Facts): Member => ['startDate', ymd(20_000 - (f.hash % 900))];
/** Absent for most, null for some. */
const endDate = (f: Facts): Member => [
  'endDate',
  f.hash % 5 === 0 ? ymd(21_500 + (f.hash % 300)) : f.hash % 5 === 1 ? 'null' : undefined,
];
const portfolio = (f: Facts): Member => [
  'portfolioId',
  f.hash % 3 === 0 ? f.account.id('portfolio', f.hash % 7) : undefined,
];
const serving = (f: Facts, live: string): Member => [
  'servingStatus',
  q(f.state === '"enabled"' ? live : f.state === '"paused"' ? 'CAMPAIGN_PAUSED' : 'CAMPAIGN_ARCHIVED'),
];
/** Sponsored Display's epoch milliseconds; one account's records spell the second key as the documentation page does. */
const dates = (f: Facts): Member[] => {
  const created = (19_000 + (f.hash % 900)) * DAY_MS + (f.hash % DAY_MS);
  const updated = created + (f.hash % 90) * DAY_MS + (f.today - (f.today % 7) - 20_400) * DAY_MS * (f.hash % 2);
  const key = f.account.profile.type === 'vendor' ? 'lastUpdateDate' : 'lastUpdatedDate';
  return [
    ['creationDate', String(created)],
    [key, String(updated)],
  ];
};

const keywordText = (f: Facts, kind: EntityKind): Member => [
  'keywordText',
  q(f.account.keywordText(kind, f.index).json),
];
const expression = (f: Facts): string => {
  const asin = f.account.asin(70_000_000 + f.index);
  return [
    '[{"type":"queryHighRelMatches"}]',
    `[{"value":"${asin}","type":"asinSameAs"}]`,
    `[{"type":"asinCategorySameAs","value":"3741261"},{"type":"asinPriceLessThan","value":"25.00"}]`,
    `[{"type":"asinExpandedFrom","value":"${asin}"}]`,
  ][f.index % 4] as string;
};
/** Sponsored Display nests audiences one deeper. */
const nested = (f: Facts): string =>
  f.account.tactic(f.campaign) === 'T00020'
    ? `[{"type":"asinSameAs","value":"${f.account.asin(70_000_000 + f.index)}"}]`
    : '[{"type":"views","value":[{"type":"asinCategorySameAs","value":"3741261"},{"type":"lookback","value":"30"}]}]';

/** Every record type, members in the order in which they are printed. */
export const DESCRIBE: Readonly<Record<string, Describe>> = {
  'sp/campaigns': (f) => [
    campaignId(f),
    ['name', q(f.account.name('campaign', f.index).json)],
    ['campaignType', '"sponsoredProducts"'],
    ['targetingType', f.index % 4 === 0 ? '"auto"' : '"manual"'],
    ['premiumBidAdjustment', f.hash % 2 === 0 ? 'true' : 'false'],
    ['dailyBudget', doubleText(f.account.budget(f.index, f.today), moneyDigits(f))],
    startDate(f),
    endDate(f),
    ['state', f.state],
    ['bidding', bidding(f)],
    ['tags', f.hash % 6 === 0 ? `{"PONumber":"${f.hash % 1000}","team \\"a\\"":"é"}` : undefined],
    portfolio(f),
  ],
  'sp/adGroups': (f) => [
    adGroupSelf(f),
    ['name', q(f.account.name('adGroup', f.index).json)],
    campaignId(f),
    ['defaultBid', bid(f, 'adGroup')],
    ['state', f.state],
  ],
  'sp/keywords': (f) => [
    ['keywordId', f.account.id('keyword', f.index)],
    adGroupId(f, 'keyword'),
    campaignId(f),
    keywordText(f, 'keyword'),
    ['nativeLanguageKeyword', f.hash % 4 === 0 ? '"母語のキーワード"' : undefined],
    ['matchType', q(['broad', 'exact', 'phrase'][f.index % 3] as string)],
    ['state', f.state],
    ['bid', f.hash % 4 === 1 ? undefined : bid(f, 'keyword')],
  ],
  'sp/negativeKeywords': (f) => [
    ['keywordId', f.account.id('negativeKeyword', f.index)],
    adGroupId(f, 'negativeKeyword'),
    campaignId(f),
    keywordText(f, 'negativeKeyword'),
    ['matchType', q(['negativeExact', 'negativePhrase', 'exact'][f.index % 3] as string)],
    ['state', f.state],
  ],
  'sp/campaignNegativeKeywords': (f) => [
    ['keywordId', f.account.id('campaignNegativeKeyword', f.index)],
    campaignId(f),
    keywordText(f, 'campaignNegativeKeyword'),
    ['matchType', q(f.index % 2 === 0 ? 'negativeExact' : 'negativePhrase')],
    ['state', f.state],
  ],
  'sp/productAds': (f) => productAd(f),
  'sp/targets': (f) => [
    ['targetId', f.account.id('target', f.index)],
    adGroupId(f, 'target'),
    campaignId(f),
    ['expressionType', f.index % 4 === 0 ? '"auto"' : '"manual"'],
    ['state', f.state],
    ['bid', f.hash % 4 === 1 ? undefined : bid(f, 'target')],
    ['expression', expression(f)],
    ['resolvedExpression', expression(f)],
  ],
  'sp/negativeTargets': (f) => [
    ['targetId', f.account.id('negativeTarget', f.index)],
    adGroupId(f, 'negativeTarget'),
    campaignId(f),
    ['expressionType', '"manual"'],
    ['state', f.state],
    ['expression', `[{"type":"asinBrandSameAs","value":"${f.hash}"}]`],
    ['resolvedExpression', '[{"type":"asinBrandSameAs","value":"Weir & \\"Sons\\""}]'],
  ],
  'sb/campaigns': (f) => [
    campaignId(f),
    ['name', q(f.account.name('campaign', f.index).json)],
    ['budget', budget(f)],
    ['budgetType', f.index % 5 === 0 ? '"lifetime"' : '"daily"'],
    startDate(f),
    endDate(f),
    ['state', f.state],
    serving(f, 'CAMPAIGN_STATUS_ENABLED'),
    ['spendingPolicy', f.hash % 2 === 0 ? '"UNLIMITED"' : undefined],
    ['bidOptimization', f.hash % 3 === 0 ? 'false' : 'true'],
    ['ruleBasedBudget', f.hash % 6 === 0 ? ruleBasedBudget(f) : undefined],
  ],
  'sb/keywords': (f) => [
    ['keywordId', f.account.id('keyword', f.index)],
    adGroupId(f, 'keyword'),
    campaignId(f),
    keywordText(f, 'keyword'),
    ['matchType', q(['BROAD', 'EXACT', 'PHRASE'][f.index % 3] as string)],
    ['state', f.state],
    ['bid', decimalText(f.account.bid('keyword', f.index), moneyDigits(f))],
  ],
  'sd/campaigns': (f) => [
    campaignId(f),
    ['name', q(f.account.name('campaign', f.index).json)],
    ['tactic', q(f.account.tactic(f.index))],
    ['budgetType', '"daily"'],
    ['budget', doubleText(f.account.budget(f.index, f.today), moneyDigits(f))],
    startDate(f),
    endDate(f),
    ['costType', q(['cpc', 'vcpm', 'vCPM', 'CPC'][f.hash % 4] as string)],
    ['state', f.state],
    portfolio(f),
    ['deliveryProfile', '"as_soon_as_possible"'],
    serving(f, 'ADVERTISER_STATUS_ENABLED'),
    ...dates(f),
  ],
  'sd/adGroups': (f) => [
    adGroupSelf(f),
    ['name', q(f.account.name('adGroup', f.index).json)],
    campaignId(f),
    ['defaultBid', bid(f, 'adGroup')],
    ['bidOptimization', q(['clicks', 'conversions', 'reach'][f.index % 3] as string)],
    ['state', f.state],
    ['tactic', q(f.account.tactic(f.campaign))],
    ['creativeType', f.hash % 3 === 0 ? 'null' : f.hash % 3 === 1 ? '"IMAGE"' : '"VIDEO"'],
    serving(f, 'AD_GROUP_STATUS_ENABLED'),
    ...dates(f),
  ],
  'sd/productAds': (f) => [...productAd(f), serving(f, 'AD_STATUS_LIVE'), ...dates(f)],
  'sd/targets': (f) => [
    ['targetId', f.account.id('target', f.index)],
    adGroupId(f, 'target'),
    campaignId(f),
    ['expressionType', f.index % 4 === 0 ? '"auto"' : '"manual"'],
    ['bid', f.hash % 4 === 1 ? undefined : bid(f, 'target')],
    ['expression', nested(f)],
    ['resolvedExpression', nested(f)],
    ['state', f.state],
    serving(f, 'TARGET_STATUS_LIVE'),
    ...dates(f),
  ],
};

function adGroupSelf(f: Facts): Member {
  return ['adGroupId', f.account.id('adGroup', f.index)];
}

function productAd(f: Facts): Member[] {
  const sku = f.account.sku(f.index);
  return [
    ['adId', f.account.id('ad', f.index)],
    adGroupId(f, 'ad'),
    campaignId(f),
    ['asin', q(f.account.asin(f.index))],
    ['sku', sku === undefined ? undefined : q(sku)],
    ['state', f.state],
  ];
}

function bidding(f: Facts): string {
  const strategy = ['legacyForSales', 'autoForSales', 'manual'][f.hash % 3];
  const top = `{"predicate":"placementTop","percentage":${f.hash % 900}.0}`;
  const page = `{"predicate":"placementProductPage","percentage":${f.hash % 50}}`;
  const adjustments = ['', top, `${top},${page}`][f.index % 3];
  return `{"strategy":"${strategy}","adjustments":[${adjustments}]}`;
}

function ruleBasedBudget(f: Facts): string {
  return `{"value":${budget(f)},"applicableRuleId":"${f.hash}","applicableRuleName":"Prime Day","isProcessing":false}`;
}
