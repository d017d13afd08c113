/** The records of the inputs as JSON text, and what they add up to. The same for the same numbers. */
import type { Kind } from './tables.js';

/** What a file holds. */
export interface Content {
  readonly kind: Kind;
  readonly rows: number;
  /** Tells files of one set apart: ids begin elsewhere. */
  readonly part: number;
  /** A restatement: the same ids with other numbers. */
  readonly version: number;
  /** The day that all rows name. */
  readonly date: string;
  /** Share of rows that cannot be typed, in percent. */
  readonly badPercent: 0 | 1 | 12;
}

/** What good rows add up to, by the name of a check (`checks.ts`); exact, as text. */
export type Expected = Readonly<Record<string, string>>;

/** Beyond 2^53, and odd: a program that holds ids in doubles rounds it. */
export const FIRST_ID = 144_170_583_660_124_565n;

/** Sums of the good rows so far. Amounts are in hundredths. */
export class Sums {
  rows = 0;
  rejects = 0;
  ids = 0n;
  /** Each far below 2^53 for 20M rows. */
  numbers: Record<string, number> = {};

  add(name: string, value: number): void {
    this.numbers[name] = (this.numbers[name] ?? 0) + value;
  }
}

/** All records of a file, one text each, without separators. */
export function* records(content: Content, sums: Sums): Generator<string> {
  const random = randomNumbers(content.part * 1000 + content.version);
  for (let row = 0; row < content.rows; row++) {
    const id = FIRST_ID + BigInt(content.part) * 1_000_000_000n + BigInt(row);
    yield content.kind === 'report' ? reportRow(content, row, id, random, sums) : entity(row, id, random, sums);
  }
}

type Random = (below: number) => number;

/** Marsaglia's xorshift, 32 bits. */
function randomNumbers(seed: number): Random {
  let state = (Math.imul(seed + 1, 2654435761) ^ 0x9e3779b9) >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Hundredths as JSON prints them. */
function money(hundredths: number): string {
  const rest = hundredths % 100;
  return `${(hundredths - rest) / 100}.${rest < 10 ? '0' : ''}${rest}`;
}

const MATCH_TYPES = ['broad', 'exact', 'phrase'];

function reportRow(content: Content, row: number, id: bigint, random: Random, sums: Sums): string {
  const campaign = random(2000);
  const adGroup = campaign * 5 + random(5);
  const seen = random(100_000);
  const clicks = random(500);
  const cost = random(100_000);
  const sold = random(40);
  const bad = badness(content, row);
  if (bad === undefined) {
    sums.rows += 1;
    sums.ids += id;
    sums.add('impressions', seen);
    sums.add('clicks', clicks);
    sums.add('cost', cost);
    sums.add('sales', sold * 399);
  } else {
    sums.rejects += 1;
  }
  return (
    `{"date":"${content.date}","campaignId":27000000000000${1000 + campaign},` +
    `"campaignName":"Campaign ${campaign} | Marke \\"Ü\\" – ${campaign % 7}","campaignStatus":"enabled","campaignBudget":${money(campaign * 10 + 500)},` +
    `"campaignBudgetType":"daily","adGroupId":2800000000000${10_000 + adGroup},"adGroupName":"Group ${adGroup}",` +
    `"keywordId":${bad === 'no id' ? 'null' : id},"keywordText":"running shoes ${row % 9973}","keywordStatus":"${row % 11 === 0 ? 'paused' : 'enabled'}","matchType":"${MATCH_TYPES[row % 3]}",` +
    `"currency":"USD","impressions":${bad === 'no integer' ? `${seen}.5` : seen},"clicks":${bad === 'no number' ? '"n/a"' : clicks},` +
    `"cost":${bad === 'too many digits' ? `"${money(cost)}1234567"` : money(cost)},` +
    `"attributedConversions1d":${sold % 5},"attributedConversions7d":${sold % 9},"attributedConversions14d":${sold % 13},"attributedConversions30d":${sold},` +
    `"attributedSales1d":${money(sold * 199)},"attributedSales7d":${money(sold * 299)},"attributedSales14d":${money(sold * 399)},"attributedSales30d":${money(sold * 499)},` +
    `"clickThroughRate":${seen === 0 ? 'null' : (clicks / (seen + 1)).toFixed(6)}}`
  );
}

const BADNESS = ['no number', 'no integer', 'no id', 'too many digits'] as const;

/** What is wrong with a row; undefined: nothing. */
function badness({ badPercent }: Content, row: number): (typeof BADNESS)[number] | undefined {
  if (row % 100 >= badPercent) return undefined;
  return BADNESS[(Math.floor(row / 100) + row) % 4];
}

function entity(row: number, id: bigint, random: Random, sums: Sums): string {
  const amount = random(100_000);
  const adjustments = Array.from({ length: random(4) }, (_, i) => ({
    predicate: `placement-${i}`,
    percentage: random(900),
  }));
  const tags = Array.from({ length: random(3) }, (_, i) => ({ key: `tag-${i}`, value: `value, "${random(50)}"` }));
  sums.rows += 1;
  sums.ids += id;
  sums.add('budgets', amount);
  for (const { percentage } of adjustments) sums.add('percentages', percentage);
  sums.add('tags', tags.length);
  return (
    `{"campaignId":${id},"name":"Campaign ${row} | Marke \\"Ü\\"","state":"${row % 5 === 0 ? 'paused' : 'enabled'}",` +
    `"budget":{"amount":${money(amount)},"type":"daily","currency":"EUR"},` +
    `"bidding":{"strategy":"autoForSales","adjustments":${JSON.stringify(adjustments)}},` +
    `"tags":${JSON.stringify(tags)},"servingStatus":"CAMPAIGN_STATUS_ENABLED","portfolioId":${row % 3 === 0 ? 'null' : `27000000000000${1000 + (row % 97)}`}}`
  );
}
