import { type EncodedColumn, indexes } from '../../base/parquet.js';
import type { TypedColumn } from '../typed-columns.js';
import { Machine } from './machine.js';
import type { MemberColumn, PlainTable } from './table.js';
import { elementOf, KIND } from './types.js';

/** A record that is not plain, among others that are. */
export interface OddRecord {
  /** Its number among the records taken together, from 1. */
  readonly row: number;
  readonly bytes: Buffer;
}

/** Records that were read together. What it views is good until it is released. */
export interface PlainRecords {
  /** All of them, odd ones included. */
  readonly records: number;
  readonly odd: readonly OddRecord[];
  /** Numbers of the plain ones, from 1. */
  readonly rows: Uint32Array;
  /** Their cells: the table's columns, then {@link unknown} ones. */
  readonly columns: readonly EncodedColumn[];
  readonly unknown: readonly TypedColumn[];
  /** Names of columns for which a plain record had a value. */
  readonly seen: ReadonlySet<string>;
  /** It is not needed any more. */
  release(): void;
}

/** So many plain records make one that is not worth judging by itself; with more, what follows is judged in SQL. */
const PLAIN_FOR_ODD = 32;
/** Odd ones that may come before it is known how many are plain. */
const ODD_AT_FIRST = 16;
/** Bytes of odd records that are kept in memory. */
const MOST_ODD_BYTES = 4 << 20;

const NOTHING = Buffer.alloc(0);

/** What must stand before the rest of a text to make a text of it, by the places of `assembly/reader.ts`. */
const BEFORE_REST = ['', '[', '[', '[]'] as const;
/** The last of those places: behind the list. */
const AFTER = 3;

/**
 * Types plain records as their bytes pass: known members only, in their usual order, each value
 * spelled so that there is one reading only. A few odd records among many plain ones are noted,
 * to be judged one by one. Where they are more, or where it cannot be told where they end, it
 * stops: what was read before stays, and all that follows is to be judged in SQL.
 */
export class PlainReader {
  readonly #table: PlainTable;
  readonly #lines: boolean;
  /** What reads; undefined until there is something to read. */
  #machine: Machine | undefined;
  /** Text that was left when the records before it were taken. */
  #rest: Buffer = NOTHING;
  #odd: OddRecord[] = [];
  #oddBytes = 0;
  /** Bytes of the text that were read since the last {@link take}. */
  bytes = 0;

  constructor(table: PlainTable, format: 'array' | 'ndjson') {
    this.#table = table;
    this.#lines = format === 'ndjson';
  }

  /**
   * The next bytes of the text.
   * @returns what is not plain, and all that follows it, as a text of its own.
   */
  push(bytes: Uint8Array): Buffer | undefined {
    const machine = this.#begun();
    machine.put(bytes);
    this.bytes += bytes.length;
    return machine.exports.push(bytes.length) ? undefined : this.#left(machine);
  }

  /** The text is over. @returns what is left of it, where that is not plain. */
  end(): Buffer | undefined {
    if (this.#lines) {
      const left = this.push(Buffer.from('\n'));
      if (left) return left;
    }
    const machine = this.#begun();
    const { place, restBytes } = machine.exports;
    const isWhole = restBytes() === 0 && (this.#lines || place() === AFTER);
    return isWhole ? undefined : this.#left(machine);
  }

  /** What was read since the last call. The reader goes on in other memory: nobody waits until it is written. */
  take(): PlainRecords {
    const machine = this.#begun();
    const { columns, unknown } = this.#table;
    const { exports } = machine;
    const rows = arrayIn(machine, exports.rows(), exports.rowCount());
    const seen = columns.filter((column) => 'member' in column && exports.valueCount(column.member) > 0);
    const plain: PlainRecords = {
      records: exports.records(),
      odd: this.#odd,
      rows,
      columns: columns.map((column) => ('member' in column ? encoded(machine, column) : column.encoded(rows.length))),
      unknown,
      seen: new Set(seen.map(({ name }) => name)),
      release: () => machine.release(),
    };
    this.#rest = this.#left(machine);
    this.#machine = undefined;
    this.#odd = [];
    this.#oddBytes = 0;
    this.bytes = 0;
    return plain;
  }

  /** Nothing is asked of it any more. */
  release(): void {
    this.#machine?.release();
    this.#machine = undefined;
  }

  #begun(): Machine {
    if (this.#machine) return this.#machine;
    const machine = Machine.take();
    machine.onOdd = (record, number) => this.#setAside(record, number);
    machine.exports.begin(this.#lines);
    for (const { source, isNeeded, reads } of this.#table.members) {
      const { kind, whole = 0, scale = 0 } = reads;
      machine.put(Buffer.from(source));
      machine.exports.addMember(source.length, isNeeded, kind, whole, scale);
    }
    machine.put(this.#rest);
    machine.exports.push(this.#rest.length);
    this.#machine = machine;
    return machine;
  }

  #setAside(record: Buffer, row: number): boolean {
    const isTooMuch = this.#odd.length >= ODD_AT_FIRST + row / PLAIN_FOR_ODD;
    if (isTooMuch || this.#oddBytes + record.length > MOST_ODD_BYTES) return false;
    this.#odd.push({ row, bytes: Buffer.from(record) });
    this.#oddBytes += record.length;
    return true;
  }

  #left({ bytes, exports }: Machine): Buffer {
    const start = exports.rest();
    const before = this.#lines ? '' : BEFORE_REST[exports.place()]!;
    return Buffer.concat([Buffer.from(before), bytes.subarray(start, start + exports.restBytes())]);
  }
}

function encoded(machine: Machine, { name, member, type }: MemberColumn): EncodedColumn {
  const { exports, bytes } = machine;
  const count = exports.valueCount(member);
  const nulls = arrayIn(machine, exports.nulls(member), exports.nullCount(member));
  const schema = [elementOf(name, type)] as const;
  if (count === 0) return { schema, nulls, values: [] };
  const start = exports.values(member);
  if (type.reads?.kind !== KIND.text) {
    const values = bytes.subarray(start, start + count * type.bytes);
    return { schema, nulls, values: [type.page?.(values) ?? values] };
  }
  const [page, size] = [exports.dictionary(member), exports.dictionaryCount(member)];
  const dictionary = { count: size, bytes: bytes.subarray(page, page + exports.dictionaryBytes(member)) };
  return { schema, nulls, dictionary, values: indexes(arrayIn(machine, start, count), size) };
}

function arrayIn(machine: Machine, start: number, length: number): Uint32Array {
  return new Uint32Array(machine.bytes.buffer, start, length);
}
