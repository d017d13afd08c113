import { type EncodedColumn, indexes } from '../../base/parquet.js';
import type { TypedColumn } from '../typed-columns.js';
import { Machine } from './machine.js';
import type { CellsOfColumn, OddRecord, Progress } from './protocol.js';
import type { MemberColumn, PlainTable } from './table.js';
import { elementOf } from './types.js';

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

const NOTHING = Buffer.alloc(0);
const NEW_LINE = Buffer.from('\n');

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
  /** What reads, and how far it is; undefined until there is something to read. */
  #machine: Machine | undefined;
  #progress: Progress | undefined;
  /** Text that was left when the records before it were taken. */
  #rest: Buffer = NOTHING;
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
  async push(bytes: Uint8Array): Promise<Buffer | undefined> {
    const { machine, progress } = await this.#begun();
    this.bytes += bytes.length;
    this.#progress = await machine.push(bytes, progress);
    return this.#progress.isPlain ? undefined : this.#left(machine, this.#progress);
  }

  /** The text is over. @returns what is left of it, where that is not plain. */
  async end(): Promise<Buffer | undefined> {
    if (this.#lines) {
      const left = await this.push(NEW_LINE);
      if (left) return left;
    }
    if (this.isIdle && this.isOver) return undefined;
    const { machine, progress } = await this.#begun();
    const isWhole = progress.restBytes === 0 && (this.#lines || progress.place === AFTER);
    return isWhole ? undefined : this.#left(machine, progress);
  }

  /** Whether the list has ended: what may follow is white space. */
  get isOver(): boolean {
    return !this.#lines && this.#progress?.place === AFTER;
  }

  /** Whether nothing came since the last {@link take}. */
  get isIdle(): boolean {
    return this.#machine === undefined;
  }

  /** What was read since the last call. The reader goes on in other memory: nobody waits until it is written. */
  async take(): Promise<PlainRecords> {
    const { machine, progress } = await this.#begun();
    this.#machine = undefined;
    this.#rest = this.#left(machine, progress);
    this.bytes = 0;
    const { records, odd, ...plain } = await machine.cells();
    const rows = arrayIn(machine, plain.rows, plain.rowCount);
    const { columns, unknown } = this.#table;
    const seen = columns.filter((column) => 'member' in column && plain.columns[column.member]!.count > 0);
    return {
      records,
      odd,
      rows,
      columns: columns.map((column) =>
        'member' in column ? encoded(machine, column, plain.columns[column.member]!) : column.encoded(rows.length),
      ),
      unknown,
      seen: new Set(seen.map(({ name }) => name)),
      release: () => machine.release(),
    };
  }

  /** Nothing is asked of it any more. */
  release(): void {
    this.#machine?.release();
    this.#machine = undefined;
  }

  async #begun(): Promise<{ machine: Machine; progress: Progress }> {
    if (!this.#machine) {
      this.#machine = Machine.take();
      this.#progress = await this.#machine.begin(this.#lines, this.#table.members, this.#rest);
    }
    return { machine: this.#machine, progress: this.#progress! };
  }

  #left(machine: Machine, { place, rest, restBytes }: Progress): Buffer {
    const before = this.#lines ? '' : BEFORE_REST[place]!;
    return Buffer.concat([Buffer.from(before), machine.view(rest, restBytes)]);
  }
}

function encoded(machine: Machine, { name, type }: MemberColumn, cells: CellsOfColumn): EncodedColumn {
  const { values: start, count, dictionary } = cells;
  const nulls = arrayIn(machine, cells.nulls, cells.nullCount);
  const schema = [elementOf(name, type)] as const;
  if (count === 0) return { schema, nulls, values: [] };
  if (!dictionary) {
    const values = machine.view(start, count * type.bytes);
    return { schema, nulls, values: [type.page?.(values) ?? values] };
  }
  const page = machine.view(dictionary.start, dictionary.bytes);
  const places = arrayIn(machine, start, count);
  return {
    schema,
    nulls,
    dictionary: { count: dictionary.count, bytes: page },
    values: indexes(places, dictionary.count),
  };
}

function arrayIn(machine: Machine, start: number, length: number): Uint32Array {
  return new Uint32Array(machine.bytes.buffer, start, length);
}
