import { hashOf } from './random.js';
import type { ReportRows } from './report-rows.js';
import { grown } from './restatement.js';

/** Computes a figure of the current row, as a whole number of its smallest unit; undefined where it is null. */
export type Measure = (row: ReportRows) => number | undefined;

type Window = '1d' | '7d' | '14d' | '30d';

/** Tenths of what is attributed in 30 days that a shorter window sees. */
const WINDOW_TENTHS: Readonly<Record<Window, number>> = { '1d': 4, '7d': 6, '14d': 8, '30d': 10 };

/** Tenths of the impressions. */
const VIEW_TENTHS: Readonly<Record<string, number>> = {
  viewImpressions: 7,
  viewableImpressions: 7,
  cumulativeReach: 6,
  videoFirstQuartileViews: 5,
  videoMidpointViews: 4,
  video5SecondViews: 4,
  videoThirdQuartileViews: 3,
  videoCompleteViews: 2,
  videoUnmutes: 1,
};

/** Digits after the point of ratios. */
export const RATIO_DIGITS = 6;

const measures = new Map<string, Measure>();

/** How an integer, money or ratio metric is computed. */
export function measureOf(name: string): Measure {
  let measure = measures.get(name);
  if (!measure) {
    measure = makeMeasure(name);
    measures.set(name, measure);
  }
  return measure;
}

function makeMeasure(name: string): Measure {
  if (name === 'impressions') return (row) => row.traffic(row.impressions);
  if (name === 'clicks') return (row) => row.traffic(row.clicks);
  if (name === 'cost') return (row) => row.traffic(row.cost);
  if (name === 'campaignBudget') return (row) => row.spec.account.budget(row.campaign, row.dayNumber);
  if (name === 'campaignRuleBasedBudget') {
    return (row) => (hasRule(row) ? row.spec.account.budget(row.campaign, row.dayNumber) * 2 : undefined);
  }
  if (name === 'keywordBid') return (row) => row.spec.account.bid('keyword', row.index);
  const salt = hashOf(0, name);
  if (name === 'searchTermImpressionRank') return (row) => 1 + (row.chance(salt) % 50);
  const tenths = VIEW_TENTHS[name];
  if (tenths !== undefined) return (row) => Math.floor((row.traffic(row.impressions) * tenths) / 10);
  if (/Percentage/.test(name)) return (row) => ratio(row, salt, 100);
  if (name === 'avgImpressionsFrequency') return (row) => ratio(row, salt, 3);
  const attributed = /^(.*?)(1d|7d|14d|30d)(SameSKU|OtherSKU)?$/.exec(name);
  if (!attributed || /Rate/.test(name)) return (row) => ratio(row, salt, 1);
  return attribution(attributed[1] as string, attributed[2] as Window, attributed[3]);
}

/** Whether a budget rule applies to the row's campaign. */
export function hasRule(row: ReportRows): boolean {
  return row.spec.account.hash('campaign', row.campaign, 9) % 6 === 0;
}

/** Null for every seventh row, as where there is nothing to divide by; else below `limit`. */
function ratio(row: ReportRows, salt: number, limit: number): number | undefined {
  const chance = row.chance(salt);
  return chance % 7 === 0 ? undefined : (chance >>> 3) % (limit * 10 ** RATIO_DIGITS);
}

/** Orders, units, sales … : the shorter windows, and the advertised product's share, never exceed the longer and the whole. */
function attribution(family: string, window: Window, sku: string | undefined): Measure {
  const salt = hashOf(0, family);
  const viewed = family.startsWith('view');
  const money = /Sales/.test(family);
  return (row) => {
    const chance = row.chance(salt);
    const events = viewed
      ? Math.floor((row.impressions * (chance % 20)) / 1000)
      : Math.floor((row.clicks * (chance % 40)) / 100);
    const all = money ? events * (499 + ((chance >>> 8) % 4500)) : events;
    const whole = Math.floor((all * WINDOW_TENTHS[window]) / 10);
    const same = Math.floor((whole * (chance % 11)) / 10);
    return grown(sku === 'SameSKU' ? same : sku === 'OtherSKU' ? whole - same : whole, window, row.level);
  };
}
