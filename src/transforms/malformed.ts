import { createReadStream } from 'node:fs';
import type { Chunk } from './chunker.js';
import type { AsideRecord } from './judged-rows.js';
import { joined, NOTHING, type Outcome } from './outcome.js';
import { cutRecords } from './row-reader.js';
import type { TableWork } from './table-work.js';
import type { WorkBench } from './work-bench.js';

/** Text of records that are judged together. */
const BATCH_BYTES = 32 << 20;

/**
 * Reads chunks that DuckDB cannot read as JSON, record by record: they are put together again
 * first, for a cut may have been wrong.
 * @param firstRow records of the artifact before these chunks.
 */
export async function readMalformed(
  chunks: readonly Chunk[],
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
  for await (const record of cutRecords(joinedText(chunks, work.format), work.format)) {
    row += 1;
    batch.push({ work, row, record });
    bytes += record.bytes.length;
    if (bytes >= BATCH_BYTES) await judgeBatch();
  }
  await judgeBatch();
  return outcome;
}

/** The text of neighbouring chunks as one: brackets that cutting put between them become commas. */
async function* joinedText(chunks: readonly Chunk[], format: TableWork['format']): AsyncGenerator<Buffer> {
  for (const [index, chunk] of chunks.entries()) {
    const isLast = index === chunks.length - 1;
    const start = format === 'array' && index > 0 ? 1 : 0;
    const end = format === 'array' && !isLast ? chunk.bytes - 1 : chunk.bytes;
    if (end > start) yield* createReadStream(chunk.path, { start, end: end - 1, highWaterMark: 1 << 20 });
    if (format === 'array' && !isLast) yield Buffer.from(',');
  }
}
