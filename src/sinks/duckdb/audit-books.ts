import { identifier, literal } from '../../base/duckdb/quote.js';
import type { AuditDataset, AuditFinding, Difference, Table } from '../../contracts/index.js';
import { readFormat, tableAsOf } from './migrations.js';
import type { Warehouse } from './open.js';

/** A line of every query below. */
interface Line {
  readonly schema_name: string;
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  readonly what: Difference;
  readonly table_name: string | null;
  readonly expected: string;
  readonly found: string;
}

/** Holds the ledger against the rows of each dataset's tables, against rejects, and against the history. */
export async function auditBooks(warehouse: Warehouse, datasets: readonly AuditDataset[]): Promise<AuditFinding[]> {
  const tables = await warehouse.rows<{ schema_name: string; table_name: string }>(
    'SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary AND database_name = current_database()',
  );
  const there = new Set(tables.map(({ schema_name, table_name }) => identifier(schema_name, table_name)));
  if (!there.has(identifier('millpond', 'slices'))) return [];
  const format = await readFormat(warehouse);
  const queries = datasets.flatMap((dataset) => [
    ...dataset.tables.map((table, i) => {
      const name = identifier(dataset.schema, table.name);
      const rows = there.has(name) ? heldRows(name, table) : NOTHING;
      return i === 0 && table.mode !== 'upsert' ? counted(dataset, table, rows) : unlisted(dataset, table, rows);
    }),
    rejects(dataset, tableAsOf(format, 'rejects')),
    lost(dataset, tableAsOf(format, 'commits')),
  ]);
  if (queries.length === 0) return [];
  const lines = (await warehouse.rows(`${queries.join(' UNION ALL ')} ORDER BY ALL`)) as unknown as Line[];
  return lines.map(({ schema_name: schema, table_name: table, ...line }) => ({ ...line, schema, table, column: null }));
}

/** Rows by slice; a table that is not there holds none. */
function heldRows(name: string, { scopeColumn }: Table): string {
  return `SELECT ${identifier(scopeColumn.name)}::VARCHAR AS scope, _slice AS slice, count(*) AS n FROM ${name} GROUP BY ALL`;
}

const NOTHING = `SELECT '' AS scope, '' AS slice, 0::BIGINT AS n WHERE false`;

function own(table: string, { schema, dataset }: AuditDataset): string {
  return `${table} WHERE schema_name = ${literal(schema)} AND dataset = ${literal(dataset)}`;
}

/** The columns of a {@link Line}. */
function line(dataset: AuditDataset, what: string, table: string | null, expected: string, found: string): string {
  return `${literal(dataset.schema)} AS schema_name, ${literal(dataset.dataset)} AS dataset, scope, slice, ${what} AS what,
    ${table === null ? 'NULL' : literal(table)} AS table_name, (${expected})::VARCHAR AS expected, (${found})::VARCHAR AS found`;
}

/** The ledger's table: as many rows as it says. */
function counted(dataset: AuditDataset, table: Table, rows: string): string {
  const what = `CASE WHEN s.listed THEN 'rows' ELSE 'unlisted' END`;
  return `SELECT ${line(dataset, what, table.name, 'coalesce(s.wanted, 0)', 'coalesce(t.n, 0)')}
    FROM (SELECT scope, slice, "rows" AS wanted, true AS listed FROM ${own('millpond.slices', dataset)}) s
    FULL JOIN (${rows}) t USING (scope, slice)
    WHERE coalesce(s.wanted, 0) <> coalesce(t.n, 0)`;
}

/** Any other table: only rows of slices that the ledger names. */
function unlisted(dataset: AuditDataset, table: Table, rows: string): string {
  return `SELECT ${line(dataset, `'unlisted'`, table.name, '0', 't.n')} FROM (${rows}) t
    ANTI JOIN (SELECT scope, slice FROM ${own('millpond.slices', dataset)}) s USING (scope, slice)`;
}

function rejects(dataset: AuditDataset, table: string): string {
  const what = `CASE WHEN s.listed THEN 'rejects' ELSE 'unlisted' END`;
  return `SELECT ${line(dataset, what, null, 'coalesce(s.wanted, 0)', 'coalesce(r.n, 0)')}
    FROM (SELECT scope, slice, rejects AS wanted, true AS listed FROM ${own('millpond.slices', dataset)}) s
    FULL JOIN (SELECT scope, slice, count(*) AS n FROM ${own(table, dataset)} GROUP BY ALL) r USING (scope, slice)
    WHERE coalesce(s.wanted, 0) <> coalesce(r.n, 0)`;
}

/** Slices that were committed and that the ledger does not name any more; of current state the newest of a scope. */
function lost(dataset: AuditDataset, table: string): string {
  const identity = dataset.currentState ? 'scope' : 'scope, slice';
  return `SELECT ${line(dataset, `'not_held'`, null, `"rows"`, `'nothing'`)}
    FROM (SELECT scope, slice, "rows" FROM ${own(table, dataset)}
      QUALIFY row_number() OVER (PARTITION BY ${identity} ORDER BY committed_at DESC) = 1) c
    ANTI JOIN (SELECT scope, slice FROM ${own('millpond.slices', dataset)}) s USING (${identity})`;
}
