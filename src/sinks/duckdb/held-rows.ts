import { identifier, sqlType } from '../../base/duckdb/quote.js';
import type { HeldRowsQuery } from '../../contracts/index.js';
import type { Warehouse } from './open.js';

/** Rows of one table and scope as texts; a column that the table does not have yet is null in all of them. */
export async function readHeldRows(
  warehouse: Warehouse,
  { schema, table, scope, columns }: HeldRowsQuery,
): Promise<readonly (readonly (string | null)[])[]> {
  const there = await warehouse.rows<{ column_name: string }>(
    `SELECT column_name FROM duckdb_columns()
     WHERE schema_name = $1 AND table_name = $2 AND database_name = current_database()`,
    [schema, table.name],
  );
  if (there.length === 0) return [];
  const known = new Set(there.map(({ column_name }) => column_name));
  const texts = columns.map((name) => (known.has(name) ? `${identifier(name)}::VARCHAR` : 'NULL::VARCHAR'));
  return warehouse.texts(
    `SELECT ${texts.join(', ')} FROM ${identifier(schema, table.name)}
     WHERE ${identifier(table.scopeColumn.name)} = $1::${sqlType(table.scopeColumn.type)}`,
    [scope],
  );
}
