import { Machine } from './machine.js';
import type { Cells } from './protocol.js';
import { type PlainRecords, type PlainText, recordsIn, textRead } from './records.js';
import type { PlainTable } from './table.js';

/** What came of texts that were read one after the other. */
export interface PlainTexts {
  /** Of those that are plain, in their order. */
  readonly records: PlainRecords;
  /** What came of each; the text itself where it is not plain from end to end: nothing of it was taken. */
  readonly texts: readonly (PlainText | Uint8Array)[];
}

/**
 * Reads small texts into the same cells, each whole, so that several make one part.
 * @param texts in memory of their own, which is gone from here; one whose end is missing is not plain.
 */
export async function readTexts(
  table: PlainTable,
  format: 'array' | 'ndjson',
  texts: readonly Uint8Array[],
): Promise<PlainTexts> {
  const machine = Machine.take();
  try {
    const read = await machine.read(format === 'ndjson', table.members, texts);
    let before: Cells | undefined;
    const own = read.texts.map((cells) => {
      if (cells instanceof Uint8Array) return cells;
      const text = textRead(table, cells, before);
      before = cells;
      return text;
    });
    const plain = own.flatMap((text) => (text instanceof Uint8Array ? [] : [text]));
    return { records: recordsIn(machine, table, read.cells, plain), texts: own };
  } catch (error) {
    machine.release();
    throw error;
  }
}
