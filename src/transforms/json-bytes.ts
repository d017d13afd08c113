/**
 * Steps over JSON text, byte by byte. The text ends with a zero, which belongs to no JSON text and
 * stops every loop. A step answers with the place behind what it stepped over.
 */

/**
 * Bytes by their names. Loops over bytes take them into constants of their module first: what is
 * imported, or exported, is looked up at every use.
 */
export const BYTE = {
  NEW_LINE: 0x0a,
  QUOTE: 0x22,
  PLUS: 0x2b,
  COMMA: 0x2c,
  MINUS: 0x2d,
  DOT: 0x2e,
  ZERO: 0x30,
  NINE: 0x39,
  COLON: 0x3a,
  OPEN_LIST: 0x5b,
  BACKSLASH: 0x5c,
  CLOSE_LIST: 0x5d,
  SMALL_E: 0x65,
  SMALL_N: 0x6e,
  OPEN_RECORD: 0x7b,
  CLOSE_RECORD: 0x7d,
} as const;

const { BACKSLASH, DOT, MINUS, NINE, PLUS, QUOTE, SMALL_E, ZERO } = BYTE;

/** ASCII text as bytes. */
export function literalBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

/** JSON's literals. */
export const NULL = literalBytes('null');
export const TRUE = literalBytes('true');
export const FALSE = literalBytes('false');

/** Whether a byte is JSON's white space. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** White space, if there is any. */
export function skipSpace(text: Buffer, at: number): number {
  let next = at;
  while (isSpace(text[next]!)) next += 1;
  return next;
}

/** @returns the end of the literal, or -1 where something else stands there. */
export function skipLiteral(text: Buffer, at: number, literal: Uint8Array): number {
  for (let i = 0; i < literal.length; i += 1) if (text[at + i] !== literal[i]) return -1;
  return at + literal.length;
}

export function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Whether a byte begins an exponent. */
export function isExponent(byte: number): boolean {
  return (byte | 0x20) === SMALL_E;
}

/** @returns the end of a number in JSON's grammar, or minus the place at which it stops to be one. */
export function numberEnd(text: Buffer, start: number): number {
  let at = text[start] === MINUS ? start + 1 : start;
  const first = at;
  at = skipDigits(text, at);
  if (at === first || (at > first + 1 && text[first] === ZERO)) return -at;
  if (text[at] === DOT) {
    const decimals = at + 1;
    at = skipDigits(text, decimals);
    if (at === decimals) return -at;
  }
  if (!isExponent(text[at]!)) return at;
  const sign = text[at + 1];
  const exponent = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
  at = skipDigits(text, exponent);
  return at === exponent ? -at : at;
}

function skipDigits(text: Buffer, at: number): number {
  let next = at;
  while (isDigit(text[next]!)) next += 1;
  return next;
}

/** Bytes that stand for themselves in a JSON string: 1. */
export const STANDS_FOR_ITSELF = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

const OPENING = new Set(Buffer.from('{['));
const CLOSING = new Set(Buffer.from('}]'));

/** What a byte outside of texts does to the depth: 1, -1, or nothing. */
export const DEPTH = Int8Array.from({ length: 256 }, (_, byte) => (OPENING.has(byte) ? 1 : CLOSING.has(byte) ? -1 : 0));

/** The end of an object, whatever it holds, told by brackets and quotes alone; -1 where it is not there yet. */
export function endOfObject(text: Buffer, start: number, end: number): number {
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    if (text[at] === QUOTE) {
      at = endOfString(text, at + 1, end) - 1;
      if (at < 0) return -1;
      continue;
    }
    depth += DEPTH[text[at]!]!;
    if (depth === 0) return at + 1;
  }
  return -1;
}

function endOfString(text: Buffer, start: number, end: number): number {
  for (let at = start; at < end; at += 1) {
    if (text[at] === BACKSLASH) at += 1;
    else if (text[at] === QUOTE) return at + 1;
  }
  return -1;
}
