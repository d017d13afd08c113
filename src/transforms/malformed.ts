import { createReadStream } from 'node:fs';
import type { TextFile } from './chunker.js';
import type { AsideRecord } from './judged-rows.js';
import { joined, NOTHING, type Outcome } from './outcome.js';
import { cutRecords } from './row-reader.js';
import type { TableWork } from './table-work.js';
import type { WorkBench } from './work-bench.js';

/** Text of records that are judged together. */
const BATCH_BYTES = 32 << 20;

/**
 * Reads neighbouring texts that DuckDB cannot read as JSON, record by record: they are put together
 * again first, for a cut may have been wrong.
 * @param firstRow records of the artifact before them.
 */
export async function readMalformed(
  texts: readonly TextFile[],
  work: TableWork,
  firstRow: number,
  bench: WorkBench,
): Promise<Outcome> {
  let outcome = NOTHING;
  let batch: AsideRecord[] = [];
  let bytes = 0;
  let row = firstRow;
  const judgeBatch = async () => {
    const [judged] = await bench.judge(batch, [work]);
    outcome = joined(outcome, judged!);
    batch = [];
    bytes = 0;
  };
  for await (const record of cutRecords(joinedText(texts, work.format), work.format)) {
    row += 1;
    batch.push({ work, row, record });
    bytes += record.bytes.length;
    if (bytes >= BATCH_BYTES) await judgeBatch();
  }
  await judgeBatch();
  return outcome;
}

/** Neighbouring texts as one: brackets that cutting put between them become commas. */
async function* joinedText(texts: readonly TextFile[], format: TableWork['format']): AsyncGenerator<Buffer> {
  for (const [index, { path, bytes }] of texts.entries()) {
    const isLast = index === texts.length - 1;
    const start = format === 'array' && index > 0 ? 1 : 0;
    const end = format === 'array' && !isLast ? bytes - 1 : bytes;
    if (end > start) yield* createReadStream(path, { start, end: end - 1, highWaterMark: 1 << 20 });
    if (format === 'array' && !isLast) yield Buffer.from(',');
  }
}
