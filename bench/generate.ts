import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** What a loaded file must add up to. */
export interface Expected {
  readonly rows: number;
  /** Sums as exact text. */
  readonly impressions: string;
  readonly cost: string;
  /** Sum of ids, each beyond 2^53: a rounded one is noticed. */
  readonly keyword_id: string;
}

const FOLDER = path.join(import.meta.dirname, '.data');
const FIRST_ID = 144_170_583_660_124_565n;

/** A gzip'd JSON array of `rows` records, the same for the same numbers; made once. */
export async function reportFile(rows: number, seed: number): Promise<{ file: string; expected: Expected }> {
  mkdirSync(FOLDER, { recursive: true });
  const file = path.join(FOLDER, `report-${rows}-${seed}.json.gz`);
  const record = `${file}.expected.json`;
  if (existsSync(record)) return { file, expected: JSON.parse(readFileSync(record, 'utf8')) as Expected };
  let impressions = 0n;
  let cents = 0n;
  let ids = 0n;
  let state = BigInt(seed) * 2654435761n + 1n;
  const random = (below: number) => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number((state >> 33n) % BigInt(below));
  };
  const money = (amount: number) => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;
  function* text(): Generator<string> {
    let batch = '[';
    for (let row = 0; row < rows; row++) {
      const id = FIRST_ID + BigInt(seed) * 1_000_000_000n + BigInt(row);
      const campaign = random(2000);
      const seen = random(100_000);
      const clicks = random(500);
      const cost = random(100_000);
      const sold = random(40);
      impressions += BigInt(seen);
      cents += BigInt(cost);
      ids += id;
      batch +=
        `${row === 0 ? '' : ','}{"date":"2026-10-01","campaignId":${270_000_000_000_000_000n + BigInt(campaign)},` +
        `"campaignName":"Campaign ${campaign} | Marke \\"Ü\\" – ${campaign % 7}","campaignStatus":"enabled","campaignBudget":${money(campaign * 10 + 500)},` +
        `"campaignBudgetType":"daily","adGroupId":${280_000_000_000_000_000n + BigInt(campaign * 5 + random(5))},"adGroupName":"Group ${campaign}-${row % 5}",` +
        `"keywordId":${id},"keywordText":"running shoes ${row % 9973}","keywordStatus":"${row % 11 === 0 ? 'paused' : 'enabled'}","matchType":"${['broad', 'exact', 'phrase'][row % 3]}",` +
        `"currency":"USD","impressions":${seen},"clicks":${clicks},"cost":${money(cost)},` +
        `"attributedConversions1d":${sold % 5},"attributedConversions7d":${sold % 9},"attributedConversions14d":${sold % 13},"attributedConversions30d":${sold},` +
        `"attributedSales1d":${money(sold * 199)},"attributedSales7d":${money(sold * 299)},"attributedSales14d":${money(sold * 399)},"attributedSales30d":${money(sold * 499)},` +
        `"clickThroughRate":${seen === 0 ? 'null' : (clicks / (seen + 1)).toFixed(6)}}`;
      if (batch.length < 1 << 20) continue;
      yield batch;
      batch = '';
    }
    yield `${batch}]`;
  }
  await pipeline(Readable.from(text()), createGzip({ level: 6 }), createWriteStream(`${file}.part`));
  renameSync(`${file}.part`, file);
  const cost = `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}0000`;
  const expected = { rows, impressions: String(impressions), cost, keyword_id: String(ids) };
  writeFileSync(record, JSON.stringify(expected));
  return { file, expected };
}
