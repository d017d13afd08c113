import type { ValueKind } from './plain-grammar.js';

/**
 * Steps over JSON text, byte by byte. The text ends with a zero, which belongs to no JSON text and
 * stops every loop. A step answers with the place behind what it stepped over.
 */

/** Digits of an integer that DuckDB spells as it was. */
const DIGITS_KEPT = 18;

/** Bytes by their names. */
export const QUOTE = 0x22;
export const BACKSLASH = 0x5c;
export const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;

/** ASCII text as bytes. */
export function literalBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

/** The literal `null`. */
export const NULL = literalBytes('null');
const TRUE = literalBytes('true');
const FALSE = literalBytes('false');

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

/** @returns the end of a plain value, or minus the place at which it stops to be one. */
export function skipValue(text: Buffer, at: number, kind: ValueKind): number {
  switch (kind.kind) {
    case 'text':
      return text[at] === QUOTE ? skipText(text, at + 1) : skipNumber(text, at, DIGITS_KEPT, 0);
    case 'number': {
      if (text[at] !== QUOTE) return skipNumber(text, at, kind.whole, kind.fraction);
      const next = skipNumber(text, at + 1, kind.whole, kind.fraction);
      return next > 0 && text[next] !== QUOTE ? -next : next + Math.sign(next);
    }
    case 'day':
      return skipDay(text, at);
    case 'boolean': {
      const next = Math.max(skipLiteral(text, at, TRUE), skipLiteral(text, at, FALSE));
      return next < 0 ? -at - 1 : next;
    }
  }
}

/** Bytes that stand for themselves in a JSON string. */
const IN_TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** The rest of a JSON string. */
function skipText(text: Buffer, start: number): number {
  let at = start;
  for (;;) {
    while (IN_TEXT[text[at]!] === 1) at += 1;
    const byte = text[at]!;
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH) return -at;
    const next = skipEscape(text, at + 1);
    if (next < 0) return next;
    at = next;
  }
}

/** What comes after a backslash; NUL and halves of surrogate pairs are for a closer look. */
function skipEscape(text: Buffer, at: number): number {
  const byte = text[at]!;
  if (byte !== 0x75) return ESCAPES.has(byte) ? at + 1 : -at;
  let code = 0;
  for (let i = 1; i <= 4; i += 1) {
    const digit = hexDigit(text[at + i]!);
    if (digit < 0) return -at - i;
    code = code * 16 + digit;
  }
  return code === 0 || (code >= 0xd800 && code <= 0xdfff) ? -at : at + 5;
}

const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));

function hexDigit(byte: number): number {
  if (byte >= ZERO && byte <= NINE) return byte - ZERO;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** A number without exponent, with so many digits before and after the point at most; minus zero is none. */
function skipNumber(text: Buffer, start: number, whole: number, fraction: number): number {
  let at = text[start] === MINUS ? start + 1 : start;
  const first = at;
  if (text[at] === ZERO) {
    if (first > start) return -at;
    at += 1;
  } else {
    while (text[at]! >= ZERO && text[at]! <= NINE) at += 1;
    if (at === first || at - first > whole) return -at;
  }
  if (text[at] === DOT) {
    const point = at;
    at += 1;
    while (text[at]! >= ZERO && text[at]! <= NINE) at += 1;
    if (at - point === 1 || at - point - 1 > fraction) return -at;
  }
  const after = text[at]!;
  return (after >= ZERO && after <= NINE) || after === DOT || (after | 0x20) === 0x65 ? -at : at;
}

/** A zero stands for any digit. */
const DAY_SHAPE = literalBytes('"0000-00-00"');

/** `"2026-10-01"`, a day that there is; the leap day is for a closer look. */
function skipDay(text: Buffer, start: number): number {
  for (let i = 0; i < DAY_SHAPE.length; i += 1) {
    const byte = text[start + i]!;
    const isRight = DAY_SHAPE[i] === ZERO ? byte >= ZERO && byte <= NINE : byte === DAY_SHAPE[i];
    if (!isRight) return -start - i - 1;
  }
  const century = twoDigits(text, start + 1);
  const day = twoDigits(text, start + 9);
  const days = DAYS[twoDigits(text, start + 6)] ?? 0;
  return (century === 19 || century === 20) && day >= 1 && day <= days ? start + 12 : -start - 1;
}

function twoDigits(text: Buffer, at: number): number {
  return (text[at]! - ZERO) * 10 + text[at + 1]! - ZERO;
}

/** Days that a month always has. */
const DAYS = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

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
