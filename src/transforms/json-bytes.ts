/**
 * Bytes of JSON text by their names. Loops over bytes take them into constants of their module
 * first: what is imported, or exported, is looked up at every use.
 */
export const BYTE = {
  NEW_LINE: 0x0a,
  QUOTE: 0x22,
  COMMA: 0x2c,
  OPEN_LIST: 0x5b,
  BACKSLASH: 0x5c,
  CLOSE_LIST: 0x5d,
} as const;

/** Whether a byte is JSON's white space. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

const OPENING = new Set(Buffer.from('{['));
const CLOSING = new Set(Buffer.from('}]'));

/** What a byte outside of texts does to the depth: 1, -1, or nothing. */
export const DEPTH = Int8Array.from({ length: 256 }, (_, byte) => (OPENING.has(byte) ? 1 : CLOSING.has(byte) ? -1 : 0));
