import { MillpondError } from '../../base/errors.js';
import type { Warehouse } from './open.js';

/** One step from a format to the next. */
export interface Migration {
  /** The format that it makes. */
  readonly to: number;
  readonly statements: readonly string[];
}

/**
 * The tables that a warehouse explains itself with (docs/warehouse.md). Columns beyond the
 * documented ones stand last.
 */
const FORMAT_1 = [
  'CREATE SCHEMA millpond',
  'CREATE TABLE millpond.meta ("key" VARCHAR, "value" VARCHAR)',
  `CREATE TABLE millpond.slices (
     dataset VARCHAR, scope VARCHAR, slice VARCHAR, "rows" BIGINT, rejects BIGINT, artifact_sha256 VARCHAR,
     bytes BIGINT, as_of TIMESTAMPTZ, request_fingerprint VARCHAR, run_id VARCHAR, committed_at TIMESTAMPTZ,
     final BOOLEAN, current_state BOOLEAN, schema_name VARCHAR)`,
  `CREATE TABLE millpond.artifacts (
     dataset VARCHAR, scope VARCHAR, slice VARCHAR, artifact_sha256 VARCHAR, content_sha256 VARCHAR, path VARCHAR,
     bytes BIGINT, "rows" BIGINT, rejects BIGINT, as_of TIMESTAMPTZ, run_id VARCHAR, position BIGINT)`,
  `CREATE TABLE millpond.commits (
     dataset VARCHAR, scope VARCHAR, slice VARCHAR, run_id VARCHAR, committed_at TIMESTAMPTZ, "rows" BIGINT,
     artifact_sha256 VARCHAR, replaced_sha256 VARCHAR)`,
  `CREATE TABLE millpond.rejects (
     dataset VARCHAR, scope VARCHAR, slice VARCHAR, row_number BIGINT, raw VARCHAR, reasons VARCHAR[],
     artifact_sha256 VARCHAR, run_id VARCHAR, rejected_at TIMESTAMPTZ, table_name VARCHAR)`,
  `CREATE TABLE millpond.runs (
     run_id VARCHAR, pipeline VARCHAR, trigger VARCHAR, parent VARCHAR, status VARCHAR, started_at TIMESTAMPTZ,
     ended_at TIMESTAMPTZ, version VARCHAR, "rows" BIGINT, rejects BIGINT, errors BIGINT)`,
  `CREATE TABLE millpond.columns (
     dataset VARCHAR, column_name VARCHAR, source_name VARCHAR, type VARCHAR, documented BOOLEAN,
     suggested_type VARCHAR, first_seen_at TIMESTAMPTZ, first_run_id VARCHAR, table_name VARCHAR,
     description VARCHAR)`,
  `CREATE TABLE millpond.outcomes (
     dataset VARCHAR, scope VARCHAR, slice VARCHAR, outcome VARCHAR, reason VARCHAR, message VARCHAR,
     attempts BIGINT, since TIMESTAMPTZ, run_id VARCHAR)`,
  `CREATE VIEW millpond.freshness AS
     SELECT dataset, scope, min(slice) AS first_slice, max(slice) AS last_slice, max(as_of) AS as_of,
       max(committed_at) AS committed_at,
       max(TRY_CAST(left(slice, 10) AS DATE)) FILTER (final AND regexp_matches(slice, '^[0-9]{4}-[0-9]{2}-[0-9]{2}(/|$)'))
         AS final_until
     FROM millpond.slices GROUP BY dataset, scope`,
  // A slice that is held is no gap though its reload failed. Two gaps are about held slices: a
  // revision missing inside one, and a profile whose rows stay though it is gone.
  `CREATE VIEW millpond.gaps AS
     SELECT dataset, scope, slice, reason, since FROM millpond.outcomes o
     WHERE reason IN ('revision_missing', 'profile_gone') OR NOT EXISTS (
       SELECT 1 FROM millpond.slices s
       WHERE s.dataset = o.dataset AND s.scope = o.scope AND s.slice = o.slice)`,
  "COMMENT ON TABLE millpond.slices IS 'The ledger: a row for every slice that is held'",
  "COMMENT ON TABLE millpond.artifacts IS 'The files that each held slice was made from'",
  "COMMENT ON TABLE millpond.commits IS 'Every commit of a slice there ever was'",
  "COMMENT ON TABLE millpond.rejects IS 'Records of held slices that could not be typed, with the reasons'",
  "COMMENT ON TABLE millpond.runs IS 'Executions of pipelines that wrote here'",
  "COMMENT ON TABLE millpond.columns IS 'Every column seen, documented or not'",
  "COMMENT ON TABLE millpond.outcomes IS 'Slices that could not be had (yet), and why'",
  "COMMENT ON TABLE millpond.meta IS 'The format of this warehouse'",
  "COMMENT ON VIEW millpond.freshness IS 'How far each dataset reaches, per scope'",
  "COMMENT ON VIEW millpond.gaps IS 'Slices that were wanted and are not there, and why'",
] as const;

/** The schema that format 1 filled unless the configuration said otherwise. */
const DEFAULT_SCHEMA = 'amazon_ads';

/** Tables that say since format 2 which schema their rows speak of; `slices` always did. */
const SCHEMALESS = ['artifacts', 'commits', 'rejects', 'columns', 'outcomes'] as const;

/**
 * Two connections can fill one key in two schemas: the schema is part of what identifies a row.
 * What was written before belongs to the schema of its scope, else to the one most slices stand in.
 */
const FORMAT_2 = [
  ...SCHEMALESS.map((table) => `ALTER TABLE millpond.${table} ADD COLUMN schema_name VARCHAR`),
  // Since when a column has no values any more: DuckDB alters no table that it has updated.
  'ALTER TABLE millpond.columns ADD COLUMN last_seen_at TIMESTAMPTZ',
  'ALTER TABLE millpond.columns ADD COLUMN vanished_since TIMESTAMPTZ',
  ...SCHEMALESS.map((table) => `UPDATE millpond.${table} x SET schema_name = ${guessedSchema(table)}`),
  `CREATE OR REPLACE VIEW millpond.freshness AS
     SELECT dataset, scope, min(slice) AS first_slice, max(slice) AS last_slice, max(as_of) AS as_of,
       max(committed_at) AS committed_at,
       max(TRY_CAST(left(slice, 10) AS DATE)) FILTER (final AND regexp_matches(slice, '^[0-9]{4}-[0-9]{2}-[0-9]{2}(/|$)'))
         AS final_until, schema_name
     FROM millpond.slices GROUP BY dataset, scope, schema_name`,
  `CREATE OR REPLACE VIEW millpond.gaps AS
     SELECT dataset, scope, slice, reason, since, schema_name FROM millpond.outcomes o
     WHERE reason IN ('revision_missing', 'profile_gone') OR NOT EXISTS (
       SELECT 1 FROM millpond.slices s
       WHERE s.schema_name = o.schema_name AND s.dataset = o.dataset AND s.scope = o.scope AND s.slice = o.slice)`,
  "COMMENT ON VIEW millpond.freshness IS 'How far each dataset reaches, per scope'",
  "COMMENT ON VIEW millpond.gaps IS 'Slices that were wanted and are not there, and why'",
];

/** SQL for the schema that a row `x` of format 1 speaks of. */
function guessedSchema(table: (typeof SCHEMALESS)[number]): string {
  const own = table === 'columns' ? 's.dataset = x.dataset' : 's.dataset = x.dataset AND s.scope = x.scope';
  return `coalesce((SELECT mode(s.schema_name) FROM millpond.slices s WHERE ${own}),
    (SELECT mode(s.schema_name) FROM millpond.slices s), '${DEFAULT_SCHEMA}')`;
}

/** Every step there is, in order. A step once released never changes. */
export const MIGRATIONS: readonly Migration[] = [
  { to: 1, statements: FORMAT_1 },
  { to: 2, statements: FORMAT_2 },
];

/** A table of `millpond` as the newest format has it, also where the file is older and may only be read. */
export function tableAsOf(format: number, table: (typeof SCHEMALESS)[number]): string {
  if (format >= 2) return `millpond.${table}`;
  const never = 'NULL::TIMESTAMPTZ';
  const drift = table === 'columns' ? `, ${never} AS last_seen_at, ${never} AS vanished_since` : '';
  return `(SELECT x.*, ${guessedSchema(table)} AS schema_name${drift} FROM millpond.${table} x)`;
}

function newest(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.to ?? 0;
}

/** The format of an open warehouse; 0 where nothing of ours is in it. @throws MillpondError `E_NOT_A_WAREHOUSE`. */
export async function readFormat(warehouse: Warehouse): Promise<number> {
  const tables = await warehouse.rows<{ table_name: string }>(
    "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'millpond' AND NOT temporary",
  );
  if (tables.length === 0) return 0;
  if (tables.some((table) => table.table_name === 'meta')) {
    const [row] = await warehouse.rows<{ value: string }>(`SELECT "value" FROM millpond.meta WHERE "key" = 'format'`);
    if (row && /^\d+$/.test(row.value)) return Number(row.value);
  }
  throw new MillpondError('E_NOT_A_WAREHOUSE', `${warehouse.path} has a schema millpond that Millpond did not make`, {
    at: { path: warehouse.path },
  });
}

/**
 * Refuses what this version cannot read. Older formats can be read: see {@link tableAsOf}.
 * @throws MillpondError `E_FORMAT_NEWER` naming both formats.
 */
export async function assertReadable(
  warehouse: Warehouse,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<void> {
  const format = await readFormat(warehouse);
  if (format <= newest(migrations)) return;
  throw new MillpondError(
    'E_FORMAT_NEWER',
    `${warehouse.path} has format ${format}; this Millpond knows formats up to ${newest(migrations)}`,
    { at: { path: warehouse.path, format } },
  );
}

/**
 * Runs the steps that are missing, each in a transaction of its own.
 * @returns how many. @throws MillpondError `E_FORMAT_NEWER`, `E_NOT_A_WAREHOUSE`.
 */
export async function bringUp(
  warehouse: Warehouse,
  now: Date,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  const format = await readFormat(warehouse);
  if (format > newest(migrations)) await assertReadable(warehouse, migrations);
  const missing = migrations.filter((migration) => migration.to > format);
  for (const migration of missing) {
    await warehouse.transaction(async () => {
      await warehouse.run(migration.statements.join(';\n'));
      await warehouse.run(`DELETE FROM millpond.meta WHERE "key" IN ('format', 'migrated_at')`);
      await warehouse.run(`INSERT INTO millpond.meta VALUES ('format', $1), ('migrated_at', $2)`, [
        String(migration.to),
        now.toISOString(),
      ]);
    });
  }
  return missing.length;
}
