import { messageOf } from '../base/errors.js';
import type { SliceKey } from '../contracts/index.js';
import { type Cell, JsonObject, plainText } from './cells.js';
import type { Drift } from './drift.js';
import type { Placement } from './placement.js';
import { cellReason, Misfit, recordReasons } from './reasons.js';
import { recordCells, recordFault } from './record-cells.js';
import { parseRecord } from './record-parser.js';
import type { TypedColumn } from './typed-columns.js';
import { duplicateOnTheWay, recordWithin } from './within.js';

/** What became of a record: a typed row, or the reasons why it is none. */
export type Verdict =
  | {
      readonly kind: 'row';
      readonly key: SliceKey;
      /** By column name; constants are not among them. */
      readonly values: Readonly<Record<string, unknown>>;
      /** Values of columns that the catalogue does not know, by column name. */
      readonly unknown: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'reject'; readonly key: SliceKey; readonly reasons: readonly string[] };

/** The one judge of records: for the row reader, and for what is not settled otherwise. */
export class RowJudge {
  readonly #placement: Placement;
  readonly #drift: Drift;
  readonly #known: ReadonlySet<string>;
  readonly #columns: readonly TypedColumn[];
  readonly #sliceSource: string;

  constructor(columns: readonly TypedColumn[], placement: Placement, drift: Drift) {
    this.#placement = placement;
    this.#drift = drift;
    this.#known = knownSources(columns, placement);
    this.#columns = columns;
    const { sliceOf } = placement.table;
    this.#sliceSource = columns.find(({ column }) => column.name === sliceOf)?.column.source ?? '';
  }

  /** Judges the JSON text of one record. @returns undefined where it holds no record of this table. */
  judge(text: string): Verdict | undefined {
    let record: Cell;
    try {
      record = parseRecord(text);
    } catch (error) {
      return this.unreadable(recordReasons.noJson(messageOf(error).replace(/^Parser cannot parse input: /, '')));
    }
    try {
      return this.#judgeCell(record);
    } catch (error) {
      if (error instanceof RangeError) return this.reject([recordReasons.noJson('nested too deeply')]);
      throw error;
    }
  }

  /** A record in which nothing can be told apart: a reject, but not of a table within records. */
  unreadable(reason: string): Verdict | undefined {
    return this.#placement.table.within ? undefined : this.reject([reason]);
  }

  /** A reject that names no slice of its own. */
  reject(reasons: readonly string[], key: SliceKey = this.#placement.fallback): Verdict {
    return { kind: 'reject', key, reasons };
  }

  #judgeCell(whole: Cell): Verdict | undefined {
    const { within } = this.#placement.table;
    if (!within) return this.#judgeRecord(whole);
    if (!(whole instanceof JsonObject)) return undefined;
    const duplicate = duplicateOnTheWay(whole, within);
    if (duplicate !== undefined) return this.reject([recordReasons.duplicate(duplicate)]);
    const record = recordWithin(whole, within);
    return record === undefined ? undefined : this.#judgeRecord(record);
  }

  #judgeRecord(record: Cell): Verdict {
    const fault = recordFault(record);
    if (fault !== undefined) return this.reject([fault]);
    return this.#judgeMembers(record as JsonObject);
  }

  #judgeMembers(record: JsonObject): Verdict {
    const reasons: string[] = [];
    const unknown: Record<string, unknown> = {};
    for (const [source, cell] of record.entries) {
      if (!this.#known.has(source)) this.#judgeUnknown(source, cell, unknown, reasons);
    }
    const { values, faults } = recordCells(this.#columns, record, (path, cell) => this.#drift.see(path, cell));
    reasons.unshift(...faults.map(({ reason }) => reason));
    // What is wrong with other cells does not keep a record from naming its slice.
    const place = this.#place(record, values);
    if (typeof place === 'string') reasons.push(place);
    if (reasons.length > 0) return this.reject(reasons, typeof place === 'object' ? place : undefined);
    return { kind: 'row', key: place as SliceKey, values, unknown };
  }

  #judgeUnknown(source: string, cell: Cell, values: Record<string, unknown>, reasons: string[]): void {
    const { column, rule } = this.#drift.column(source);
    this.#drift.see(source, cell);
    const value = cell === null ? null : rule.judge(cell);
    if (value instanceof Misfit) reasons.push(cellReason(source, value));
    else values[column.name] = value;
  }

  /** The row's slice, a reason why it is none of those asked for, or undefined where it names none. */
  #place(record: JsonObject, values: Record<string, unknown>): SliceKey | string | undefined {
    const { table, fallback, isNamed } = this.#placement;
    if (!isNamed) return fallback;
    let scope = '';
    if (table.scopeOf !== undefined) {
      const cell = record.get(table.scopeOf) ?? null;
      if (cell === null) return recordReasons.missing(table.scopeOf);
      scope = plainText(cell);
      if (!this.#placement.hasScope(scope)) return recordReasons.noScope(table.scopeOf, scope);
    }
    let slice = '';
    if (table.sliceOf !== undefined) {
      const value = values[table.sliceOf];
      if (value === undefined) return undefined;
      if (value === null) return recordReasons.missing(this.#sliceSource);
      slice = String(value);
    }
    return this.#placement.find(scope, slice) ?? recordReasons.noSlice(this.#sliceSource, slice);
  }
}

/** Members of a record that the table has a place for. */
export function knownSources(columns: readonly TypedColumn[], { table }: Placement): Set<string> {
  const own = columns.filter(({ column }) => column.role !== 'constant').flatMap(({ sources }) => sources);
  return new Set(table.scopeOf === undefined ? own : [...own, table.scopeOf]);
}
