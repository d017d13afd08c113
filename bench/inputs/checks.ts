import { type Content, type Expected, FIRST_ID, type Sums } from './records.js';
import type { Kind } from './tables.js';

/** A look at a loaded table that must give exactly what the file's records add up to. */
export interface Check {
  readonly name: string;
  /** An SQL aggregate; `of` gives the quoted column that holds what the source calls so. */
  sql(of: (source: string) => string): string;
}

const exact = (name: string, sql: Check['sql']): Check => ({ name, sql });
const money = (column: string) => `sum(${column}::DECIMAL(38,6))::DECIMAL(38,6)`;

/** How many rows hold this id, to the last digit. */
function idCheck(source: string): Check[] {
  return [
    exact('sum of ids', (of) => `sum(${of(source)}::HUGEINT)`),
    exact('an id above 2^53', (of) => `count(*) FILTER (${of(source)}::HUGEINT = ${FIRST_ID + 50n})`),
  ];
}

export const CHECKS: Readonly<Record<Kind, readonly Check[]>> = {
  report: [
    exact('rows', () => 'count(*)'),
    ...idCheck('keywordId'),
    exact('impressions', (of) => `sum(${of('impressions')})`),
    exact('clicks', (of) => `sum(${of('clicks')})`),
    exact('cost', (of) => money(of('cost'))),
    exact('sales', (of) => money(of('attributedSales14d'))),
  ],
  entities: [
    exact('rows', () => 'count(*)'),
    ...idCheck('campaignId'),
    exact('budgets', (of) => money(`(${of('budget')}).amount`)),
    exact(
      'percentages',
      (of) => `sum(list_sum(list_transform((${of('bidding')}).adjustments, lambda x: x.percentage)))`,
    ),
    exact('tags', (of) => `sum(len(${of('tags')}))`),
  ],
};

/** Types that a warehouse should have given these columns. Others are shown, not held to be wrong. */
export const TYPES: Readonly<Record<Kind, Readonly<Record<string, RegExp>>>> = {
  report: {
    date: /^DATE$/,
    keywordId: /^BIGINT$/,
    impressions: /^BIGINT$/,
    cost: /^DECIMAL/,
    clickThroughRate: /^DOUBLE$/,
  },
  entities: { campaignId: /^BIGINT$/, budget: /^STRUCT/, tags: /^STRUCT.*\[\]$/ },
};

/** What the checks must give for several files loaded into one table. */
export function expectedOf(parts: readonly { readonly content: Content; readonly sums: Sums }[]): Expected {
  const total = (of: (sums: Sums) => number | bigint) => parts.reduce((sum, one) => sum + BigInt(of(one.sums)), 0n);
  const number = (name: string) => String(total((sums) => sums.numbers[name] ?? 0));
  const amount = (name: string) => {
    const digits = number(name).padStart(3, '0');
    return `${digits.slice(0, -2)}.${digits.slice(-2)}0000`;
  };
  const rows = String(total((sums) => sums.rows));
  const common = { rows, 'sum of ids': String(total((sums) => sums.ids)) };
  const first = String(parts.filter(({ content }) => content.part === 0).length);
  return parts[0]!.content.kind === 'report'
    ? {
        ...common,
        'an id above 2^53': first,
        impressions: number('impressions'),
        clicks: number('clicks'),
        cost: amount('cost'),
        sales: amount('sales'),
      }
    : {
        ...common,
        'an id above 2^53': first,
        budgets: amount('budgets'),
        percentages: number('percentages'),
        tags: number('tags'),
      };
}
