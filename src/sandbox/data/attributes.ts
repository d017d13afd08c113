import { hasRule } from './metrics.js';
import { mix } from './random.js';
import type { ReportRows } from './report-rows.js';
import { numbered, QUERIES } from './text.js';

/** The current row's value of a text column as JSON, or undefined where the key is absent. */
export type Attribute = (row: ReportRows) => string | undefined;

const PLACEMENTS = ['Top of Search on-Amazon', 'Detail Page on-Amazon', 'Other on-Amazon'];
const MATCH_TYPES = ['BROAD', 'EXACT', 'PHRASE'];
const quoted = (text: string): string => `"${text}"`;

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  campaignName: (row) => quoted(row.spec.account.name('campaign', row.campaign).json),
  adGroupName: (row) => quoted(row.spec.account.name('adGroup', row.adGroup).json),
  campaignStatus: (row) => quoted(row.spec.account.state('campaign', row.campaign, row.dayNumber)),
  campaignBudgetType: (row) => quoted(row.spec.kind.product === 'sb' && row.campaign % 5 === 0 ? 'lifetime' : 'daily'),
  applicableBudgetRuleId: (row) =>
    hasRule(row) ? quoted(`rule-${row.spec.account.id('portfolio', row.campaign)}`) : 'null',
  applicableBudgetRuleName: (row) => (hasRule(row) ? quoted(`Prime Day +${row.campaign % 90}%`) : 'null'),
  bidPlus: (row) => quoted(row.campaign % 2 === 0 ? 'false' : 'true'),
  bidOptimization: (row) => quoted(['clicks', 'conversions', 'reach'][row.adGroup % 3] as string),
  costType: (row) => quoted(row.campaign % 3 === 0 ? 'vcpm' : 'cpc'),
  currency: (row) => quoted(row.spec.account.profile.currencyCode),
  placement: (row) => quoted(PLACEMENTS[row.segment] as string),
  query: (row) => quoted(numbered(QUERIES, row.hash, row.segment * 10_000_000 + row.index).json),
  matchedTarget: (row) => quoted(otherAsin(row)),
  asin: (row) => quoted(row.spec.account.asin(row.ad)),
  otherAsin: (row) => quoted(otherAsin(row)),
  sku: (row) => {
    const sku = row.spec.account.sku(row.ad);
    return sku === undefined ? undefined : quoted(sku);
  },
  keywordText: (row) => quoted(row.spec.account.keywordText('keyword', row.index).json),
  keywordStatus: (row) => quoted(row.spec.account.state('keyword', row.index, row.dayNumber)),
  matchType: (row) => quoted(MATCH_TYPES[mix(row.index) % 3] as string),
  targetingExpression: (row) => quoted(expression(row)),
  targetingText: (row) => quoted(expression(row)),
  targetingType: (row) => quoted(row.index % 4 === 0 ? 'TARGETING_EXPRESSION_PREDEFINED' : 'TARGETING_EXPRESSION'),
};

/** An ASIN that is nobody's own, another one for each segment of an entity. */
function otherAsin(row: ReportRows): string {
  const asin = row.spec.account.asin(50_000_000 + row.index * 3 + row.segment);
  return row.segment === 2 ? asin.toLowerCase() : asin;
}

function expression(row: ReportRows): string {
  const asin = row.spec.account.asin(70_000_000 + row.index);
  return [
    'close-match',
    `asin=\\"${asin}\\"`,
    `category=\\"Kitchen & Dining\\" price<25`,
    `asin-expanded=\\"${asin}\\"`,
  ][row.index % 4] as string;
}

/** How a text column is filled. @throws RangeError where none is known by that name. */
export function attributeOf(name: string): Attribute {
  const attribute = ATTRIBUTES[name];
  if (!attribute) throw new RangeError(`The sandbox knows no text column ${name}`);
  return attribute;
}
