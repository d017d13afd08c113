import { identifier, sqlType } from '../../base/duckdb/quote.js';
import {
  type Column,
  LEDGER_COLUMNS,
  type RunNotes,
  type Stage,
  type Table,
  type UnknownColumn,
} from '../../contracts/index.js';
import { fill, signatureOf } from './claims.js';
import type { TableTypes } from './ddl.js';
import type { Warehouse } from './open.js';
import type { Replacement } from './replacement.js';
import type { CommitTypes, Stamp } from './rows.js';

/** A row of `millpond.columns`. */
export interface ColumnEntry {
  readonly schema_name: string;
  readonly dataset: string;
  readonly table_name: string;
  readonly column_name: string;
  readonly source_name: string;
  /** Null: seen, but not loaded (a member of a struct, or dropped by policy). */
  readonly type: string | null;
  readonly documented: boolean;
  readonly suggested_type: string | null;
  readonly description: string | null;
}

/**
 * The columns that a commit's stages bring, with the warehouse's types, and those that they met
 * without bringing them. What hundreds of stages have in common is said once.
 */
export function columnsOfCommit(replacements: readonly Replacement[], types: CommitTypes): ColumnEntry[] {
  const said = new Set<string>();
  return replacements.flatMap(({ schema, key, stages }) =>
    stages.flatMap((stage) => {
      const kind = `${key.dataset} ${signatureOf(schema, stage)}`;
      if (stage.totals.unknown.length === 0 && said.has(kind)) return [];
      said.add(kind);
      return columnsOfStage(schema, key.dataset, stage, types.get(identifier(schema, stage.table.name)));
    }),
  );
}

function columnsOfStage(schema: string, dataset: string, stage: Stage, types?: TableTypes): ColumnEntry[] {
  const documented = new Set(stage.table.columns.map((column) => column.name));
  const suggested = new Map(stage.totals.unknown.map((column) => [column.name, column]));
  const loaded = stage.columns.map((column) => ({
    ...documentedEntry(schema, dataset, stage.table, { ...column, type: types?.get(column.name) ?? column.type }),
    documented: documented.has(column.name),
    suggested_type: suggested.get(column.name)?.suggestedType.toUpperCase() ?? null,
  }));
  const names = new Set(stage.columns.map((column) => column.name));
  const met = stage.totals.unknown.filter((column) => !names.has(column.name));
  return [...loaded, ...met.map((column) => unknownEntry(schema, dataset, column))];
}

/** The columns of a run's tables as the catalogue describes them, and those that it does not know. */
export function columnsOfNotes({ tables, unknown }: Pick<RunNotes, 'tables' | 'unknown'>): ColumnEntry[] {
  const drifted = new Map(
    unknown.map((column) => [JSON.stringify([column.schema, column.table, column.name]), column]),
  );
  const described = tables.flatMap(({ schema, dataset, table }) =>
    table.columns.map((column): ColumnEntry => {
      const entry = documentedEntry(schema, dataset, table, column);
      const met = drifted.get(JSON.stringify([schema, table.name, column.name]));
      return met ? { ...unknownEntry(schema, dataset, met), type: entry.type } : entry;
    }),
  );
  return [...unknown.map((column) => unknownEntry(column.schema, column.dataset, column)), ...described];
}

/** A column that no catalogue knows. */
function unknownEntry(schema: string, dataset: string, column: UnknownColumn): ColumnEntry {
  return {
    schema_name: schema,
    dataset,
    table_name: column.table,
    column_name: column.name,
    source_name: column.source,
    type: null,
    documented: false,
    suggested_type: column.suggestedType.toUpperCase(),
    description: null,
  };
}

function documentedEntry(schema: string, dataset: string, table: Table, column: Column): ColumnEntry {
  return {
    schema_name: schema,
    dataset,
    table_name: table.name,
    column_name: column.name,
    source_name: column.source,
    type: sqlType(column.type),
    documented: true,
    suggested_type: null,
    description: column.description ?? null,
  };
}

/**
 * Adds what is new, brings the rest up to date, and keeps when a column was first seen.
 * @param state `loaded`: the entries say what type a column has in the warehouse now; `described`:
 *   what is known already of a type stays.
 */
export async function writeColumns(
  warehouse: Warehouse,
  entries: readonly ColumnEntry[],
  stamp: Stamp,
  state: 'loaded' | 'described',
): Promise<void> {
  if (entries.length === 0) return;
  const { first_seen_at, first_run_id, last_seen_at, vanished_since, ...types } = LEDGER_COLUMNS.columns;
  await fill(warehouse, 'seen', distinct(entries), types);
  const same =
    'c.schema_name = n.schema_name AND c.dataset = n.dataset AND c.table_name = n.table_name AND c.column_name = n.column_name';
  const type = state === 'loaded' ? 'coalesce(n.type, c.type)' : 'coalesce(c.type, n.type)';
  await warehouse.run(
    `UPDATE millpond.columns c SET type = ${type}, documented = n.documented,
       suggested_type = coalesce(n.suggested_type, c.suggested_type), description = coalesce(n.description, c.description)
     FROM temp.seen n WHERE ${same}
       AND (n.documented IS DISTINCT FROM c.documented OR ${type} IS DISTINCT FROM c.type
         OR coalesce(n.suggested_type, c.suggested_type) IS DISTINCT FROM c.suggested_type
         OR coalesce(n.description, c.description) IS DISTINCT FROM c.description)`,
  );
  await warehouse.run(
    `INSERT INTO millpond.columns BY NAME
     SELECT n.*, $1 AS first_run_id, $2::TIMESTAMPTZ AS first_seen_at FROM temp.seen n
     WHERE NOT EXISTS (SELECT 1 FROM millpond.columns c WHERE ${same})`,
    [stamp.runId, stamp.at],
  );
}

/** One entry a column; a loaded one counts more than one that was only met. */
function distinct(entries: readonly ColumnEntry[]): ColumnEntry[] {
  const byColumn = new Map<string, ColumnEntry>();
  for (const entry of entries) {
    const id = JSON.stringify([entry.schema_name, entry.dataset, entry.table_name, entry.column_name]);
    const other = byColumn.get(id);
    if (!other || entry.type !== null) byColumn.set(id, entry);
  }
  return [...byColumn.values()];
}
