import type { ColumnDrift, LedgerQuery, RunNotes } from '../../contracts/index.js';
import { fill } from './claims.js';
import { readFormat, tableAsOf } from './migrations.js';
import type { Warehouse } from './open.js';
import type { Stamp } from './rows.js';

/**
 * Writes down which columns had values in a run, and since when others have none. A column that no
 * catalogue knows cannot be asked for: it has vanished where its table came without it.
 */
export async function writeSightings(warehouse: Warehouse, tables: RunNotes['tables'], stamp: Stamp): Promise<void> {
  const lines = tables.flatMap(({ schema: schema_name, dataset, table, seen = [], vanished = [] }) => {
    const place = { schema_name, dataset, table_name: table.name };
    return [
      ...seen.map((column_name) => ({ ...place, column_name, seen: true })),
      ...vanished.map((column_name) => ({ ...place, column_name, seen: false })),
    ];
  });
  if (lines.length === 0) return;
  const text = { schema_name: 'VARCHAR', dataset: 'VARCHAR', table_name: 'VARCHAR', column_name: 'VARCHAR' };
  await fill(warehouse, 'sighted', lines, { ...text, seen: 'BOOLEAN' });
  const table = 's.schema_name = c.schema_name AND s.dataset = c.dataset AND s.table_name = c.table_name';
  const column = `${table} AND s.column_name = c.column_name`;
  await warehouse.run(
    `UPDATE millpond.columns c SET last_seen_at = $1::TIMESTAMPTZ, vanished_since = NULL
     FROM temp.sighted s WHERE ${column} AND s.seen`,
    [stamp.at],
  );
  await warehouse.run(
    `UPDATE millpond.columns c SET vanished_since = $1::TIMESTAMPTZ WHERE vanished_since IS NULL AND (
       EXISTS (SELECT 1 FROM temp.sighted s WHERE ${column} AND NOT s.seen)
       OR (NOT documented AND EXISTS (SELECT 1 FROM temp.sighted s WHERE ${table})
         AND NOT EXISTS (SELECT 1 FROM temp.sighted s WHERE ${column})))`,
    [stamp.at],
  );
}

/** Columns that are new to the catalogue, and those that had values once and have none any more. */
export async function readDrift(warehouse: Warehouse, { datasets }: LedgerQuery): Promise<ColumnDrift[]> {
  const format = await readFormat(warehouse);
  if (format === 0) return [];
  const rows = await warehouse.rows<Record<string, string | null> & { documented: boolean }>(
    `SELECT schema_name, dataset, table_name, column_name, source_name, documented, suggested_type,
       epoch_ms(first_seen_at) AS first_seen, epoch_ms(last_seen_at) AS last_seen, epoch_ms(vanished_since) AS vanished
     FROM ${tableAsOf(format, 'columns')}
     WHERE (NOT documented OR (last_seen_at IS NOT NULL AND vanished_since IS NOT NULL))
       AND ($1 = '' OR list_contains(from_json($1, '["VARCHAR"]'), dataset))
     ORDER BY ALL`,
    [datasets === undefined ? '' : JSON.stringify(datasets)],
  );
  return rows.map((row) => ({
    schema: row.schema_name ?? '',
    dataset: row.dataset ?? '',
    table: row.table_name ?? '',
    column: row.column_name ?? '',
    source: row.source_name ?? '',
    documented: row.documented,
    suggestedType: row.suggested_type ?? null,
    firstSeenAt: instant(row.first_seen) ?? '',
    lastSeenAt: instant(row.last_seen),
    vanishedSince: instant(row.vanished),
  }));
}

/** Milliseconds since 1970, as text, as an ISO instant. */
function instant(epochMs: string | null | undefined): string | null {
  return epochMs == null ? null : new Date(Number(epochMs)).toISOString();
}
