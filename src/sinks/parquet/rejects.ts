import type { Database } from '../../base/duckdb/database.js';
import { literal } from '../../base/duckdb/quote.js';
import { MillpondError } from '../../base/errors.js';
import { existing } from '../../base/files.js';
import { isAppend } from '../../contracts/growth.js';
import { formatSliceKey, type Stage, type Table } from '../../contracts/index.js';
import { totalsOf } from '../../contracts/stage-counts.js';
import { instant, readFiles, stageRows } from './ddl.js';
import { absolute, rejectsFolder } from './paths.js';
import { groupBy, type Load, type Share, sum } from './rows.js';
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
 * touch what the footer in force names. Where some of the slice's tables grow and others are
 * replaced, each has a file of its own, named at its end, so that one can stay without the other.
 * @returns the files, relative to the lake, and how many rejects they hold.
 * @throws MillpondError `E_COUNT_MISMATCH` where the stager counted others.
 */
export async function writeRejects(
  draft: RejectsDraft,
  share: Share,
  mark: string,
): Promise<{ readonly files: readonly string[]; readonly rows: number }> {
  const { key } = share.write;
  const files: string[] = [];
  let total = 0;
  const apart = share.write.stages.some(isAppend);
  const nameOf = ({ artifact, table }: Stage) => `${artifact.sha256}-${mark}${apart ? `-${table.name}` : ''}`;
  for (const [name, stages] of groupBy(share.stages, nameOf)) {
    const counted = sum(stages.map((stage) => totalsOf(stage, key).rejects));
    if (counted === 0) continue;
    const queries = stages
      .filter((stage) => stage.parts.length > 0)
      .map((stage) => rejectedRows(stage, share, draft.load));
    let rows = 0;
    if (queries.length > 0) {
      const file = `${rejectsFolder(draft.ledgerTable, key)}/${name}.parquet`;
      const pending = await writePending(draft.database, draft.root, file, queries.join(' UNION ALL '), []);
      draft.rejects.push(pending);
      files.push(file);
      rows = pending.rows;
      total += rows;
    }
    if (rows === counted) continue;
    throw new MillpondError(
      'E_COUNT_MISMATCH',
      `${formatSliceKey(key)}: ${counted} rejects were counted, ${rows} are staged`,
      { at: { ...key } },
    );
  }
  return { files, rows: total };
}

/** How many rejects files hold that were written before; one that was lost holds none. */
export async function countRejects(draft: RejectsDraft, files: readonly string[]): Promise<number> {
  const there = await existing(files.map((file) => absolute(draft.root, file)));
  if (there.length === 0) return 0;
  const [found] = await draft.database.rows(`SELECT count(*) AS n FROM ${readFiles(there)}`);
  return Number(found?.n);
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
