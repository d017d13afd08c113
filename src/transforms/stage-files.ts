import { literal } from '../base/duckdb/quote.js';
import { MillpondError, messageOf } from '../base/errors.js';
import { type AsideRecord, longestRecord } from './judged-rows.js';
import { joined, NOTHING, type Outcome, type StagedPart } from './outcome.js';
import type { Part } from './parts.js';
import { ASIDE, type StagingFile, stagingQuery } from './staging-sql.js';
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
  const results: FileResult[] = [];
  for (const [index, work] of works.entries()) {
    const { outcome, aside } = counted[index]!;
    if (index > 0) staged.part.claim();
    const judged = aside > 0 ? await bench.judge(asideRecords(staged.part, work, bench), work) : NOTHING;
    if (judged.read !== aside) {
      throw new MillpondError(
        'E_COUNT_MISMATCH',
        `${work.artifactId}: ${aside} records were set aside, ${judged.read} judged`,
      );
    }
    results.push({ kind: 'staged', outcome: joined(outcome, judged) });
  }
  return results;
}

/** Unknown columns that can be named in SQL, where a NUL or no name at all cannot stand. */
function sayable(columns: readonly TypedColumn[]): readonly TypedColumn[] {
  return columns.filter(({ column }) => column.source !== '' && !column.source.includes('\0'));
}

/** What the staging query makes; undefined where DuckDB cannot read the text as JSON. */
async function writeRows(files: readonly FileJob[], bench: WorkBench): Promise<StagedPart | undefined> {
  const unknown = sayable(files[0]!.work.drift.columns);
  const largest = Math.max(...files.map((file) => file.bytes));
  for (const bytes of [0, largest]) {
    try {
      return { part: await bench.write(stagingQuery(files, unknown, longestRecord(bytes))), unknown };
    } catch (error) {
      const message = messageOf(error);
      // A record may be longer than DuckDB expects: then once more, at the price of memory.
      if (/maximum_object_size/.test(message) && bytes === 0) continue;
      if (/Malformed JSON|maximum_object_size|unicode/i.test(message)) return undefined;
      throw error;
    }
  }
  return undefined;
}

/** Judges a sample of rows set aside for what it tells about unknown columns. @returns whether it told anything. */
async function learn(part: Part, work: TableWork, bench: WorkBench): Promise<boolean> {
  const known = sayable(work.drift.columns).length;
  for (const { _raw } of await bench.database.rows(`SELECT _raw ${fromAside(part, work)} LIMIT ${SAMPLE}`)) {
    work.judge.judge(String(_raw));
  }
  return sayable(work.drift.columns).length > known;
}

/** The records that SQL set aside. */
async function* asideRecords(part: Part, work: TableWork, bench: WorkBench): AsyncGenerator<AsideRecord> {
  const result = await bench.database.connection.stream(`SELECT _row, _raw ${fromAside(part, work)}`);
  for await (const rows of result.yieldRowsJson()) {
    for (const [row, raw] of rows) yield { row: Number(row), record: { bytes: Buffer.from(String(raw)) } };
  }
}

function fromAside(part: Part, { artifactId }: TableWork): string {
  return `FROM read_parquet(${literal(part.uri)}) WHERE _artifact = ${literal(artifactId + ASIDE)}`;
}
