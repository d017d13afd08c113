import { sqlType } from '../../base/duckdb/quote.js';
import type { ColumnDrift, Ctx, LedgerQuery, RunNotes } from '../../contracts/index.js';
import { DEFAULT_SCHEMA, readJson, writeJson } from './notes.js';
import { ownPaths } from './paths.js';

/** A line of `columns.json`, named as in `millpond.columns`. */
export interface ColumnLine {
  readonly dataset: string;
  readonly column_name: string;
  readonly source_name: string;
  readonly type: string;
  readonly documented: boolean;
  readonly suggested_type: string | null;
  readonly first_seen_at: string;
  readonly first_run_id: string;
  readonly table_name: string;
  readonly description: string | null;
  /** Absent in lines of old, like the two after it. */
  readonly schema_name?: string;
  readonly last_seen_at?: string | null;
  readonly vanished_since?: string | null;
}

/** Describes the columns of a run's tables, and those it met unannounced. Under the lock. */
export async function addColumns(root: string, notes: RunNotes, ctx: Ctx): Promise<void> {
  const file = ownPaths(root).columns;
  const before = (await readJson<ColumnLine[]>(file, ctx)) ?? [];
  const lines = new Map(before.map((line) => [columnKey(line), line] as const));
  for (const line of columnLines(notes, ctx.now().toISOString())) {
    const known = lines.get(columnKey(line));
    const { first_seen_at, first_run_id, last_seen_at = null, vanished_since = null } = known ?? line;
    lines.set(columnKey(line), { ...line, first_seen_at, first_run_id, last_seen_at, vanished_since });
  }
  sight(lines, notes, ctx.now().toISOString());
  const after = [...lines.values()];
  if (JSON.stringify(after) !== JSON.stringify(before)) await writeJson(file, after);
}

function columnLines(notes: RunNotes, now: string): ColumnLine[] {
  const first = { first_seen_at: now, first_run_id: notes.run.runId };
  const drifted = new Map(
    notes.unknown.map((column) => [JSON.stringify([column.schema, column.table, column.name]), column]),
  );
  const described = notes.tables.flatMap(({ schema, dataset, table }) =>
    table.columns.map((column): ColumnLine => {
      const met = drifted.get(JSON.stringify([schema, table.name, column.name]));
      return {
        dataset,
        column_name: column.name,
        source_name: column.source,
        type: sqlType(column.type),
        documented: met === undefined,
        suggested_type: met ? sqlType(met.suggestedType) : null,
        ...first,
        table_name: table.name,
        description: column.description ?? null,
        schema_name: schema,
      };
    }),
  );
  const unknown = notes.unknown.map(
    (column): ColumnLine => ({
      dataset: column.dataset,
      column_name: column.name,
      source_name: column.source,
      type: 'VARCHAR',
      documented: false,
      suggested_type: sqlType(column.suggestedType),
      ...first,
      table_name: column.table,
      description: null,
      schema_name: column.schema,
    }),
  );
  return [...unknown, ...described];
}

/**
 * Writes down which columns had values in a run, and since when others have none. A column that no
 * catalogue knows cannot be asked for: it has vanished where its table came without it.
 */
function sight(lines: Map<string, ColumnLine>, { tables }: RunNotes, now: string): void {
  for (const { schema, dataset, table, seen = [], vanished = [] } of tables) {
    if (seen.length + vanished.length === 0) continue;
    for (const [key, line] of lines) {
      const isOfTable = (line.schema_name ?? DEFAULT_SCHEMA) === schema && line.dataset === dataset;
      if (!isOfTable || line.table_name !== table.name) continue;
      if (seen.includes(line.column_name)) lines.set(key, { ...line, last_seen_at: now, vanished_since: null });
      else if (!line.documented || vanished.includes(line.column_name)) {
        lines.set(key, { ...line, vanished_since: line.vanished_since ?? now });
      }
    }
  }
}

/** Columns that are new to the catalogue, and those that had values once and have none any more. */
export async function readDrift(root: string, query: LedgerQuery, ctx: Pick<Ctx, 'log'>): Promise<ColumnDrift[]> {
  const lines = (await readJson<ColumnLine[]>(ownPaths(root).columns, ctx)) ?? [];
  return lines
    .filter((line) => query.datasets?.includes(line.dataset) ?? true)
    .filter((line) => !line.documented || (line.last_seen_at && line.vanished_since))
    .map((line) => ({
      schema: line.schema_name ?? DEFAULT_SCHEMA,
      dataset: line.dataset,
      table: line.table_name,
      column: line.column_name,
      source: line.source_name,
      documented: line.documented,
      suggestedType: line.suggested_type,
      firstSeenAt: line.first_seen_at,
      lastSeenAt: line.last_seen_at ?? null,
      vanishedSince: line.vanished_since ?? null,
    }));
}

function columnKey(line: ColumnLine): string {
  return JSON.stringify([line.schema_name ?? DEFAULT_SCHEMA, line.dataset, line.table_name, line.column_name]);
}
