import type { ColumnPolicy, SliceKey, Table } from '../contracts/index.js';
import { Drift } from './drift.js';
import { Placement } from './placement.js';
import { recordReasons } from './reasons.js';
import { type RawRecord, RecordCutter } from './record-cutter.js';
import { RowJudge, type Verdict } from './row-judge.js';
import type { RowOf } from './row-schema.js';
import { EVOLVE, typedTable } from './typed-columns.js';

/** A record that fits its table. */
export interface TypedRow<T extends Table = Table> {
  readonly kind: 'row';
  /** The record's number, from 1. */
  readonly row: number;
  readonly key: SliceKey;
  /** Typed values by column name; constants of the ask are not in a record. */
  readonly values: Readonly<Partial<RowOf<T>>>;
  /** Values of columns that the catalogue does not know, by snake_case name. */
  readonly unknown: Readonly<Record<string, unknown>>;
}

/** A record that does not. */
export interface RejectedRow {
  readonly kind: 'reject';
  readonly row: number;
  readonly key: SliceKey;
  readonly raw: string;
  readonly reasons: readonly string[];
}

export interface ReadRowsOptions {
  readonly format?: 'array' | 'ndjson';
  /** Slices that rows may belong to; absent: rows are not asked where they belong. */
  readonly slices?: readonly SliceKey[];
  readonly policy?: ColumnPolicy;
}

/**
 * Reads records one by one, typed or rejected, at bounded memory: for library users, previews,
 * and files in which one malformed record would sink the rest.
 * @param source plain (inflated) bytes: a stream, any async iterable of chunks, or all at once.
 */
export async function* readRows<const T extends Table>(
  source: AsyncIterable<Uint8Array> | Uint8Array,
  table: T,
  options: ReadRowsOptions = {},
): AsyncGenerator<TypedRow<T> | RejectedRow> {
  const policy = options.policy ?? EVOLVE;
  const { scopeOf: _scopeOf, sliceOf: _sliceOf, ...unplaced } = table as Table;
  const placement = options.slices
    ? new Placement(table, { slices: options.slices })
    : new Placement(unplaced, { slices: [{ dataset: table.name, scope: '', slice: '' }] });
  const judge = new RowJudge(typedTable(table, policy).columns, placement, new Drift(table, policy));
  let row = 0;
  for await (const record of cutRecords(source, options.format ?? 'array')) {
    row += 1;
    const { verdict, raw } = judgeRaw(record, judge);
    if (!verdict) continue;
    yield (verdict.kind === 'row' ? { ...verdict, row } : { ...verdict, row, raw }) as TypedRow<T> | RejectedRow;
  }
}

/** Cuts bytes into records. */
export async function* cutRecords(
  source: AsyncIterable<Uint8Array> | Uint8Array,
  format: 'array' | 'ndjson',
): AsyncGenerator<RawRecord> {
  const cutter = new RecordCutter(format);
  if (source instanceof Uint8Array) yield* cutter.push(source);
  else for await (const chunk of source) yield* cutter.push(chunk);
  yield* cutter.end();
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Judges a record as it was cut; what could not be cut, or is no text, is a reject.
 * The verdict is undefined where it holds no record of the judge's table.
 */
export function judgeRaw(record: RawRecord, judge: RowJudge): { verdict: Verdict | undefined; raw: string } {
  let raw: string;
  try {
    raw = utf8.decode(record.bytes);
  } catch {
    return { verdict: judge.unreadable(recordReasons.noUnicode()), raw: record.bytes.toString('utf8') };
  }
  if (record.uncut) return { verdict: judge.unreadable(recordReasons.noJson('it never ends')), raw };
  return { verdict: judge.judge(raw), raw };
}
