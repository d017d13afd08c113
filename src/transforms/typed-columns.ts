import { MillpondError } from '../base/errors.js';
import { nearest, snakeCase } from '../base/names.js';
import type { Column, ColumnPolicy, ScalarType, Table } from '../contracts/index.js';
import { type CellRule, isScalarType, ruleOf } from './cell-rules/index.js';

/** A column with the rule its cells are judged by, and the members of a record that may hold them. */
export interface TypedColumn {
  readonly column: Column;
  readonly rule: CellRule;
  /** The source's name and then its other spellings; the first that holds a value counts. */
  readonly sources: readonly string[];
}

/** Policy of library users who say nothing: what is unknown stays as text. */
export const EVOLVE: ColumnPolicy = { unknown: 'evolve', types: {} };

/** A table under a user's policy. */
export interface TypedTable {
  /** Constants included. */
  readonly columns: readonly TypedColumn[];
  /** The same for tables and policies that are the same. */
  readonly signature: string;
}

/** Hundreds of artifacts are of one table, under one policy. */
const typedTables = new WeakMap<Table, WeakMap<ColumnPolicy, TypedTable>>();

/** The table under a user's `types:`. @throws MillpondError `E_CONFIG`. */
export function typedTable(table: Table, policy: ColumnPolicy): TypedTable {
  const known = typedTables.get(table) ?? new WeakMap<ColumnPolicy, TypedTable>();
  typedTables.set(table, known);
  let typed = known.get(policy);
  if (!typed) {
    const columns = table.columns.map((column) => typedColumn(column, policy));
    typed = { columns, signature: JSON.stringify([table, policy]) };
    known.set(policy, typed);
  }
  return typed;
}

function typedColumn(column: Column, policy: ColumnPolicy): TypedColumn {
  const type = typeFor(column.source, policy) ?? column.type;
  return { column: { ...column, type }, rule: ruleOf(type), sources: [column.source, ...(column.aliases ?? [])] };
}

/** A column that the catalogue does not know, under the name it gets in the warehouse. */
export function unknownColumn(source: string, name: string, policy: ColumnPolicy): TypedColumn {
  const type = typeFor(source, policy) ?? 'varchar';
  return {
    column: { name, source, type, role: 'dimension', nullable: true },
    rule: ruleOf(type),
    sources: [source],
  };
}

/**
 * The type that the user gave a column, by the source's name or snake_case.
 * @throws MillpondError `E_CONFIG` for a type that there is not.
 */
export function typeFor(source: string, { types }: ColumnPolicy): ScalarType | undefined {
  const name = [source, snakeCase(source)].find((candidate) => Object.hasOwn(types, candidate));
  if (name === undefined) return undefined;
  const type = types[name]!.toLowerCase().replaceAll(' ', '');
  if (isScalarType(type)) return type as ScalarType;
  const meant = nearest(type, ['bigint', 'double', 'boolean', 'varchar', 'date', 'timestamptz', 'json']);
  throw new MillpondError('E_CONFIG', `types: ${name}: there is no type ${types[name]}`, {
    hint: meant
      ? `Did you mean ${meant}?`
      : 'Use bigint, double, boolean, varchar, date, timestamptz, json or decimal(18,6).',
  });
}
