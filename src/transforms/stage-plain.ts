import { isInterrupt } from './interrupted.js';
import { longestRecord } from './judged-rows.js';
import type { Outcome, StagedPart } from './outcome.js';
import { plainMembers } from './plain-grammar.js';
import { plainQuery } from './plain-sql.js';
import type { FileJob, FileResult } from './stage-files.js';
import type { WorkBench } from './work-bench.js';

/**
 * Stages files all of whose records are plain: they are read as they are, in one query.
 * @returns undefined where one of them is not, or DuckDB does not read of them what was seen in
 *   them (it refuses bytes that are no UTF-8): they are judged cell by cell.
 */
export async function stagePlain(files: readonly FileJob[], bench: WorkBench): Promise<FileResult[] | undefined> {
  const { work } = files[0]!;
  const members = plainMembers(work);
  const plain = files.flatMap((file) => (file.plain ? [{ ...file, records: file.plain.records }] : []));
  if (!members || plain.length < files.length) return undefined;
  const unknown = work.drift.columns;
  const records = plain.reduce((sum, file) => sum + file.records, 0);
  let part: StagedPart['part'];
  try {
    const written = await bench.write(plainQuery(plain, members, unknown, longestRecord(0)));
    part = written.part;
    if (written.rows !== records) {
      await part.release();
      return undefined;
    }
  } catch (error) {
    if (isInterrupt(error)) throw error;
    return undefined;
  }
  const staged = { part, unknown };
  await bench.suggest(
    staged,
    files.map((file) => file.work),
  );
  return files.map((file, index): FileResult => {
    if (index > 0) part.claim();
    return { kind: 'staged', outcome: outcomeOf(file, staged) };
  });
}

function outcomeOf({ work, plain }: FileJob, staged: StagedPart): Outcome {
  const { scope, slice } = work.placement.fallback;
  const constants = work.columns.filter(({ column }) => column.role === 'constant').map(({ column }) => column.name);
  return {
    parts: [staged],
    read: plain!.records,
    slices: [{ scope, slice, rows: plain!.records, rejects: 0 }],
    seen: new Set([...plain!.seen, ...constants]),
  };
}
