import { MillpondError } from '../base/errors.js';
import { BYTE, isSpace } from './json-bytes.js';

const { OPEN_LIST, CLOSE_LIST } = BYTE;

/** How much of the beginning is kept. */
const HEAD_BYTES = 64 << 10;
/** With which some begin UTF-8. */
const MARK = Buffer.from('\uFEFF');

/** Beginning and end of a text, for those who must know what came. */
export class TextEnds {
  /** The beginning, as far as it came. */
  head: Buffer = Buffer.alloc(0);
  /** The last byte that is no white space. */
  lastByte: number | undefined;

  /** Takes note of the next bytes. */
  note(bytes: Uint8Array): void {
    const missing = HEAD_BYTES - this.head.length;
    if (missing > 0) this.head = Buffer.concat([this.head, bytes.subarray(0, missing)]);
    for (let i = bytes.length - 1; i >= 0; i -= 1) {
      const byte = bytes[i]!;
      if (isSpace(byte)) continue;
      this.lastByte = byte;
      return;
    }
  }
}

/**
 * Whether a text can be what it should: a file cut after a comma loads without an error.
 * @throws MillpondError `E_ARTIFACT_CORRUPT` where it is no array at all (an error page, an object), `E_ARTIFACT_CUT` where its end is missing.
 */
export function checkWhole(format: 'array' | 'ndjson', text: Readonly<Pick<TextEnds, 'head' | 'lastByte'>>): void {
  if (format === 'ndjson') return;
  if (text.lastByte === undefined) {
    throw new MillpondError(
      'E_ARTIFACT_CUT',
      'The artifact is empty: not even the brackets of an empty list are there',
    );
  }
  const from = firstByte(text.head);
  if (text.head[from] !== OPEN_LIST) {
    const head = text.head.toString('utf8', from);
    const shown = head.length > 200 ? `${head.slice(0, 200)}…` : head;
    throw new MillpondError('E_ARTIFACT_CORRUPT', `The artifact is no list of records; it begins: ${shown}`);
  }
  if (text.lastByte !== CLOSE_LIST) {
    throw new MillpondError('E_ARTIFACT_CUT', 'The artifact ends inside its list: the closing bracket is missing');
  }
}

/** Where the text begins: behind a mark of UTF-8 and white space. */
function firstByte(head: Buffer): number {
  let at = head.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  while (at < head.length && isSpace(head[at]!)) at += 1;
  return at;
}
