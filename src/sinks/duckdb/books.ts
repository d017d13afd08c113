import type { RunRecord } from '../../contracts/index.js';
import { fill } from './claims.js';
import type { Warehouse } from './open.js';
import type { CommitPlan, Held, Replacement } from './plan.js';
import type { Stamp } from './rows.js';

const KEY = '(dataset, scope, slice)';
const KEY_TYPES = { dataset: 'VARCHAR', scope: 'VARCHAR', slice: 'VARCHAR' } as const;

/** What the ledger holds of the datasets × scopes that are written. */
export async function readHeld(
  warehouse: Warehouse,
  scopes: readonly { readonly dataset: string; readonly scope: string }[],
): Promise<Held[]> {
  await fill(warehouse, 'wanted', scopes, { dataset: 'VARCHAR', scope: 'VARCHAR' });
  const rows = await warehouse.rows<Record<string, string> & { current_state: boolean }>(
    `SELECT s.dataset, s.scope, s.slice, s."rows" AS row_count, s.rejects, epoch_ms(s.as_of) AS as_of_ms,
       coalesce(s.current_state, false) AS current_state, s.request_fingerprint,
       string_agg(a.artifact_sha256, ' ' ORDER BY a.position) AS artifacts
     FROM millpond.slices s LEFT JOIN millpond.artifacts a USING (dataset, scope, slice)
     WHERE (s.dataset, s.scope) IN (SELECT (dataset, scope) FROM temp.wanted) GROUP BY ALL`,
  );
  return rows.map((row) => ({
    dataset: row.dataset ?? '',
    scope: row.scope ?? '',
    slice: row.slice ?? '',
    rows: Number(row.row_count),
    rejects: Number(row.rejects),
    asOfMs: Number(row.as_of_ms),
    currentState: row.current_state,
    artifacts: row.artifacts ?? '',
    requestFingerprint: row.request_fingerprint ?? '',
  }));
}

/** Writes slices, artifacts and commits of the plan, and clears the outcomes of what is now held. */
export async function writeBooks(warehouse: Warehouse, plan: CommitPlan, stamp: Stamp): Promise<void> {
  if (plan.touches.length > 0) await moveTouched(warehouse, plan);
  if (plan.replacements.length > 0) {
    await replaceSlices(warehouse, plan.replacements, stamp);
    await replaceArtifacts(warehouse, plan.replacements, stamp);
    await warehouse.run(
      `INSERT INTO millpond.commits BY NAME
       SELECT dataset, scope, slice, run_id, committed_at, "rows", artifact_sha256, replaced_sha256
       FROM temp.entries WHERE NOT again`,
    );
  }
  await clearOutcomes(warehouse, plan);
}

async function moveTouched(warehouse: Warehouse, plan: CommitPlan): Promise<void> {
  const touched = plan.touches.map(({ write, held }) => ({ ...key(held), as_of: write.asOf, final: write.final }));
  await fill(warehouse, 'touched', touched, { ...KEY_TYPES, as_of: 'TIMESTAMPTZ', final: 'BOOLEAN' });
  await warehouse.run(
    `UPDATE millpond.slices s SET as_of = t.as_of, final = t.final FROM temp.touched t
     WHERE s.dataset = t.dataset AND s.scope = t.scope AND s.slice = t.slice`,
  );
}

async function replaceSlices(warehouse: Warehouse, replacements: readonly Replacement[], stamp: Stamp): Promise<void> {
  const entries = replacements.map(({ write, rows, rejects, artifacts, replacedSha256, again }) => ({
    ...key(write.key),
    rows,
    rejects,
    artifact_sha256: artifacts.at(-1)?.artifact.sha256 ?? null,
    bytes: artifacts.reduce((total, share) => total + share.artifact.bytes, 0),
    as_of: write.asOf,
    request_fingerprint: write.requestFingerprint,
    run_id: stamp.runId,
    committed_at: stamp.at,
    final: write.final,
    current_state: write.currentState,
    schema_name: write.schema,
    replaced_sha256: replacedSha256,
    again,
  }));
  await fill(warehouse, 'entries', entries, {
    ...KEY_TYPES,
    rows: 'BIGINT',
    rejects: 'BIGINT',
    artifact_sha256: 'VARCHAR',
    bytes: 'BIGINT',
    as_of: 'TIMESTAMPTZ',
    request_fingerprint: 'VARCHAR',
    run_id: 'VARCHAR',
    committed_at: 'TIMESTAMPTZ',
    final: 'BOOLEAN',
    current_state: 'BOOLEAN',
    schema_name: 'VARCHAR',
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
  const shares = replacements.flatMap(({ write, artifacts }) =>
    artifacts.map(({ artifact, rows, rejects }, position) => ({
      ...key(write.key),
      artifact_sha256: artifact.sha256,
      content_sha256: artifact.contentSha256,
      path: artifact.path,
      bytes: artifact.bytes,
      rows,
      rejects,
      as_of: artifact.asOf,
      run_id: stamp.runId,
      position,
    })),
  );
  await fill(warehouse, 'shares', shares, {
    ...KEY_TYPES,
    artifact_sha256: 'VARCHAR',
    content_sha256: 'VARCHAR',
    path: 'VARCHAR',
    bytes: 'BIGINT',
    rows: 'BIGINT',
    rejects: 'BIGINT',
    as_of: 'TIMESTAMPTZ',
    run_id: 'VARCHAR',
    position: 'BIGINT',
  });
  await deleteReplaced(warehouse, 'artifacts');
  await warehouse.run('INSERT INTO millpond.artifacts BY NAME SELECT * FROM temp.shares');
}

/** Entries of the slices that are written; of current state, of every slice of its scope. */
async function deleteReplaced(warehouse: Warehouse, table: 'slices' | 'artifacts' | 'outcomes'): Promise<void> {
  await warehouse.run(
    `DELETE FROM millpond.${table} WHERE ${KEY} IN (SELECT ${KEY} FROM temp.targets)
       OR (dataset, scope) IN (SELECT (dataset, scope) FROM temp.targets WHERE current_state)`,
  );
}

async function clearOutcomes(warehouse: Warehouse, plan: CommitPlan): Promise<void> {
  if (plan.replacements.length > 0) await deleteReplaced(warehouse, 'outcomes');
  await fill(
    warehouse,
    'settled',
    plan.results.map((result) => key(result.key)),
    KEY_TYPES,
  );
  await warehouse.run(`DELETE FROM millpond.outcomes WHERE ${KEY} IN (SELECT ${KEY} FROM temp.settled)`);
}

/** Writes the run's row, whether it is there or not. */
export async function writeRun(warehouse: Warehouse, run: RunRecord): Promise<void> {
  await fill(
    warehouse,
    'run_now',
    [
      {
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
      },
    ],
    {
      run_id: 'VARCHAR',
      pipeline: 'VARCHAR',
      trigger: 'VARCHAR',
      parent: 'VARCHAR',
      status: 'VARCHAR',
      started_at: 'TIMESTAMPTZ',
      ended_at: 'TIMESTAMPTZ',
      version: 'VARCHAR',
      rows: 'BIGINT',
      rejects: 'BIGINT',
      errors: 'BIGINT',
    },
  );
  await warehouse.run('DELETE FROM millpond.runs WHERE run_id = $1', [run.runId]);
  await warehouse.run('INSERT INTO millpond.runs BY NAME SELECT * FROM temp.run_now');
  await warehouse.run(`DELETE FROM millpond.meta WHERE "key" = 'version'`);
  await warehouse.run(`INSERT INTO millpond.meta VALUES ('version', $1)`, [run.version]);
}

function key({ dataset, scope, slice }: { dataset: string; scope: string; slice: string }) {
  return { dataset, scope, slice };
}
