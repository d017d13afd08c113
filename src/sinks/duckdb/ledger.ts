import type { GapReason, LedgerArtifact, LedgerQuery, LedgerSlice, Outcome, RunRecord } from '../../contracts/index.js';
import { readFormat, tableAsOf } from './migrations.js';
import type { Warehouse } from './open.js';

type Cells = Record<string, string | null>;

/** Takes the parameters of {@link narrowing}. */
const NARROWED = `WHERE ($1 = '' OR list_contains(from_json($1, '["VARCHAR"]'), dataset))
  AND ($2 = '' OR list_contains(from_json($2, '["VARCHAR"]'), scope))`;

/** Every slice that is held, narrowed by the query, oldest slice first. */
export async function readSlices(warehouse: Warehouse, query: LedgerQuery): Promise<LedgerSlice[]> {
  const format = await readFormat(warehouse);
  if (format === 0) return [];
  const slices = await warehouse.rows<Cells & { final: boolean }>(
    `SELECT schema_name, dataset, scope, slice, "rows" AS row_count, rejects, request_fingerprint, epoch_ms(as_of) AS as_of,
       epoch_ms(committed_at) AS committed_at, run_id, coalesce(final, false) AS final
     FROM millpond.slices ${NARROWED} ORDER BY schema_name, dataset, scope, slice`,
    narrowing(query),
  );
  const artifacts = await warehouse.rows<Cells>(
    `SELECT schema_name, dataset, scope, slice, artifact_sha256, content_sha256, path, bytes, "rows" AS row_count, rejects,
       epoch_ms(as_of) AS as_of
     FROM ${tableAsOf(format, 'artifacts')} ${NARROWED} ORDER BY as_of, position`,
    narrowing(query),
  );
  const bySlice = new Map<string, LedgerArtifact[]>();
  for (const row of artifacts) {
    const key = keyOf(row);
    const list = bySlice.get(key) ?? [];
    list.push({
      sha256: text(row.artifact_sha256),
      contentSha256: text(row.content_sha256),
      path: text(row.path),
      bytes: Number(row.bytes),
      rows: Number(row.row_count),
      rejects: Number(row.rejects),
      asOf: instant(row.as_of),
    });
    bySlice.set(key, list);
  }
  return slices.map((row) => ({
    schema: text(row.schema_name),
    dataset: text(row.dataset),
    scope: text(row.scope),
    slice: text(row.slice),
    rows: Number(row.row_count),
    rejects: Number(row.rejects),
    artifacts: bySlice.get(keyOf(row)) ?? [],
    requestFingerprint: text(row.request_fingerprint),
    asOf: instant(row.as_of),
    committedAt: instant(row.committed_at),
    runId: text(row.run_id),
    final: row.final,
  }));
}

/** Slices that could not be had, narrowed by the query. */
export async function readOutcomes(warehouse: Warehouse, query: LedgerQuery): Promise<Outcome[]> {
  const format = await readFormat(warehouse);
  if (format === 0) return [];
  const rows = await warehouse.rows<Cells>(
    `SELECT schema_name, dataset, scope, slice, outcome, reason, message, attempts, epoch_ms(since) AS since, run_id
     FROM ${tableAsOf(format, 'outcomes')} ${NARROWED} ORDER BY schema_name, dataset, scope, slice, reason`,
    narrowing(query),
  );
  return rows.map((row) => ({
    schema: text(row.schema_name),
    dataset: text(row.dataset),
    scope: text(row.scope),
    slice: text(row.slice),
    outcome: text(row.outcome) as Outcome['outcome'],
    reason: text(row.reason) as GapReason,
    message: text(row.message),
    attempts: Number(row.attempts),
    since: instant(row.since),
    runId: text(row.run_id),
  }));
}

/** The newest run of each pipeline, the newest first. */
export async function readLastRuns(warehouse: Warehouse): Promise<RunRecord[]> {
  if ((await readFormat(warehouse)) === 0) return [];
  const rows = await warehouse.rows<Cells>(
    `SELECT run_id, pipeline, trigger, parent, status, epoch_ms(started_at) AS started_at,
       epoch_ms(ended_at) AS ended_at, version, "rows" AS row_count, rejects, errors
     FROM millpond.runs
     QUALIFY row_number() OVER (PARTITION BY pipeline ORDER BY started_at DESC, run_id DESC) = 1
     ORDER BY started_at DESC, run_id DESC`,
  );
  return rows.map((row) => ({
    runId: text(row.run_id),
    pipeline: text(row.pipeline),
    trigger: text(row.trigger),
    parent: row.parent ?? null,
    status: text(row.status) as RunRecord['status'],
    startedAt: instant(row.started_at),
    endedAt: row.ended_at == null ? null : instant(row.ended_at),
    version: text(row.version),
    rows: Number(row.row_count),
    rejects: Number(row.rejects),
    errors: Number(row.errors),
  }));
}

function narrowing(query: LedgerQuery): string[] {
  return [query.datasets, query.scopes].map((names) => (names === undefined ? '' : JSON.stringify(names)));
}

function keyOf(row: Cells): string {
  return JSON.stringify([row.schema_name, row.dataset, row.scope, row.slice]);
}

/** Milliseconds since 1970, as text, as an ISO instant. */
function instant(epochMs: string | null | undefined): string {
  return new Date(Number(epochMs)).toISOString();
}

function text(value: string | null | undefined): string {
  return value ?? '';
}
