import type { Column, ColumnType, Field, ScalarType, Table } from 'millpond';

/** What the inputs hold: a flat report, or nested entities. */
export type Kind = 'report' | 'entities';

/** A keyword report: 25 flat columns, by the source's name, the warehouse's name, and type. */
const REPORT_COLUMNS: readonly (readonly [string, string, ScalarType])[] = [
  ['date', 'date', 'date'],
  ['campaignId', 'campaign_id', 'bigint'],
  ['campaignName', 'campaign_name', 'varchar'],
  ['campaignStatus', 'campaign_status', 'varchar'],
  ['campaignBudget', 'campaign_budget', 'decimal(18,6)'],
  ['campaignBudgetType', 'campaign_budget_type', 'varchar'],
  ['adGroupId', 'ad_group_id', 'bigint'],
  ['adGroupName', 'ad_group_name', 'varchar'],
  ['keywordId', 'keyword_id', 'bigint'],
  ['keywordText', 'keyword_text', 'varchar'],
  ['keywordStatus', 'keyword_status', 'varchar'],
  ['matchType', 'match_type', 'varchar'],
  ['currency', 'currency', 'varchar'],
  ['impressions', 'impressions', 'bigint'],
  ['clicks', 'clicks', 'bigint'],
  ['cost', 'cost', 'decimal(18,6)'],
  ['attributedConversions1d', 'attributed_conversions_1d', 'bigint'],
  ['attributedConversions7d', 'attributed_conversions_7d', 'bigint'],
  ['attributedConversions14d', 'attributed_conversions_14d', 'bigint'],
  ['attributedConversions30d', 'attributed_conversions_30d', 'bigint'],
  ['attributedSales1d', 'attributed_sales_1d', 'decimal(18,6)'],
  ['attributedSales7d', 'attributed_sales_7d', 'decimal(18,6)'],
  ['attributedSales14d', 'attributed_sales_14d', 'decimal(18,6)'],
  ['attributedSales30d', 'attributed_sales_30d', 'decimal(18,6)'],
  ['clickThroughRate', 'click_through_rate', 'double'],
];

const field = (source: string, type: ColumnType, name = source): Field => ({ source, name, type });

/** A campaign with what hangs on it: structs, a list of structs, a struct that holds a list. */
const ENTITY_COLUMNS: readonly Field[] = [
  field('campaignId', 'bigint', 'campaign_id'),
  field('name', 'varchar'),
  field('state', 'varchar'),
  field('budget', {
    struct: [field('amount', 'decimal(18,6)'), field('type', 'varchar'), field('currency', 'varchar')],
  }),
  field('bidding', {
    struct: [
      field('strategy', 'varchar'),
      field('adjustments', { list: { struct: [field('predicate', 'varchar'), field('percentage', 'bigint')] } }),
    ],
  }),
  field('tags', { list: { struct: [field('key', 'varchar'), field('value', 'varchar')] } }),
  field('servingStatus', 'varchar', 'serving_status'),
  field('portfolioId', 'bigint', 'portfolio_id'),
];

function table(name: string, fields: readonly Field[], key: string): Table {
  const columns = fields.map(
    (one): Column => ({ ...one, role: one.source.endsWith('Id') ? 'dimension' : 'metric', nullable: one.name !== key }),
  );
  return { name, columns, key: [key], mode: 'replace', scopeColumn: { name: '_profile_id', type: 'bigint' } };
}

export const TABLES: Readonly<Record<Kind, Table>> = {
  report: table(
    'bench_report',
    REPORT_COLUMNS.map(([source, name, type]) => field(source, type, name)),
    'keyword_id',
  ),
  entities: table('bench_entities', ENTITY_COLUMNS, 'campaign_id'),
};

/** The columns as everybody but Millpond is told them: the source's names, DuckDB's types. */
export function plainColumns(kind: Kind): [name: string, type: string][] {
  return TABLES[kind].columns.map(({ source, type }) => [source, plainType(type)]);
}

function plainType(type: ColumnType): string {
  if (typeof type === 'string') return type.toUpperCase();
  if ('list' in type) return `${plainType(type.list)}[]`;
  return `STRUCT(${type.struct.map((one) => `"${one.source}" ${plainType(one.type)}`).join(', ')})`;
}
