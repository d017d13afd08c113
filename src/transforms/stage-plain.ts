import { isInterrupt } from './interrupted.js';
import { type AsideRecord, type JudgedFile, judgedQuery, longestRecord } from './judged-rows.js';
import { withoutOdd } from './odd-records.js';
import { joined, type Outcome, type StagedPart } from './outcome.js';
import { type PlainFile, plainQuery } from './plain-sql.js';
import type { FileJob, FileResult } from './stage-files.js';
import { constantNames } from './table-work.js';
import { byColumns, type WorkBench } from './work-bench.js';

/**
 * Stages files whose records are plain, but for a few: they are read as they are, in one query,
 * and the few are judged one by one.
 * @returns undefined where one file is not plain, or DuckDB does not read of them what was seen in
 *   them (it refuses bytes that are no UTF-8): all are judged cell by cell.
 */
export async function stagePlain(files: readonly FileJob[], bench: WorkBench): Promise<FileResult[] | undefined> {
  const plain = files.flatMap(({ plain, ...file }): PlainFile[] => (plain ? [{ ...file, ...plain }] : []));
  if (plain.length < files.length) return undefined;
  return bench.judging(oddRecords(plain), async (judged) => {
    const staged = await writeRows(plain, judged, bench);
    if (!staged) return undefined;
    await bench.suggest(
      staged,
      plain.map(({ work }) => work),
    );
    return plain.map((file, index): FileResult => {
      if (index > 0) staged.part.claim();
      return { kind: 'staged', outcome: joined(outcomeOf(file, staged), judged.outcomeOf(file.work)) };
    });
  });
}

/** Plain records and judged ones in one part; undefined where DuckDB does not read the records that were seen. */
async function writeRows(
  files: readonly PlainFile[],
  judged: JudgedFile,
  bench: WorkBench,
): Promise<StagedPart | undefined> {
  const works = files.map(({ work }) => work);
  // Judging may have taught one of them a column that others do not know.
  if (byColumns(works).length > 1) return undefined;
  const unknown = works[0]!.drift.columns;
  const queries = [plainQuery(files, unknown, longestRecord(0))];
  if (judged.works.length > 0) queries.push(judgedQuery(judged, works, unknown));
  const records = files.reduce((sum, file) => sum + file.records, 0);
  try {
    const { part, rows } = await withoutOdd(files, () => bench.write(queries.join('\nUNION ALL ')));
    if (rows === records) return { part, unknown };
    await part.release();
    return undefined;
  } catch (error) {
    if (isInterrupt(error)) throw error;
    return undefined;
  }
}

function* oddRecords(files: readonly PlainFile[]): Generator<AsideRecord> {
  for (const { work, firstRow, odd } of files) {
    for (const { row, bytes } of odd) yield { work, row: firstRow + row, record: { bytes } };
  }
}

function outcomeOf({ work, records, odd, seen }: PlainFile, staged: StagedPart): Outcome {
  const { scope, slice } = work.placement.fallback;
  const rows = records - odd.length;
  return {
    parts: [staged],
    read: rows,
    slices: [{ scope, slice, rows, rejects: 0 }],
    seen: new Set([...seen, ...constantNames(work)]),
  };
}
