import { JoinedBytes } from './joined-bytes.js';
import { COMMA, endOfObject, isSpace, NULL, skipLiteral, skipSpace, skipValue } from './json-bytes.js';
import type { OddRecord } from './odd-records.js';
import type { PlainMember } from './plain-grammar.js';

/** What a text turned out to hold in which every record is plain, but for a few. */
export interface PlainText {
  readonly members: readonly PlainMember[];
  readonly records: number;
  /** Those of them that are not plain, in their order. */
  readonly odd: readonly OddRecord[];
  /** Names of columns for which a plain record had a value. */
  readonly seen: ReadonlySet<string>;
}

/** Results of a scan that are no position. */
const MORE = -1;
const NOT_PLAIN = -2;

/** What looks wrong so close to the end of the bytes may be cut: it is looked at again with the next ones. */
const CLOSE = 16;

/** Longer records are not looked at: they would have to be kept in memory. */
const LONGEST_RECORD = 1 << 20;

/** So many plain records make one that is not worth judging by itself; with more, all are judged in SQL. */
const PLAIN_FOR_ODD = 32;
/** Odd ones that may come before it is known how many are plain. */
const ODD_AT_FIRST = 16;
/** Bytes of odd records that are kept in memory. */
const MOST_ODD_BYTES = 4 << 20;

const COLON = 0x3a;
const OPEN_RECORD = 0x7b;
const CLOSE_RECORD = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;

/** Of all scanners: none waits between taking bytes and being done with them. */
const JOINED = new JoinedBytes();

/** Where in the text the scan stands between two records. */
type Place = 'before' | 'first' | 'record' | 'between' | 'after';

/**
 * Looks at every byte of a text as it passes, and tells whether its records are plain: known
 * members only, in their usual order, each value spelled so that DuckDB's typed reader cannot but
 * read it exactly. They need no check of their cells in SQL, which costs more than reading them.
 * A few odd records among many plain ones are noted, to be judged one by one. Where they are
 * more, or where it cannot be told where they end, the scan ends, and all is judged in SQL.
 */
export class PlainScanner {
  readonly #members: readonly PlainMember[];
  readonly #lines: boolean;
  /** For each member the number of the first record that has a value for it; none: 0. */
  readonly #seen: Uint32Array;
  readonly #odd: OddRecord[] = [];
  #oddBytes = 0;
  #place: Place;
  #records = 0;
  #isPlain = true;
  /** Bytes of the text before those at hand. */
  #before = 0;
  #rest: Buffer = Buffer.alloc(0);
  /** The text at hand, four bytes at a time. */
  #words: DataView = new DataView(new ArrayBuffer(0));

  constructor(members: readonly PlainMember[], format: 'array' | 'ndjson') {
    this.#members = members;
    this.#lines = format === 'ndjson';
    this.#place = this.#lines ? 'record' : 'before';
    this.#seen = new Uint32Array(members.length);
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
    this.#before += at;
    if (this.#rest.length > LONGEST_RECORD) this.#giveUp();
  }

  /** The text is over. @returns undefined where it is not plain. */
  end(): PlainText | undefined {
    const isWhole = this.#lines ? this.#place === 'record' : this.#place === 'after';
    if (!this.#isPlain || !isWhole || this.#rest.length > 0 || this.#records === 0) return undefined;
    if (this.#odd.length * PLAIN_FOR_ODD > this.#records) return undefined;
    const seen = this.#members.filter((_, index) => this.#seen[index]! > 0).map(({ column }) => column);
    return { members: this.#members, records: this.#records, odd: this.#odd, seen: new Set(seen) };
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
    this.#records += 1;
    let next = this.#record(text, at, end);
    if (next === NOT_PLAIN) next = this.#setAside(text, at, end);
    if (next < 0) this.#records -= 1;
    return next < 0 ? next : this.#move(this.#lines ? 'record' : 'between', next);
  }

  /** Notes a record that is not plain. @returns where it ends. */
  #setAside(text: Buffer, start: number, end: number): number {
    // Lines end records, whatever stands in them: there a bracket tells nothing.
    if (this.#lines || text[start] !== OPEN_RECORD) return NOT_PLAIN;
    const next = endOfObject(text, start, end);
    if (next < 0) return MORE;
    for (const [index, first] of this.#seen.entries()) if (first === this.#records) this.#seen[index] = 0;
    this.#odd.push({ row: this.#records, at: this.#before + start, bytes: Buffer.from(text.subarray(start, next)) });
    this.#oddBytes += next - start;
    const isTooMuch = this.#odd.length > ODD_AT_FIRST + this.#records / PLAIN_FOR_ODD;
    return isTooMuch || this.#oddBytes > MOST_ODD_BYTES ? NOT_PLAIN : next;
  }

  #move(place: Place, at: number): number {
    this.#place = place;
    return at;
  }

  #record(text: Buffer, start: number, end: number): number {
    if (text[start] !== OPEN_RECORD) return NOT_PLAIN;
    const members = this.#members;
    const seen = this.#seen;
    const number = this.#records;
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
          if (seen[index] === 0) seen[index] = number;
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
      if (seen[index] === 0) seen[index] = number;
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
