import { type EncodedColumn, indexes } from '../../base/parquet.js';
import type { Machine } from './machine.js';
import type { Cells, CellsOfColumn, OddRecord } from './protocol.js';
import { isMember, type MemberColumn, type PlainTable } from './table.js';
import { elementOf } from './types.js';

/** What came of a text, or of a piece of it. */
export interface PlainText {
  /** All of its records, odd ones included. */
  readonly records: number;
  /** How many of them are plain. */
  readonly plain: number;
  readonly odd: readonly OddRecord[];
  /** Names of columns for which a plain record had a value. */
  readonly seen: ReadonlySet<string>;
}

/** Records that were read together. What it views is good until it is released. */
export interface PlainRecords {
  /** What they look like. */
  readonly table: PlainTable;
  /** Where they come from, in the order of {@link rows}. */
  readonly texts: readonly PlainText[];
  /** The number of each plain one in its text, from 1. */
  readonly rows: Uint32Array;
  /** Their cells, by the place of their member in the table. */
  readonly cells: readonly EncodedColumn[];
  /** It is not needed any more. */
  release(): void;
}

/** What came of the text that a machine read last. @param before what it had before that. */
export function textRead({ columns }: PlainTable, cells: Cells, before?: Cells): PlainText {
  const members = columns.filter(isMember);
  const valuesOf = ({ member }: MemberColumn) => cells.columns[member]!.count - (before?.columns[member]?.count ?? 0);
  return {
    records: cells.records,
    plain: cells.rowCount - (before?.rowCount ?? 0),
    odd: cells.odd,
    seen: new Set(members.filter((column) => valuesOf(column) > 0).map(({ name }) => name)),
  };
}

/** All that a machine has read. It belongs to whoever has the records. */
export function recordsIn(
  machine: Machine,
  table: PlainTable,
  cells: Cells,
  texts: readonly PlainText[],
): PlainRecords {
  const members = table.columns.filter(isMember).sort((a, b) => a.member - b.member);
  return {
    table,
    texts,
    rows: arrayIn(machine, cells.rows, cells.rowCount),
    cells: members.map((column) => encoded(machine, column, cells.columns[column.member]!)),
    release: () => machine.release(),
  };
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
