import { differingGroups } from '../../base/duckdb/digest.js';
import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import { columnFindings, digestColumns, rejectFindings, rowFindings } from '../../base/duckdb/staged-findings.js';
import { expectedRows, groupStages, numbered, type StagedGroup, union } from '../../base/duckdb/staged-groups.js';
import { type AuditFinding, type AuditSlice, type ColumnType, META_COLUMNS } from '../../contracts/index.js';
import { readFormat, tableAsOf } from './migrations.js';
import type { Warehouse } from './open.js';
import { converted, parseType } from './types.js';

/** A column of a table as it stands in the warehouse; `type` is undefined where it is none of ours. */
interface HeldColumn {
  readonly name: string;
  readonly type: ColumnType | undefined;
}

const META = new Set<string>(META_COLUMNS.map(({ name }) => name));

/** Holds rows and rejects of slices against their stages. A few queries a table, however many slices. */
export async function auditContents(warehouse: Warehouse, slices: readonly AuditSlice[]): Promise<AuditFinding[]> {
  const groups = await groupStages(warehouse, slices);
  const tables = new Map<string, [StagedGroup, ...StagedGroup[]]>();
  for (const group of groups) {
    // What a table merged by key holds of a slice, the slices after it decide.
    if (group.table.mode === 'upsert') continue;
    const name = identifier(group.schema, group.table.name);
    const own = tables.get(name);
    if (own) own.push(group);
    else tables.set(name, [group]);
  }
  const findings: AuditFinding[] = [];
  for (const own of tables.values()) findings.push(...(await auditTable(warehouse, slices, own)));
  findings.push(...(await auditRejects(warehouse, slices, groups)));
  return findings;
}

async function auditTable(
  warehouse: Warehouse,
  slices: readonly AuditSlice[],
  groups: readonly [StagedGroup, ...StagedGroup[]],
): Promise<AuditFinding[]> {
  const [{ schema, table }] = groups;
  const held = await heldColumns(warehouse, schema, table.name);
  const compared = held.filter(({ name }) => name !== table.scopeColumn.name && !META.has(name));
  const columns = digestColumns(
    table,
    compared.map(({ name, type = 'varchar' }) => ({ name, type })),
  );
  const types = columns.map(({ type }) => sqlType(type));
  const expected = expectedRows(groups, columns, (group) => compared.map((column) => stagedCell(column, group)));
  const found = held.length === 0 ? union([], types) : heldRows(groups[0], compared);
  const rows = await warehouse.rows(differingGroups(expected, found, columns));
  const findings = rowFindings(rows, columns, slices, table.name);
  // A table that is not there at all is told by its rows.
  const names = new Set(held.map(({ name }) => name));
  for (const group of held.length === 0 ? [] : groups) {
    findings.push(...(await columnFindings(warehouse, group, names, slices)));
  }
  return findings;
}

/** The table's rows of the audited slices, as `_group`, `c0`, `c1` … */
function heldRows({ schema, table }: StagedGroup, columns: readonly HeldColumn[]): string {
  const cells = columns.map(({ name, type }) => `t.${identifier(name)}${type === undefined ? '::VARCHAR' : ''}`);
  const scope = `t.${identifier(table.scopeColumn.name)} = a.scope::${sqlType(table.scopeColumn.type)}`;
  return `SELECT a.number AS _group${numbered(cells)} FROM ${identifier(schema, table.name)} t
    JOIN (SELECT DISTINCT number, scope, slice FROM temp.audited
      WHERE schema_name = ${literal(schema)} AND table_name = ${literal(table.name)}) a
    ON ${scope} AND t._slice = a.slice`;
}

/** A staged cell as a commit would have written it; nothing where the stage lacks the column. */
function stagedCell({ name, type }: HeldColumn, { columns }: StagedGroup): string {
  const staged = columns.find((column) => column.name === name);
  if (!staged) return `NULL::${sqlType(type ?? 'varchar')}`;
  const cell = `p.${identifier(name)}`;
  return type === undefined ? `${cell}::VARCHAR` : converted(cell, staged.type, type, 'TRY_CAST');
}

async function heldColumns(warehouse: Warehouse, schema: string, table: string): Promise<HeldColumn[]> {
  const rows = await warehouse.rows<{ column_name: string; data_type: string }>(
    `SELECT column_name, data_type FROM duckdb_columns()
     WHERE schema_name = $1 AND table_name = $2 AND database_name = current_database() ORDER BY column_index`,
    [schema, table],
  );
  return rows.map(({ column_name, data_type }) => ({ name: column_name, type: parseType(data_type) }));
}

async function auditRejects(
  warehouse: Warehouse,
  slices: readonly AuditSlice[],
  groups: readonly StagedGroup[],
): Promise<AuditFinding[]> {
  const held = `${tableAsOf(await readFormat(warehouse), 'rejects')} r
    JOIN (SELECT DISTINCT number, schema_name, dataset, scope, slice FROM temp.audited) a
    ON a.schema_name = r.schema_name AND a.dataset = r.dataset AND a.scope = r.scope AND a.slice = r.slice`;
  return rejectFindings(warehouse, groups, slices, held);
}
