import { literal } from '../base/duckdb/quote.js';
import { MillpondError, messageOf } from '../base/errors.js';
import { isInterrupt } from './interrupted.js';
import { type AsideRecord, longestRecord } from './judged-rows.js';
import { joined, NOTHING, type Outcome, type StagedPart } from './outcome.js';
import type { Part } from './parts.js';
import { ASIDE, isSayable, type StagingFile, stagingQuery } from './staging-sql.js';
import type { TableWork } from './table-work.js';
import type { TypedColumn } from './typed-columns.js';
import type { WorkBench } from './work-bench.js';

/** A text file as a staging job: its size bounds the length of its records. */
export interface FileJob extends StagingFile {
  readonly bytes: number;
}

/** What became of a file: rows in parts, or the news that DuckDB cannot read it as JSON. */
export type FileResult = { readonly kind: 'staged'; readonly outcome: Outcome } | { readonly kind: 'malformed' };

/** Of how many rows set aside in one query more is learned before they are judged one by one. */
const MANY_ASIDE = 2_000;
/** How many of them are looked at for it. */
const SAMPLE = 200;

/**
 * Stages files in one query, and judges what that query sets aside. One malformed file among
 * several costs a query for each.
 * @returns a result for each file, in their order.
 */
export async function stageFiles(files: readonly FileJob[], bench: WorkBench): Promise<FileResult[]> {
  const staged = await tryStage(files, bench);
  if (staged) return staged;
  if (files.length === 1) return [{ kind: 'malformed' }];
  const results: FileResult[] = [];
  for (const file of files) results.push((await tryStage([file], bench))?.[0] ?? { kind: 'malformed' });
  return results;
}

/** Undefined where DuckDB cannot read the text as JSON. */
async function tryStage(files: readonly FileJob[], bench: WorkBench): Promise<FileResult[] | undefined> {
  const works = files.map(({ work }) => work);
  let staged = await writeRows(files, bench);
  if (!staged) return undefined;
  let counted = await bench.count(staged, works);
  if (files.length === 1 && counted[0]!.aside >= MANY_ASIDE && (await learn(staged.part, works[0]!, bench))) {
    // Columns that were not known to come stand in many rows: once more, with them.
    await staged.part.release();
    staged = (await writeRows(files, bench))!;
    counted = await bench.count(staged, works);
  }
  const isAnyAside = counted.some(({ aside }) => aside > 0);
  const judged = isAnyAside ? await bench.judge(asideRecords(staged.part, works, bench), works) : [];
  return works.map((work, index): FileResult => {
    const { outcome, aside } = counted[index]!;
    const own = judged[index] ?? NOTHING;
    if (own.read !== aside) {
      throw new MillpondError(
        'E_COUNT_MISMATCH',
        `${work.artifactId}: ${aside} records were set aside, ${own.read} judged`,
      );
    }
    if (index > 0) staged.part.claim();
    return { kind: 'staged', outcome: joined(outcome, own) };
  });
}

/** Unknown columns that can be named in SQL. */
function sayable(columns: readonly TypedColumn[]): readonly TypedColumn[] {
  return columns.filter(({ column }) => isSayable(column.source));
}

/** What the staging query makes; undefined where DuckDB cannot read the text as JSON. */
async function writeRows(files: readonly FileJob[], bench: WorkBench): Promise<StagedPart | undefined> {
  const works = files.map(({ work }) => work);
  const unknown = sayable(works[0]!.drift.columns);
  const write = async (longest: number, uniform: boolean) => ({
    part: await bench.write(stagingQuery(files, unknown, longestRecord(longest), uniform)),
    unknown,
  });
  if (works.every((work) => work.isUniform)) {
    try {
      return await write(0, true);
    } catch (error) {
      if (isInterrupt(error)) throw error;
      // A record with other members, most likely; there may be more of them.
      for (const work of works) work.isUniform = false;
    }
  }
  try {
    return await write(0, false);
  } catch (error) {
    if (isMalformed(error)) return undefined;
    if (!isTooLong(error)) throw error;
  }
  try {
    return await write(Math.max(...files.map((file) => file.bytes)), false);
  } catch (error) {
    if (isMalformed(error) || isTooLong(error)) return undefined;
    throw error;
  }
}

const isMalformed = (error: unknown) => /Malformed JSON/i.test(messageOf(error));
const isTooLong = (error: unknown) => /maximum_object_size/.test(messageOf(error));

/** Judges a sample of rows set aside for what it tells about unknown columns. @returns whether it told anything. */
async function learn(part: Part, work: TableWork, bench: WorkBench): Promise<boolean> {
  const known = sayable(work.drift.columns).length;
  const database = await bench.database();
  for (const { _raw } of await database.rows(`SELECT _raw ${fromAside(part)} LIMIT ${SAMPLE}`)) {
    work.judge.judge(String(_raw));
  }
  return sayable(work.drift.columns).length > known;
}

/** The records that SQL set aside. */
async function* asideRecords(part: Part, works: readonly TableWork[], bench: WorkBench): AsyncGenerator<AsideRecord> {
  const byArtifact = new Map(works.map((work) => [work.artifactId + ASIDE, work]));
  const { connection } = await bench.database();
  const result = await connection.stream(`SELECT _artifact, _row, _raw ${fromAside(part)}`);
  for await (const rows of result.yieldRowsJson()) {
    for (const [artifact, row, raw] of rows) {
      const work = byArtifact.get(String(artifact))!;
      yield { work, row: Number(row), record: { bytes: Buffer.from(String(raw)) } };
    }
  }
}

function fromAside(part: Part): string {
  return `FROM read_parquet(${literal(part.uri)}) WHERE ends_with(_artifact, ${literal(ASIDE)})`;
}
