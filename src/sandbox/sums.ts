import { digitsOf, writerOf } from './data/columns.js';
import { ExactSum } from './data/decimals.js';
import { metricKind } from './data/metric-names.js';
import { measureOf } from './data/metrics.js';
import type { Walk } from './data/render.js';
import { ReportRows } from './data/report-rows.js';
import { type SnapshotSpec, snapshotRecords } from './data/snapshot-rows.js';
import type { TruthSlice } from './types.js';

/** What is summed. */
export type Sums = Pick<TruthSlice, 'rows' | 'sums' | 'ids' | 'textBytes'>;

/** Collects sums by column. */
class Tally {
  rows = 0;
  readonly #sums = new Map<string, ExactSum>();
  readonly #ids = new Map<string, bigint>();
  readonly #bytes = new Map<string, number>();

  number(column: string, digits: number, units: number): void {
    let sum = this.#sums.get(column);
    if (!sum) {
      sum = new ExactSum(digits);
      this.#sums.set(column, sum);
    }
    sum.add(units);
  }

  id(column: string, text: string): void {
    this.#ids.set(column, (this.#ids.get(column) ?? 0n) + BigInt(text));
  }

  text(column: string, json: string): void {
    const bytes = Buffer.byteLength(json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1));
    this.#bytes.set(column, (this.#bytes.get(column) ?? 0) + bytes);
  }

  result(): Sums {
    return {
      rows: this.rows,
      sums: Object.fromEntries([...this.#sums].map(([column, sum]) => [column, sum.toString()])),
      ids: Object.fromEntries([...this.#ids].map(([column, sum]) => [column, sum.toString()])),
      textBytes: Object.fromEntries(this.#bytes),
    };
  }
}

/** Rows and sums of a report, computed without printing it. */
export function sumReport(walks: readonly Walk[]): Sums {
  const tally = new Tally();
  for (const { spec, columns } of walks) {
    const rows = new ReportRows(spec);
    const numbers = columns
      .filter((name) => metricKind(name) === 'integer' || metricKind(name) === 'money')
      .map((name) => ({ name, digits: digitsOf(name, rows), measure: measureOf(name) }));
    const others = columns
      .map((name) => ({ name, kind: metricKind(name), write: writerOf(name, rows) }))
      .filter(({ kind }) => kind === 'id' || kind === 'text');
    while (rows.next()) {
      tally.rows++;
      for (const { name, digits, measure } of numbers) tally.number(name, digits, measure(rows) ?? 0);
      for (const { name, kind, write } of others) {
        const json = write(rows);
        if (json === undefined || json === 'null') continue;
        if (kind === 'id') tally.id(name, json);
        else tally.text(name, json);
      }
    }
  }
  return tally.result();
}

/** Money of snapshots: printed with at most two digits. */
const SNAPSHOT_MONEY = new Set(['dailyBudget', 'budget', 'defaultBid', 'bid']);
const SNAPSHOT_TEXTS = new Set(['name', 'keywordText', 'nativeLanguageKeyword', 'asin', 'sku', 'state', 'matchType']);

/** Rows and sums of a snapshot. */
export function sumSnapshot(spec: SnapshotSpec): Sums {
  const tally = new Tally();
  for (const members of snapshotRecords(spec)) {
    tally.rows++;
    for (const [key, json] of members) {
      if (json === undefined || json === 'null') continue;
      if (key.endsWith('Id')) tally.id(key, json);
      else if (SNAPSHOT_MONEY.has(key)) tally.number(key, 2, Math.round(Number(json) * 100));
      else if (SNAPSHOT_TEXTS.has(key)) tally.text(key, json);
    }
  }
  return tally.result();
}
