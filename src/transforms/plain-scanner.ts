import { JoinedBytes } from './joined-bytes.js';
import { literalBytes, type PlainMember, type ValueKind } from './plain-grammar.js';

/** What a text turned out to hold in which every record is plain. */
export interface PlainText {
  readonly records: number;
  /** Names of columns for which a record had a value. */
  readonly seen: ReadonlySet<string>;
}

/** Results of a scan that are no position. */
const MORE = -1;
const NOT_PLAIN = -2;

/** Digits of an integer that DuckDB spells as it was. */
const DIGITS_KEPT = 18;

/** What looks wrong so close to the end of the bytes may be cut: it is looked at again with the next ones. */
const CLOSE = 16;

/** Longer records are not looked at: they would have to be kept in memory. */
const LONGEST_RECORD = 1 << 20;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const DOT = 0x2e;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_RECORD = 0x7b;
const CLOSE_RECORD = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** Of all scanners: none waits between taking bytes and being done with them. */
const JOINED = new JoinedBytes();

/** Where in the text the scan stands between two records. */
type Place = 'before' | 'first' | 'record' | 'between' | 'after';

const NULL = literalBytes('null');
const TRUE = literalBytes('true');
const FALSE = literalBytes('false');

/**
 * Looks at every byte of a text as it passes, and tells whether all of its records are plain:
 * known members only, in their usual order, each value spelled so that DuckDB's typed reader
 * cannot but read it exactly. Such a text needs no check of its cells in SQL, which costs more
 * than reading it. At the first byte that is anything else the scan ends, and the text is judged
 * cell by cell.
 */
export class PlainScanner {
  readonly #members: readonly PlainMember[];
  readonly #lines: boolean;
  readonly #seen: Uint8Array;
  #place: Place;
  #records = 0;
  #isPlain = true;
  #rest: Buffer = Buffer.alloc(0);
  /** The text at hand, four bytes at a time. */
  #words: DataView = new DataView(new ArrayBuffer(0));

  constructor(members: readonly PlainMember[], format: 'array' | 'ndjson') {
    this.#members = members;
    this.#lines = format === 'ndjson';
    this.#place = this.#lines ? 'record' : 'before';
    this.#seen = new Uint8Array(members.length);
  }

  /** The next bytes of the text. */
  push(bytes: Buffer): void {
    if (!this.#isPlain || bytes.length === 0) return;
    // The zero at the end belongs to no JSON text: it stops every loop, which then sees the end.
    const text = JOINED.join(this.#rest, bytes, 1);
    const end = text.length - 1;
    this.#words = new DataView(text.buffer, text.byteOffset, text.length);
    let at = 0;
    while (at < end) {
      const next = this.#step(text, at, end);
      if (next === MORE) break;
      if (next < 0) {
        this.#giveUp();
        return;
      }
      at = next;
    }
    // Copied: the memory is everybody's.
    this.#rest = Buffer.from(text.subarray(at, end));
    if (this.#rest.length > LONGEST_RECORD) this.#giveUp();
  }

  /** The text is over. @returns undefined where it is not plain. */
  end(): PlainText | undefined {
    const isWhole = this.#lines ? this.#place === 'record' : this.#place === 'after';
    if (!this.#isPlain || !isWhole || this.#rest.length > 0 || this.#records === 0) return undefined;
    const seen = this.#members.filter((_, index) => this.#seen[index] === 1).map(({ column }) => column);
    return { records: this.#records, seen: new Set(seen) };
  }

  #giveUp(): void {
    this.#isPlain = false;
    this.#rest = Buffer.alloc(0);
  }

  /** Passes white space, a bracket, a comma or a record. @returns where it ends. */
  #step(text: Buffer, at: number, end: number): number {
    const byte = text[at]!;
    if (isSpace(byte)) return at + 1;
    switch (this.#place) {
      case 'before':
        return byte === OPEN_LIST ? this.#move('first', at + 1) : NOT_PLAIN;
      case 'first':
        if (byte === CLOSE_LIST) return this.#move('after', at + 1);
        break;
      case 'between':
        if (byte === COMMA) return this.#move('record', at + 1);
        return byte === CLOSE_LIST ? this.#move('after', at + 1) : NOT_PLAIN;
      case 'after':
        return NOT_PLAIN;
    }
    const next = this.#record(text, at, end);
    if (next < 0) return next;
    this.#records += 1;
    return this.#move(this.#lines ? 'record' : 'between', next);
  }

  #move(place: Place, at: number): number {
    this.#place = place;
    return at;
  }

  #record(text: Buffer, start: number, end: number): number {
    if (text[start] !== OPEN_RECORD) return NOT_PLAIN;
    const members = this.#members;
    const seen = this.#seen;
    const words = this.#words;
    let at = start + 1;
    let isFirst = true;
    for (let index = 0; index < members.length; index += 1) {
      const member = members[index]!;
      let name = at;
      // The usual spelling, without white space, at one go.
      const value = isFirst || at + member.lead.length > end ? -1 : skipWords(words, at, member);
      if (value > 0) {
        const next = skipValue(text, value, member.kind);
        if (next > 0 && next < end) {
          seen[index] = 1;
          at = next;
          continue;
        }
      }
      name = skipSpace(text, at);
      if (!isFirst) {
        if (text[name] === CLOSE_RECORD) break;
        if (text[name] !== COMMA) return stop(name, end);
        name = skipSpace(text, name + 1);
      }
      const colon = skipLiteral(text, name, member.name);
      if (colon < 0) {
        if (end - name < member.name.length) return MORE;
        // Absent, perhaps: then it is the name of a later member.
        if (member.isNeeded) return NOT_PLAIN;
        continue;
      }
      isFirst = false;
      at = skipSpace(text, colon);
      if (text[at] !== COLON) return stop(at, end);
      at = skipSpace(text, at + 1);
      const afterNull = skipLiteral(text, at, NULL);
      if (afterNull > 0) {
        if (member.isNeeded) return NOT_PLAIN;
        at = afterNull;
        continue;
      }
      const next = skipValue(text, at, member.kind);
      if (next < 0) return stop(-next, end);
      if (next >= end) return MORE;
      seen[index] = 1;
      at = next;
    }
    at = skipSpace(text, at);
    return text[at] === CLOSE_RECORD && !isFirst ? at + 1 : stop(at, end);
  }
}

function stop(at: number, end: number): number {
  return end - at < CLOSE ? MORE : NOT_PLAIN;
}

/** Like {@link skipLiteral}, of a member's lead, four bytes at a time. */
function skipWords(words: DataView, start: number, { lead, leadWords }: PlainMember): number {
  const last = leadWords.length - 1;
  const end = start + lead.length;
  // The last word may lie over the one before it: no lead is shorter than a word.
  if (words.getInt32(end - 4, true) !== leadWords[last]) return -1;
  for (let i = 0, at = start; i < last; i += 1, at += 4) {
    if (words.getInt32(at, true) !== leadWords[i]) return -1;
  }
  return end;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function skipSpace(text: Buffer, at: number): number {
  let next = at;
  while (isSpace(text[next]!)) next += 1;
  return next;
}

/** @returns the end of the literal, or -1 where something else stands there. */
function skipLiteral(text: Buffer, at: number, literal: Uint8Array): number {
  for (let i = 0; i < literal.length; i += 1) if (text[at + i] !== literal[i]) return -1;
  return at + literal.length;
}

/** @returns the end of a plain value, or minus the place at which it stops to be one. */
function skipValue(text: Buffer, at: number, kind: ValueKind): number {
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
