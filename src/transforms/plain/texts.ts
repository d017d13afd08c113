import type { KeptText } from './kept-text.js';
import { Machine } from './machine.js';
import type { Cells } from './protocol.js';
import { type PlainRecords, type PlainText, recordsIn, textRead } from './records.js';
import type { PlainTable } from './table.js';

/** What came of texts that were read one after the other. */
export interface PlainTexts {
  /** Of those that are plain, in their order. */
  readonly records: PlainRecords;
  /** Of each; undefined where it is not plain from end to end: nothing of it was taken. */
  readonly texts: readonly (PlainText | undefined)[];
}

/**
 * Reads small texts into the same cells, each whole, so that several make one part.
 * @param texts one whose end is missing is not plain; those that are plain are kept no longer.
 */
export async function readTexts(
  table: PlainTable,
  format: 'array' | 'ndjson',
  texts: readonly KeptText[],
): Promise<PlainTexts> {
  const machine = Machine.take();
  try {
    const read = await machine.read(format === 'ndjson', table.members, texts);
    let before: Cells | undefined;
    const own = read.texts.map((cells) => {
      if (!cells) return undefined;
      const text = textRead(table, cells, before);
      before = cells;
      return text;
    });
    const plain = own.filter((text) => text !== undefined);
    return { records: recordsIn(machine, table, read.cells, plain), texts: own };
  } catch (error) {
    machine.release();
    throw error;
  }
}
