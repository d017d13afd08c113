import { literal } from '../base/duckdb/quote.js';
import { messageOf } from '../base/errors.js';
import { type AsideRecord, longestRecord } from './judged-rows.js';
import { joined, type Outcome } from './outcome.js';
import type { Part } from './parts.js';
import { ASIDE, type StagingFile, stagingQuery } from './staging-sql.js';
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
  const { drift } = files[0]!.work;
  let unknown = sayable(drift.columns);
  let part = await writeRows(files, unknown, bench);
  if (!part) return undefined;
  if (files.length === 1 && (await learn(part, files[0]!, bench)) && sayable(drift.columns).length > unknown.length) {
    // Columns that were not known to come stand in many rows: once more, with them.
    await part.release();
    unknown = sayable(drift.columns);
    part = (await writeRows(files, unknown, bench))!;
  }
  const results: FileResult[] = [];
  for (const [index, file] of files.entries()) {
    if (index > 0) part.claim();
    const settled = await bench.count({ part, unknown }, file.work);
    const judged = await bench.judge(asideRecords(part, file, bench), file.work);
    results.push({ kind: 'staged', outcome: joined(settled, judged) });
  }
  return results;
}

/** Unknown columns that can be named in SQL: a NUL cannot stand there. */
function sayable(columns: readonly TypedColumn[]): readonly TypedColumn[] {
  return columns.filter(({ column }) => !column.source.includes('\0'));
}

/** The part that the staging query makes; undefined where DuckDB cannot read the text as JSON. */
async function writeRows(
  files: readonly FileJob[],
  unknown: readonly TypedColumn[],
  bench: WorkBench,
): Promise<Part | undefined> {
  try {
    return await bench.write(stagingQuery(files, unknown, longestRecord(0)));
  } catch (error) {
    const message = messageOf(error);
    if (
      /Malformed JSON|Invalid Input Error.*(JSON|UTF-?8|unicode)/i.test(message) &&
      !/maximum_object_size/.test(message)
    )
      return undefined;
    if (!/maximum_object_size/.test(message)) throw error;
  }
  const largest = Math.max(...files.map((file) => file.bytes));
  try {
    return await bench.write(stagingQuery(files, unknown, longestRecord(largest)));
  } catch {
    return undefined;
  }
}

/** Judges a sample of rows set aside, if they are many, for what it tells about unknown columns. */
async function learn(part: Part, { work }: FileJob, bench: WorkBench): Promise<boolean> {
  const from = `FROM read_parquet(${literal(part.uri)}) WHERE _artifact = ${literal(work.artifactId + ASIDE)}`;
  const [count] = await bench.database.rows(`SELECT count(*) AS n ${from}`);
  if (Number(count!.n) < MANY_ASIDE) return false;
  for (const { _raw } of await bench.database.rows(`SELECT _raw ${from} LIMIT ${SAMPLE}`))
    work.judge.judge(String(_raw));
  return true;
}

/** The records of a file that SQL set aside. */
async function* asideRecords(part: Part, { work }: FileJob, bench: WorkBench): AsyncGenerator<AsideRecord> {
  const result = await bench.database.connection.stream(
    `SELECT _row, _raw FROM read_parquet(${literal(part.uri)}) WHERE _artifact = ${literal(work.artifactId + ASIDE)}`,
  );
  for await (const rows of result.yieldRowsJson()) {
    for (const [row, raw] of rows) yield { row: Number(row), record: { bytes: Buffer.from(String(raw)) } };
  }
}
