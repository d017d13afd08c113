import { snakeCase } from '../src/base/names.js';
import type { Column, ScalarType, Table } from '../src/contracts/index.js';

/** The report of all scenarios: 25 flat columns, as a keyword report has them. */
const SOURCES: readonly (readonly [string, ScalarType])[] = [
  ['date', 'date'],
  ['campaignId', 'bigint'],
  ['campaignName', 'varchar'],
  ['campaignStatus', 'varchar'],
  ['campaignBudget', 'decimal(18,6)'],
  ['campaignBudgetType', 'varchar'],
  ['adGroupId', 'bigint'],
  ['adGroupName', 'varchar'],
  ['keywordId', 'bigint'],
  ['keywordText', 'varchar'],
  ['keywordStatus', 'varchar'],
  ['matchType', 'varchar'],
  ['currency', 'varchar'],
  ['impressions', 'bigint'],
  ['clicks', 'bigint'],
  ['cost', 'decimal(18,6)'],
  ['attributedConversions1d', 'bigint'],
  ['attributedConversions7d', 'bigint'],
  ['attributedConversions14d', 'bigint'],
  ['attributedConversions30d', 'bigint'],
  ['attributedSales1d', 'decimal(18,6)'],
  ['attributedSales7d', 'decimal(18,6)'],
  ['attributedSales14d', 'decimal(18,6)'],
  ['attributedSales30d', 'decimal(18,6)'],
  ['clickThroughRate', 'double'],
];

export const REPORT: Table = {
  name: 'bench_report',
  columns: SOURCES.map(
    ([source, type]): Column => ({
      name: snakeCase(source),
      source,
      type,
      role: type === 'bigint' && source.endsWith('Id') ? 'dimension' : 'metric',
      nullable: source !== 'keywordId',
    }),
  ),
  key: ['keyword_id'],
  mode: 'replace',
  scopeColumn: { name: '_profile_id', type: 'bigint' },
};
