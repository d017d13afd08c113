import { LEDGER_COLUMNS, type RunRecord, type SliceKey, type Write } from '../../contracts/index.js';
import { fill } from './claims.js';
import type { Measures } from './measure.js';
import type { Warehouse } from './open.js';
import type { CommitPlan, Held } from './plan.js';
import type { Replacement } from './replacement.js';
import type { Stamp } from './rows.js';

const SCOPE = '(schema_name, dataset, scope)';
const KEY = '(schema_name, dataset, scope, slice)';
const KEY_TYPES = { schema_name: 'VARCHAR', dataset: 'VARCHAR', scope: 'VARCHAR', slice: 'VARCHAR' } as const;

/** What the ledger holds in the places of the writes: their slices, and current state of their scopes. */
export async function readHeld(warehouse: Warehouse, writes: readonly Write[]): Promise<Held[]> {
  const wanted = writes.map((write) => ({
    ...keyOf(write.schema, write.key),
    whole: write.kind === 'replace' && write.currentState,
  }));
  await fill(warehouse, 'wanted', wanted, { ...KEY_TYPES, whole: 'BOOLEAN' });
  type Row = Record<string, string> & { current_state: boolean; final: boolean; artifacts: string[] | null };
  const rows = await warehouse.rows<Row>(
    `SELECT s.*, epoch_ms(s.as_of) AS as_of_ms, a.artifacts, a.newest_ms
     FROM millpond.slices s LEFT JOIN (
       SELECT ${KEY.slice(1, -1)}, list(artifact_sha256 ORDER BY as_of, position) AS artifacts,
         max(epoch_ms(as_of)) AS newest_ms
       FROM millpond.artifacts WHERE ${SCOPE} IN (SELECT ${SCOPE} FROM temp.wanted) GROUP BY ALL
     ) a USING ${KEY}
     WHERE ${KEY} IN (SELECT ${KEY} FROM temp.wanted)
       OR ${SCOPE} IN (SELECT ${SCOPE} FROM temp.wanted WHERE whole)
       OR (s.current_state AND ${SCOPE} IN (SELECT ${SCOPE} FROM temp.wanted))`,
  );
  return rows.map((row) => ({
    schema: row.schema_name ?? '',
    dataset: row.dataset ?? '',
    scope: row.scope ?? '',
    slice: row.slice ?? '',
    rows: Number(row.rows),
    rejects: Number(row.rejects),
    bytes: Number(row.bytes),
    asOf: new Date(Number(row.as_of_ms)).toISOString(),
    currentState: row.current_state,
    requestFingerprint: row.request_fingerprint ?? '',
    final: row.final,
    artifacts: row.artifacts ?? [],
    newestArtifactAsOf: new Date(Number(row.newest_ms ?? row.as_of_ms)).toISOString(),
  }));
}

/** Writes slices, artifacts and commits of the plan, and clears the outcomes of what is now held. */
export async function writeBooks(
  warehouse: Warehouse,
  plan: CommitPlan,
  writes: readonly Write[],
  measures: Measures,
  stamp: Stamp,
): Promise<void> {
  if (plan.touches.length > 0) await moveTouched(warehouse, plan);
  if (plan.replacements.length > 0) {
    await replaceSlices(warehouse, plan.replacements, measures, stamp);
    await replaceArtifacts(warehouse, plan.replacements, stamp);
    await warehouse.run(
      `INSERT INTO millpond.commits BY NAME
       SELECT ${Object.keys(LEDGER_COLUMNS.commits).join(', ')} FROM temp.entries WHERE NOT again`,
    );
    await deleteReplaced(warehouse, 'outcomes');
  }
  await clearOutcomes(
    warehouse,
    writes.map((write) => ({ schema: write.schema, ...write.key })),
  );
}

async function moveTouched(warehouse: Warehouse, plan: CommitPlan): Promise<void> {
  const touched = plan.touches.map(({ write, held }) => ({
    ...keyOf(held.schema, held),
    as_of: write.asOf,
    final: write.final,
  }));
  await fill(warehouse, 'touched', touched, { ...KEY_TYPES, as_of: 'TIMESTAMPTZ', final: 'BOOLEAN' });
  await warehouse.run(
    `UPDATE millpond.slices s SET as_of = t.as_of, final = t.final FROM temp.touched t
     WHERE s.schema_name = t.schema_name AND s.dataset = t.dataset AND s.scope = t.scope AND s.slice = t.slice`,
  );
}

async function replaceSlices(
  warehouse: Warehouse,
  replacements: readonly Replacement[],
  measures: Measures,
  stamp: Stamp,
): Promise<void> {
  const entries = replacements.map((replacement) => ({
    ...keyOf(replacement.schema, replacement.key),
    ...measures.of(replacement),
    artifact_sha256: replacement.artifactSha256,
    bytes: replacement.bytes,
    as_of: replacement.asOf,
    request_fingerprint: replacement.requestFingerprint,
    run_id: stamp.runId,
    committed_at: stamp.at,
    final: replacement.final,
    current_state: replacement.currentState,
    replaced_sha256: replacement.replacedSha256,
    again: replacement.again,
  }));
  await fill(warehouse, 'entries', entries, {
    ...LEDGER_COLUMNS.slices,
    replaced_sha256: 'VARCHAR',
    again: 'BOOLEAN',
  });
  await deleteReplaced(warehouse, 'slices');
  await warehouse.run(
    'INSERT INTO millpond.slices BY NAME SELECT * EXCLUDE (replaced_sha256, again) FROM temp.entries',
  );
}

async function replaceArtifacts(
  warehouse: Warehouse,
  replacements: readonly Replacement[],
  stamp: Stamp,
): Promise<void> {
  const shares = replacements.flatMap(({ schema, key, artifacts, artifactsKept }) =>
    artifacts.map(({ artifact, rows, rejects }, i) => ({
      ...keyOf(schema, key),
      artifact_sha256: artifact.sha256,
      content_sha256: artifact.contentSha256,
      path: artifact.path,
      bytes: artifact.bytes,
      rows,
      rejects,
      as_of: artifact.asOf,
      run_id: stamp.runId,
      position: artifactsKept + i,
    })),
  );
  await fill(warehouse, 'shares', shares, LEDGER_COLUMNS.artifacts);
  await deleteReplaced(warehouse, 'artifacts', 'NOT grows');
  await warehouse.run('INSERT INTO millpond.artifacts BY NAME SELECT * FROM temp.shares');
}

/** Entries of the slices that are written; of current state, of every slice of its scope. */
async function deleteReplaced(
  warehouse: Warehouse,
  table: 'slices' | 'artifacts' | 'outcomes',
  which = 'true',
): Promise<void> {
  await warehouse.run(
    `DELETE FROM millpond.${table} WHERE ${KEY} IN (SELECT ${KEY} FROM temp.targets WHERE ${which})
       OR ${SCOPE} IN (SELECT ${SCOPE} FROM temp.targets WHERE ${which} AND current_state)`,
  );
}

/** Forgets what was said of slices while they could not be had. */
export async function clearOutcomes(
  warehouse: Warehouse,
  slices: readonly (SliceKey & { readonly schema: string })[],
): Promise<void> {
  if (slices.length === 0) return;
  await fill(
    warehouse,
    'settled',
    slices.map(({ schema, ...key }) => keyOf(schema, key)),
    KEY_TYPES,
  );
  await warehouse.run(`DELETE FROM millpond.outcomes WHERE ${KEY} IN (SELECT ${KEY} FROM temp.settled)`);
}

/** Writes the run's row, whether it is there or not. */
export async function writeRun(warehouse: Warehouse, run: RunRecord): Promise<void> {
  const row = {
    run_id: run.runId,
    pipeline: run.pipeline,
    trigger: run.trigger,
    parent: run.parent,
    status: run.status,
    started_at: run.startedAt,
    ended_at: run.endedAt,
    version: run.version,
    rows: run.rows,
    rejects: run.rejects,
    errors: run.errors,
  };
  await fill(warehouse, 'run_now', [row], LEDGER_COLUMNS.runs);
  await warehouse.run('DELETE FROM millpond.runs WHERE run_id = $1', [run.runId]);
  await warehouse.run('INSERT INTO millpond.runs BY NAME SELECT * FROM temp.run_now');
  await warehouse.run(`DELETE FROM millpond.meta WHERE "key" = 'version'`);
  await warehouse.run(`INSERT INTO millpond.meta VALUES ('version', $1)`, [run.version]);
}

function keyOf(schema_name: string, { dataset, scope, slice }: SliceKey) {
  return { schema_name, dataset, scope, slice };
}
