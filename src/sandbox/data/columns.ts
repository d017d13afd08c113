import { attributeOf } from './attributes.js';
import { decimalText } from './decimals.js';
import type { EntityKind } from './entities.js';
import { metricKind } from './metric-names.js';
import { measureOf, RATIO_DIGITS } from './metrics.js';
import type { ReportRows } from './report-rows.js';

/** Writes the current row's value of one column as JSON; undefined where the key is absent. */
export type Writer = (row: ReportRows) => string | undefined;

/** The id of the entity that a row is about, by column; undefined where it has none. */
export function idOf(name: string): Writer {
  const kind = name.slice(0, -2) as EntityKind;
  if (kind === 'campaign') return (row) => row.spec.account.id('campaign', row.campaign);
  if (kind === 'adGroup') return (row) => row.spec.account.id('adGroup', row.adGroup);
  if (kind === 'ad') return (row) => row.spec.account.id('ad', row.ad);
  return (row) => (row.entity === kind ? row.spec.account.id(kind, row.index) : undefined);
}

/** Digits after the point of a money or ratio column in this report. */
export function digitsOf(name: string, rows: ReportRows): number {
  const kind = metricKind(name);
  if (kind === 'ratio') return RATIO_DIGITS;
  return kind !== 'money' ? 0 : name === 'cost' ? rows.costDigits : rows.moneyDigits;
}

/** How a report's column is written. */
export function writerOf(name: string, rows: ReportRows): Writer {
  const kind = metricKind(name);
  if (kind === 'id') return idOf(name);
  if (kind === 'text') {
    const attribute = attributeOf(name);
    // Keywords have no targeting, targets no keyword: their report leaves the other's keys out.
    if (rows.entity === 'target' && /^(keyword|matchType)/.test(name)) return () => undefined;
    if (rows.entity === 'keyword' && /^targeting/.test(name)) return () => undefined;
    return attribute;
  }
  const measure = measureOf(name);
  const digits = digitsOf(name, rows);
  // A rule's budget is absent where there is no rule; any other figure that is missing is null.
  const missing = name === 'campaignRuleBasedBudget' ? undefined : 'null';
  return (row) => {
    const value = measure(row);
    return value === undefined ? missing : decimalText(value, digits);
  };
}

/** Whether a column's value follows from the row's {@link ReportRows.hash} alone, whatever the entity. */
export function followsFromHash(name: string): boolean {
  return (
    (metricKind(name) === 'integer' || metricKind(name) === 'money' || metricKind(name) === 'ratio') &&
    !/Bid$|Budget$/.test(name)
  );
}
