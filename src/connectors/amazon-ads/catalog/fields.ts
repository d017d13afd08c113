import { snakeCase } from '../../../base/names.js';
import type { Column, ColumnRole, ColumnType, Field } from '../../../contracts/index.js';

/** Amounts of money in Amazon Ads: exact to a millionth. */
export const MONEY = 'decimal(18,6)';

/** A member of a struct, under its snake_case name. */
export function field(source: string, type: ColumnType): Field {
  return { name: snakeCase(source), source, type };
}

/** A column under its snake_case name; nullable, for a gap in Amazon's documents must not cost rows. */
export function column(source: string, type: ColumnType, role: ColumnRole = 'dimension'): Column {
  return { ...field(source, type), role, nullable: true };
}

/** A column whose value comes from the ask, not from the record. */
export function constant(name: string, type: ColumnType, description: string): Column {
  return { name, source: name, type, role: 'constant', nullable: false, description };
}

/** The same column, required: a record without it is a reject. */
export const required = (c: Column): Column => ({ ...c, nullable: false });

export const id = (source: string): Column => column(source, 'bigint');
export const text = (source: string): Column => column(source, 'varchar');
export const money = (source: string): Column => column(source, MONEY, 'metric');
export const day = (source: string): Column => column(source, 'date');
export const instant = (source: string): Column => column(source, 'timestamptz');
export const flag = (source: string): Column => column(source, 'boolean');
/** Nested values without a fixed shape, as the source's own text. */
export const open = (source: string): Column => column(source, 'json');
