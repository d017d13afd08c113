import { z } from 'zod';
import type { Column, ColumnType, Field, ScalarType, Table } from '../contracts/index.js';
import type { UnknownMembers } from './cell-rules/index.js';
import { type Cell, isCell, JsonObject } from './cells.js';
import { isNoValue } from './empty.js';
import { cellReason, Misfit, recordReasons } from './reasons.js';
import { EVOLVE, type TypedColumn, tableColumns } from './typed-columns.js';

/** TypeScript's view of a cell: ids are bigint, decimals and days text, moments ISO text in UTC. */
export type ValueOf<Type extends ColumnType> = Type extends ScalarType
  ? ScalarValue<Type>
  : Type extends { readonly struct: infer Fields extends readonly Field[] }
    ? { [F in Fields[number] as F['name']]: ValueOf<F['type']> | null }
    : Type extends { readonly list: infer Element extends ColumnType }
      ? (ValueOf<Element> | null)[]
      : never;

type ScalarValue<Type extends ScalarType> = Type extends 'bigint'
  ? bigint
  : Type extends 'double'
    ? number
    : Type extends 'boolean'
      ? boolean
      : string;

type Nullability<C extends Column> = C['nullable'] extends false ? never : null;

/** The row type of a table literal (`as const satisfies Table`), by the columns' names. */
export type RowOf<T extends Table> = {
  [C in T['columns'][number] as C['name']]: ValueOf<C['type']> | Nullability<C>;
};

/**
 * The zod schema of a table's records as the source sends them (from `parseRecord`); it yields the
 * typed row, constants excepted. Every issue's message is a reason.
 */
export function rowSchema<const T extends Table>(table: T): z.ZodType<Partial<RowOf<T>>, Cell> {
  const schema = wholeRecord.pipe(recordSchema(tableColumns(table, EVOLVE)));
  return schema as unknown as z.ZodType<Partial<RowOf<T>>, Cell>;
}

/** What keeps a record from being asked for its members: it is no object, empty, or names one twice. */
export function recordFault(record: Cell): string | undefined {
  if (!(record instanceof JsonObject)) return recordReasons.notObject(record);
  if (record.entries.length === 0) return recordReasons.empty();
  const duplicate = record.duplicate();
  return duplicate === undefined ? undefined : recordReasons.duplicate(duplicate);
}

const wholeRecord = z
  .custom<Cell>(isCell, 'record: not what parseRecord returns')
  .refine((record) => recordFault(record) === undefined, {
    error: ({ input }) => recordFault(input as Cell),
    abort: true,
  })
  .transform((record) => record as JsonObject);

/** The same of records without a fault, for columns that are made up already. `unknown` hears of struct members without a field. */
export function recordSchema(
  columns: readonly TypedColumn[],
  unknown?: UnknownMembers,
): z.ZodType<Record<string, unknown>, JsonObject> {
  const own = columns.filter(({ column }) => column.role !== 'constant');
  const cells = z.object(Object.fromEntries(own.map((column) => [column.column.name, cellSchema(column, unknown)])));
  const pick = (record: JsonObject) => {
    const picked: Record<string, Cell> = {};
    for (const typed of own) picked[typed.column.name] = firstValue(record, typed);
    return picked;
  };
  return z.instanceof(JsonObject).transform(pick).pipe(cells);
}

/** One cell: absent and null are NULL, all else is for the column's rule to judge. */
function cellSchema({ column, rule }: TypedColumn, unknown?: UnknownMembers) {
  return z.any().transform((cell: Cell, context) => {
    if (cell === null) {
      if (column.nullable) return null;
      context.addIssue({ code: 'custom', message: recordReasons.missing(column.source) });
      return z.NEVER;
    }
    const value = rule.judge(cell, unknown && ((path, member) => unknown(column.source + path, member)));
    if (!(value instanceof Misfit)) return value;
    context.addIssue({ code: 'custom', message: cellReason(column.source, value) });
    return z.NEVER;
  });
}

function firstValue(record: JsonObject, { column, sources }: TypedColumn): Cell {
  for (const source of sources) {
    const cell = record.get(source) ?? null;
    if (cell !== null && !isNoValue(column, cell)) return cell;
  }
  return null;
}
