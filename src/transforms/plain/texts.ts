import { interrupted } from '../interrupted.js';
import { KeptText } from './kept-text.js';
import { Machine } from './machine.js';
import type { Cells, Progress } from './protocol.js';
import { isRead, NEW_LINE, NO_TEXT } from './reader.js';
import { type PlainRecords, type PlainText, recordsIn, textRead } from './records.js';
import type { PlainTable } from './table.js';

/** A small text: in pieces, or kept where it is read. */
export type SmallText = readonly Uint8Array[] | KeptText;

/** What came of texts that were read one after the other. */
export interface PlainTexts {
  /** Of those that are plain, in their order. */
  readonly records: PlainRecords;
  /** Of each; undefined where it is not plain from end to end: nothing of it is kept. */
  readonly texts: readonly (PlainText | undefined)[];
}

/**
 * Reads small texts into the same cells, each whole, so that several make one part.
 * @param texts one whose end is missing is not plain.
 * @throws MillpondError `E_INTERRUPTED` once they are abandoned.
 */
export async function readTexts(
  table: PlainTable,
  format: 'array' | 'ndjson',
  texts: readonly SmallText[],
  isAbandoned: () => boolean,
): Promise<PlainTexts> {
  const machine = Machine.take();
  try {
    const isLines = format === 'ndjson';
    const read: (PlainText | undefined)[] = [];
    let cells: Cells | undefined;
    let progress = await machine.begin(isLines, table.members, NO_TEXT);
    for (const text of texts) {
      if (isAbandoned()) throw interrupted();
      progress = text instanceof KeptText ? await machine.read(text) : await readPieces(machine, progress, text);
      if (isLines && progress.isPlain) progress = await machine.push(NEW_LINE, progress);
      const isPlain = isRead(progress, isLines);
      if (isPlain) {
        const now = await machine.cells();
        read.push(textRead(table, now, cells));
        cells = now;
      } else read.push(undefined);
      progress = await machine.next(isPlain);
    }
    const records = recordsIn(
      machine,
      table,
      await machine.cells(),
      read.filter((text) => text !== undefined),
    );
    return { records, texts: read };
  } catch (error) {
    machine.release();
    throw error;
  }
}

async function readPieces(machine: Machine, begun: Progress, pieces: readonly Uint8Array[]): Promise<Progress> {
  let progress = begun;
  for (const piece of pieces) {
    progress = await machine.push(piece, progress);
    if (!progress.isPlain) break;
  }
  return progress;
}
