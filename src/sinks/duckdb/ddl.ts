import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import { type Column, type ColumnType, META_COLUMNS } from '../../contracts/index.js';
import { claimedRows, type Group } from './claims.js';
import type { Warehouse } from './open.js';
import { converted, fits, parseType, sameType, widest } from './types.js';

/** The types that a table's columns have once the commit is through, by name. */
export type TableTypes = ReadonlyMap<string, ColumnType>;

interface WarehouseColumn {
  readonly column_name: string;
  readonly data_type: string;
  readonly comment: string | null;
}

/**
 * Makes sure that a table can hold what the groups bring: makes it, adds columns, widens types.
 * Must come before any row of the transaction is touched: DuckDB refuses to alter a table it
 * has deleted from.
 * @param groups all groups of the commit that fill this one table
 * @param doomed SQL condition: rows of the table that the commit will delete, and that need not fit
 */
export async function ensureTable(
  warehouse: Warehouse,
  groups: readonly [Group, ...Group[]],
  doomed: string,
): Promise<TableTypes> {
  const [{ schema, table }] = groups;
  const name = identifier(schema, table.name);
  const there = await warehouse.rows<WarehouseColumn>(
    `SELECT column_name, data_type, comment FROM duckdb_columns()
     WHERE schema_name = $1 AND table_name = $2 AND database_name = current_database() ORDER BY column_index`,
    [schema, table.name],
  );
  const columns = columnsOf(groups);
  const types = new Map<string, ColumnType>();
  for (const column of columns) {
    const held = there.find((other) => other.column_name === column.name);
    types.set(column.name, await resolveType(warehouse, column.name, groups, held, `${name} WHERE NOT (${doomed})`));
  }
  if (there.length === 0) {
    await createTable(warehouse, name, table.scopeColumn, columns, types);
    if (table.description) await warehouse.run(`COMMENT ON TABLE ${name} IS ${literal(table.description)}`);
  } else {
    await alterTable(warehouse, name, there, columns, types);
  }
  for (const column of columns) {
    const held = there.find((other) => other.column_name === column.name);
    if (!column.description || held?.comment === column.description) continue;
    await warehouse.run(`COMMENT ON COLUMN ${name}.${identifier(column.name)} IS ${literal(column.description)}`);
  }
  return types;
}

/** Every column that a group brings, in the order of first appearance. */
function columnsOf(groups: readonly Group[]): Column[] {
  const columns = new Map<string, Column>();
  for (const group of groups) {
    for (const column of group.columns) if (!columns.has(column.name)) columns.set(column.name, column);
  }
  return [...columns.values()];
}

async function createTable(
  warehouse: Warehouse,
  name: string,
  scopeColumn: { readonly name: string; readonly type: ColumnType },
  columns: readonly Column[],
  types: TableTypes,
): Promise<void> {
  const typed = columns.map((column) => ({ name: column.name, type: types.get(column.name) ?? column.type }));
  const lines = [scopeColumn, ...typed, ...META_COLUMNS].map((c) => `${identifier(c.name)} ${sqlType(c.type)}`);
  await warehouse.run(`CREATE TABLE ${name} (${lines.join(', ')})`);
}

async function alterTable(
  warehouse: Warehouse,
  name: string,
  there: readonly WarehouseColumn[],
  columns: readonly Column[],
  types: TableTypes,
): Promise<void> {
  for (const column of columns) {
    const quoted = identifier(column.name);
    const type = types.get(column.name) ?? column.type;
    const held = there.find((other) => other.column_name === column.name);
    if (!held) {
      await warehouse.run(`ALTER TABLE ${name} ADD COLUMN ${quoted} ${sqlType(type)}`);
      continue;
    }
    const from = parseType(held.data_type);
    if (from !== undefined && sameType(from, type)) continue;
    // Rows that are about to be deleted need not fit.
    const value = from === undefined ? `${quoted}::VARCHAR` : converted(quoted, from, type, 'TRY_CAST');
    await warehouse.run(`ALTER TABLE ${name} ALTER COLUMN ${quoted} SET DATA TYPE ${sqlType(type)} USING ${value}`);
  }
}

/**
 * The type that holds what is there and what comes: theirs if they agree, the widest of them if
 * there is one, the type that a stage brings if every value survives it, else text.
 */
async function resolveType(
  warehouse: Warehouse,
  name: string,
  groups: readonly Group[],
  held: WarehouseColumn | undefined,
  heldRows: string,
): Promise<ColumnType> {
  const quoted = identifier(name);
  const sources: { readonly type: ColumnType; readonly values: string }[] = [];
  if (held) {
    sources.push({ type: parseType(held.data_type) ?? 'varchar', values: `SELECT ${quoted} AS v FROM ${heldRows}` });
  }
  for (const group of groups) {
    const column = group.columns.find((other) => other.name === name);
    if (!column) continue;
    const rows = group.parts.length > 0 ? `${claimedRows(group)} WHERE p._reasons IS NULL` : '(SELECT 1) WHERE false';
    const value = group.parts.length > 0 ? `p.${quoted}` : `NULL::${sqlType(column.type)}`;
    sources.push({ type: column.type, values: `SELECT ${value} AS v FROM ${rows}` });
  }
  let wide: ColumnType | undefined = sources[0]?.type;
  for (const source of sources) wide = wide === undefined ? undefined : widest(wide, source.type);
  if (wide !== undefined) return wide;
  const wanted = sources.findLast((source) => source.type !== 'varchar')?.type ?? 'varchar';
  for (const source of sources) {
    if (sameType(source.type, wanted)) continue;
    const [row] = await warehouse.rows<{ ok: boolean }>(
      `SELECT coalesce(bool_and(coalesce(${fits('t', wanted)}, false)), true) AS ok
       FROM (SELECT ${converted('v', source.type, 'varchar')} AS t FROM (${source.values})) WHERE t IS NOT NULL`,
    );
    if (!row?.ok) return 'varchar';
  }
  return wanted;
}
