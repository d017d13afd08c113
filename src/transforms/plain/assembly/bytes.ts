/**
 * Steps over JSON text in memory. Behind the text stand {@link SLACK} zeros, which belong to no
 * JSON text and stop every loop, so that words may be loaded across its end. A place is an
 * address; a step answers with the one behind what it stepped over.
 */

/** Zeros behind the text: no word that begins inside it ends beyond them. */
export const SLACK: i32 = 32;

export const QUOTE: u32 = 0x22;
export const PLUS: u32 = 0x2b;
export const COMMA: u32 = 0x2c;
export const MINUS: u32 = 0x2d;
export const DOT: u32 = 0x2e;
export const ZERO: u32 = 0x30;
export const COLON: u32 = 0x3a;
export const OPEN_LIST: u32 = 0x5b;
export const BACKSLASH: u32 = 0x5c;
export const CLOSE_LIST: u32 = 0x5d;
export const SMALL_U: u32 = 0x75;
export const OPEN_RECORD: u32 = 0x7b;
export const CLOSE_RECORD: u32 = 0x7d;
export const NEW_LINE: u32 = 0x0a;

/** The bytes of words, the first one lowest. */
const NULL: u32 = 0x6c6c756e;
const TRUE: u32 = 0x65757274;
const ALSE: u32 = 0x65736c61;

export function byteAt(at: i32): u32 {
  return load<u8>(at);
}

/** Whether a byte is JSON's white space. */
export function isSpace(byte: u32): bool {
  return byte === 0x20 || byte === NEW_LINE || byte === 0x0d || byte === 0x09;
}

export function isDigit(byte: u32): bool {
  return byte - ZERO < 10;
}

/** Whether a byte begins an exponent. */
export function isExponent(byte: u32): bool {
  return (byte | 0x20) === 0x65;
}

/** White space, if there is any. */
export function skipSpace(at: i32): i32 {
  let next = at;
  while (isSpace(byteAt(next))) next += 1;
  return next;
}

export function isNull(at: i32): bool {
  return load<u32>(at) === NULL;
}

export function isTrue(at: i32): bool {
  return load<u32>(at) === TRUE;
}

export function isFalse(at: i32): bool {
  return byteAt(at) === 0x66 && load<u32>(at + 1) === ALSE;
}

/** Whether the same bytes stand at two places; eight at a time, for neither is near the end of memory. */
export function isSame(a: i32, b: i32, length: i32): bool {
  let i = 0;
  for (; i + 8 <= length; i += 8) if (load<u64>(a + i) !== load<u64>(b + i)) return false;
  const rest = (length - i) << 3;
  // Of the last word only the bytes that count; a shift by its whole width would be none.
  return rest === 0 || (load<u64>(a + i) ^ load<u64>(b + i)) << (64 - rest) === 0;
}

/** @returns the end of a number in JSON's grammar, or minus the place at which it stops to be one. */
export function numberEnd(start: i32): i32 {
  let at = byteAt(start) === MINUS ? start + 1 : start;
  const first = at;
  at = skipDigits(at);
  if (at === first || (at > first + 1 && byteAt(first) === ZERO)) return -at;
  if (byteAt(at) === DOT) {
    const decimals = at + 1;
    at = skipDigits(decimals);
    if (at === decimals) return -at;
  }
  if (!isExponent(byteAt(at))) return at;
  const sign = byteAt(at + 1);
  const exponent = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
  at = skipDigits(exponent);
  return at === exponent ? -at : at;
}

function skipDigits(at: i32): i32 {
  let next = at;
  while (isDigit(byteAt(next))) next += 1;
  return next;
}

/** The first quote, backslash or control character of a string. */
export function textStop(start: i32): i32 {
  let at = start;
  while (true) {
    const bytes = v128.load(at);
    const stops = v128.or(
      v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
      i8x16.lt_u(bytes, i8x16.splat(0x20)),
    );
    const mask = i8x16.bitmask(stops);
    if (mask !== 0) return at + ctz(mask);
    at += 16;
  }
}

/** The next line break before `end`; -1 where there is none. */
export function lineEnd(start: i32, end: i32): i32 {
  for (let at = start; at < end; at += 16) {
    const mask = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x0a)));
    if (mask === 0) continue;
    const found = at + ctz(mask);
    return found < end ? found : -1;
  }
  return -1;
}

/** The end of an object, whatever it holds, told by brackets and quotes alone; -1 where it is not there yet. */
export function endOfObject(start: i32, end: i32): i32 {
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = byteAt(at);
    if (byte === QUOTE) {
      at = endOfString(at + 1, end) - 1;
      if (at < 0) return -1;
    } else if (byte === OPEN_RECORD || byte === OPEN_LIST) depth += 1;
    else if (byte === CLOSE_RECORD || byte === CLOSE_LIST) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

function endOfString(start: i32, end: i32): i32 {
  for (let at = start; at < end; at += 1) {
    const byte = byteAt(at);
    if (byte === BACKSLASH) at += 1;
    else if (byte === QUOTE) return at + 1;
  }
  return 0;
}
