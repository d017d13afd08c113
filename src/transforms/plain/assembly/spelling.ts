import { BACKSLASH, byteAt, isDigit, SMALL_U, ZERO } from './bytes';

/**
 * Writes the text that JSON spells so to `into`; it is no longer than its spelling.
 * @returns where it ends; -1 where it is none that a cell may hold: no UTF-8, no escape of JSON's,
 *   with NUL, or with half of a surrogate pair.
 */
export function writeText(start: i32, length: i32, into: i32): i32 {
  const end = start + length;
  let to = into;
  let at = start;
  while (at < end) {
    const byte = byteAt(at);
    if (byte < 0x80 && byte !== BACKSLASH) {
      store<u8>(to, byte);
      at += 1;
      to += 1;
    } else if (byte === BACKSLASH && byteAt(at + 1) !== SMALL_U) {
      const meant = escaped(byteAt(at + 1));
      if (meant === 0) return -1;
      store<u8>(to, meant);
      at += 2;
      to += 1;
    } else if (byte === BACKSLASH) {
      let code = codeAt(at, end);
      at += CODE;
      if (isHigh(code)) {
        const low = byteAt(at) === BACKSLASH && byteAt(at + 1) === SMALL_U ? codeAt(at, end) : 0;
        if (!isLow(low)) return -1;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        at += CODE;
      }
      if (code <= 0 || isLow(code)) return -1;
      to = writeCode(code, to);
    } else {
      const size = sequence(at, end);
      if (size === 0) return -1;
      memory.copy(to, at, size);
      at += size;
      to += size;
    }
  }
  return to;
}

/** What a letter behind a backslash means; 0 where it means nothing. */
function escaped(letter: u32): u32 {
  if (letter === 0x22 || letter === BACKSLASH || letter === 0x2f) return letter;
  if (letter === 0x6e) return 0x0a;
  if (letter === 0x74) return 0x09;
  if (letter === 0x72) return 0x0d;
  if (letter === 0x62) return 0x08;
  return letter === 0x66 ? 0x0c : 0;
}

/** Of a code with its backslash, as in `\u00fc`. */
const CODE: i32 = 6;

/** @returns -1 where there are no four digits. */
function codeAt(at: i32, end: i32): i32 {
  if (at + CODE > end) return -1;
  let code = 0;
  for (let i = 2; i < CODE; i += 1) {
    const digit = hexDigit(byteAt(at + i));
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

function hexDigit(byte: u32): i32 {
  if (isDigit(byte)) return byte - ZERO;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function isHigh(code: i32): bool {
  return code >= 0xd800 && code < 0xdc00;
}

function isLow(code: i32): bool {
  return code >= 0xdc00 && code < 0xe000;
}

function writeCode(code: i32, to: i32): i32 {
  if (code < 0x80) {
    store<u8>(to, code);
    return to + 1;
  }
  let at = to;
  if (code < 0x800) store<u8>(at, 0xc0 | (code >> 6));
  else {
    if (code < 0x10000) store<u8>(at, 0xe0 | (code >> 12));
    else {
      store<u8>(at, 0xf0 | (code >> 18));
      at += 1;
      store<u8>(at, 0x80 | ((code >> 12) & 0x3f));
    }
    at += 1;
    store<u8>(at, 0x80 | ((code >> 6) & 0x3f));
  }
  store<u8>(at + 1, 0x80 | (code & 0x3f));
  return at + 2;
}

/** Bytes of the character of several that begins here, as the Unicode Standard's table of well-formed UTF-8 has it; else 0. */
function sequence(at: i32, end: i32): i32 {
  const first = byteAt(at);
  const size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size === 0 || at + size > end) return 0;
  for (let i = 1; i < size; i += 1) if ((byteAt(at + i) & 0xc0) !== 0x80) return 0;
  const second = byteAt(at + 1);
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  return first === 0xf4 && second > 0x8f ? 0 : size;
}
