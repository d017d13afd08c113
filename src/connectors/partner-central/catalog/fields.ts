import { snakeCase } from '../../../base/names.js';
import type { Column, ColumnType, Field, Table } from '../../../contracts/index.js';

/** Amounts are texts of up to 31 digits and two decimals. */
const MONEY = 'decimal(33,2)';

function field(source: string, type: ColumnType): Field {
  return { name: snakeCase(source), source, type };
}

export const text = (source: string): Field => field(source, 'varchar');
export const day = (source: string): Field => field(source, 'date');
export const instant = (source: string): Field => field(source, 'timestamptz');
export const integer = (source: string): Field => field(source, 'bigint');
/** An amount; the service writes no amount as an empty text. */
export const money = (source: string): Field => ({ ...field(source, MONEY), emptyIsNull: true });
/** Values whose shape is open, such as maps, as the service's own text. */
export const open = (source: string): Field => field(source, 'json');
export const texts = (source: string): Field => field(source, { list: 'varchar' });
export const struct = (source: string, fields: readonly Field[]): Field => field(source, { struct: fields });
export const structs = (source: string, fields: readonly Field[]): Field => field(source, { list: { struct: fields } });

/** A field as a column; nullable, for the model promises almost nothing. */
export function column(from: Field, description?: string): Column {
  return { ...from, role: 'dimension', nullable: true, ...(description ? { description } : {}) };
}

/** The same column, required: a record without it is a reject. */
export const required = (c: Column): Column => ({ ...c, nullable: false });

/** Fields as columns, those named by `key` required. */
export function columns(fields: readonly Field[], key: readonly string[] = []): Column[] {
  return fields.map((from) => (key.includes(from.name) ? required(column(from)) : column(from)));
}

/** An instant exactly as the service prints it, to the nanosecond, beside the column that holds it to the microsecond. */
export function printed(source: string): Column {
  return {
    ...column(text(source), 'As the service prints it: to the nanosecond.'),
    name: `${snakeCase(source)}_text`,
  };
}

/** What all tables of this connector have in common. */
export function table(shape: Omit<Table, 'scopeColumn'>): Table {
  return { ...shape, scopeColumn: { name: '_catalog', type: 'varchar' } };
}

/** The member of most records that names their catalog. */
export const CATALOG = 'Catalog';
