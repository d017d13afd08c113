import type { Database } from '../../base/duckdb/database.js';
import { literal } from '../../base/duckdb/quote.js';
import { MillpondError } from '../../base/errors.js';
import { formatSliceKey, type Stage, type Table } from '../../contracts/index.js';
import { instant, stageRows } from './ddl.js';
import { rejectsFolder } from './paths.js';
import { groupBy, type Load, type Share, sum, totalsOf } from './rows.js';
import { type Pending, writePending } from './write-file.js';

/** Where rejects go; `rejects` takes what was written, also when writing throws. */
export interface RejectsDraft {
  readonly root: string;
  readonly database: Database;
  readonly ledgerTable: Table;
  readonly load: Load;
  readonly rejects: Pending[];
}

/**
 * Writes the rejects of a slice, a file per artifact. The name is the artifact's hash and then
 * the commit's own mark: a second look at the same artifact may judge otherwise, and must not
 * touch what the footer in force names.
 * @throws MillpondError `E_COUNT_MISMATCH` where the stager counted others.
 */
export async function writeRejects(draft: RejectsDraft, share: Share, mark: string): Promise<void> {
  const { key } = share.write;
  for (const [sha256, stages] of groupBy(share.stages, (stage) => stage.artifact.sha256)) {
    const counted = sum(stages.map((stage) => totalsOf(stage, key).rejects));
    if (counted === 0) continue;
    const queries = stages
      .filter((stage) => stage.parts.length > 0)
      .map((stage) => rejectedRows(stage, share, draft.load));
    let rows = 0;
    if (queries.length > 0) {
      const file = `${rejectsFolder(draft.ledgerTable, key)}/${sha256}-${mark}.parquet`;
      const pending = await writePending(draft.database, draft.root, file, queries.join(' UNION ALL '), []);
      draft.rejects.push(pending);
      rows = pending.rows;
    }
    if (rows === counted) continue;
    throw new MillpondError(
      'E_COUNT_MISMATCH',
      `${formatSliceKey(key)}: ${counted} rejects were counted, ${rows} are staged`,
      { at: { ...key } },
    );
  }
}

function rejectedRows(stage: Stage, { write }: Share, load: Load): string {
  const { from, where } = stageRows(stage, write.key);
  const { dataset, scope, slice } = write.key;
  return `SELECT ${literal(dataset)} AS dataset, ${literal(scope)} AS scope, ${literal(slice)} AS slice,
    _row AS row_number, _raw AS raw, _reasons AS reasons, ${literal(stage.artifact.sha256)} AS artifact_sha256,
    ${literal(load.runId)} AS run_id, ${instant(load.at)} AS rejected_at, ${literal(stage.table.name)} AS table_name,
    ${literal(write.schema)} AS schema_name
    FROM ${from} WHERE ${where} AND _reasons IS NOT NULL`;
}
