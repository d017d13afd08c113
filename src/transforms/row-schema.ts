import { z } from 'zod';
import type { Column, ColumnType, Field, ScalarType, Table } from '../contracts/index.js';
import { type Cell, isCell, type JsonObject } from './cells.js';
import { recordCells, recordFault } from './record-cells.js';
import { EVOLVE, typedTable } from './typed-columns.js';

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
  const { columns } = typedTable(table, EVOLVE);
  const row = wholeRecord.transform((record, context) => {
    const { values, faults } = recordCells(columns, record);
    for (const { column, reason } of faults) context.addIssue({ code: 'custom', message: reason, path: [column] });
    return values;
  });
  return row as unknown as z.ZodType<Partial<RowOf<T>>, Cell>;
}

const wholeRecord = z
  .custom<Cell>(isCell, 'record: not what parseRecord returns')
  .refine((record) => recordFault(record) === undefined, {
    error: ({ input }) => recordFault(input as Cell),
    abort: true,
  })
  .transform((record) => record as JsonObject);
