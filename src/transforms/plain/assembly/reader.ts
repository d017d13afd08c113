import { Block } from './block';
import {
  byteAt,
  CLOSE_LIST,
  CLOSE_RECORD,
  COLON,
  COMMA,
  endOfObject,
  isNull,
  isSpace,
  lineEnd,
  OPEN_LIST,
  OPEN_RECORD,
  SLACK,
  skipSpace,
} from './bytes';
import { setAside } from './host';
import { Member } from './member';

/** Where in the text the reader stands between two records; the host knows these numbers. */
const BEFORE: i32 = 0;
const FIRST: i32 = 1;
const RECORD: i32 = 2;
const AFTER: i32 = 3;

/** Results of a step that are no place. */
const MORE: i32 = -1;
const NOT_PLAIN: i32 = -2;

/** What looks wrong so close to the end of the bytes may be cut: it is looked at again with the next ones. */
const CLOSE: i32 = 16;

/** Pieces of a text come in turns to so many places: one is read, the next one waits, and a third is being put. */
export const DOCKS: i32 = 3;

/** Room before a piece for what is left of the one before: a record, or more. */
const HEAD: i32 = 1 << 16;

/** Longer records are not looked at: they would have to be kept in memory. */
const LONGEST_RECORD: i32 = 1 << 20;

/** Reads plain records as their bytes come, and keeps their cells by column. */
@final
export class Reader {
  readonly members: Member[] = [];
  place: i32 = BEFORE;
  /** Of the text under way: all records read, odd ones included. */
  records: i32 = 0;
  /** The number of each plain one in its text, from 1. */
  readonly rows: Block = new Block();
  rowCount: i32 = 0;
  /** Where the text under way began. */
  private firstRow: i32 = 0;
  /** What is left of earlier bytes, in one of the two blocks below. */
  rest: i32 = 0;
  restBytes: i32 = 0;
  /** For bytes that come behind the rest: see {@link input}. */
  private readonly text: Block = new Block();
  /** For those that come where there is room: see {@link dock}. */
  private readonly docks: Block = new Block();
  /** Something in the text under way was not plain: what follows is kept, and not read. */
  private isStopped: bool = false;
  /** Where the text at hand ends. */
  private end: i32 = 0;

  constructor(private readonly isLines: bool) {
    if (isLines) this.place = RECORD;
  }

  /** Begins another text, behind the cells that are there. */
  beginText(): void {
    this.place = this.isLines ? RECORD : BEFORE;
    this.records = 0;
    this.restBytes = 0;
    this.isStopped = false;
    this.firstRow = this.rowCount;
    for (let i = 0; i < this.members.length; i += 1) unchecked(this.members[i]).column.beginText();
  }

  /** Forgets what came of the text under way. */
  undoText(): void {
    this.rowCount = this.firstRow;
    for (let i = 0; i < this.members.length; i += 1) unchecked(this.members[i]).column.undoText();
  }

  /** Makes room behind the rest for so many bytes. @returns where they go. */
  input(bytes: i32): i32 {
    const isElsewhere = this.rest !== this.text.start;
    this.text.reserve(this.restBytes + bytes + SLACK);
    if (isElsewhere) memory.copy(this.text.start, this.rest, this.restBytes);
    this.rest = this.text.start;
    return this.rest + this.restBytes;
  }

  /** Reads bytes that were put where {@link input} said. @returns whether all is plain so far. */
  push(bytes: i32): bool {
    if (this.isStopped) {
      this.restBytes += bytes;
      return false;
    }
    const isPlain = this.read(this.rest, this.rest + this.restBytes + bytes);
    memory.copy(this.text.start, this.rest, this.restBytes);
    this.rest = this.text.start;
    return isPlain;
  }

  /** @returns where pieces of up to so many bytes may be put, of {@link DOCKS} places that are used in turns. */
  dock(number: i32, bytes: i32): i32 {
    const size = HEAD + bytes + SLACK;
    this.docks.reserve(DOCKS * size);
    return this.docks.start + number * size + HEAD;
  }

  /**
   * Reads a piece where it was put: one that comes to the same place must wait until the next one
   * is read. @returns like {@link push}.
   */
  pushDocked(at: i32, bytes: i32): bool {
    if (this.isStopped || this.restBytes > HEAD) {
      memory.copy(this.input(bytes), at, bytes);
      return this.push(bytes);
    }
    const start = at - this.restBytes;
    memory.copy(start, this.rest, this.restBytes);
    return this.read(start, at + bytes);
  }

  /** Reads what stands here, with room for {@link SLACK} behind it. @returns like {@link push}. */
  private read(start: i32, end: i32): bool {
    let at = start;
    this.end = end;
    memory.fill(end, 0, SLACK);
    while (at < this.end) {
      const next = this.step(at);
      if (next < 0) {
        this.isStopped = next !== MORE || this.end - at > LONGEST_RECORD;
        break;
      }
      at = next;
    }
    this.rest = at;
    this.restBytes = this.end - at;
    return !this.isStopped;
  }

  free(): void {
    this.rows.free();
    this.text.free();
    this.docks.free();
    for (let i = 0; i < this.members.length; i += 1) unchecked(this.members[i]).free();
  }

  /** Passes white space, a bracket, or a record with what separates it from the next. @returns where it ends. */
  private step(at: i32): i32 {
    const byte = byteAt(at);
    if (isSpace(byte)) return at + 1;
    if (this.place === BEFORE) {
      if (byte !== OPEN_LIST) return NOT_PLAIN;
      this.place = FIRST;
      return at + 1;
    }
    if (this.place === AFTER) return NOT_PLAIN;
    if (this.place === FIRST && byte === CLOSE_LIST) {
      this.place = AFTER;
      return at + 1;
    }
    return this.isLines ? this.line(at) : this.element(at);
  }

  private element(start: i32): i32 {
    const close = this.record(start);
    const next = close < 0 ? close : this.separatorEnd(close);
    if (next > 0) return this.pass(next);
    if (close > 0) this.undo();
    return next === MORE ? MORE : this.oddElement(start);
  }

  /** Brackets and quotes tell where a record ends, whatever it holds. */
  private oddElement(start: i32): i32 {
    if (byteAt(start) !== OPEN_RECORD) return NOT_PLAIN;
    const close = endOfObject(start, this.end);
    if (close < 0) return MORE;
    const next = this.separatorEnd(close);
    if (next < 0) return next;
    return this.setAside(start, close) ? this.pass(next) : NOT_PLAIN;
  }

  /** @returns the end of the comma or bracket behind an element. */
  private separatorEnd(start: i32): i32 {
    const at = skipSpace(start);
    const byte = byteAt(at);
    if (byte === COMMA || byte === CLOSE_LIST) return at + 1;
    return at >= this.end ? MORE : NOT_PLAIN;
  }

  /** Passes an element and the comma or bracket behind it. */
  private pass(next: i32): i32 {
    this.place = byteAt(next - 1) === COMMA ? RECORD : AFTER;
    return next;
  }

  /** A record on a line of its own: the line ends it, whatever stands in it. */
  private line(start: i32): i32 {
    const close = lineEnd(start, this.end);
    if (close < 0) return MORE;
    const next = this.record(start);
    if (next > 0 && next <= close && skipSpace(next) > close) return close + 1;
    if (next > 0) this.undo();
    return this.setAside(start, close) ? close + 1 : NOT_PLAIN;
  }

  private setAside(start: i32, end: i32): bool {
    if (!setAside(start, end - start, this.records + 1)) return false;
    this.records += 1;
    return true;
  }

  /** Reads a plain record. @returns where it ends; else nothing of it is kept. */
  private record(start: i32): i32 {
    if (byteAt(start) !== OPEN_RECORD) return NOT_PLAIN;
    const members = this.members;
    const row = this.rowCount;
    const end = this.end;
    let at = start + 1;
    let isFirst = true;
    for (let i = 0, count = members.length; i < count; i += 1) {
      const member = unchecked(members[i]);
      // The usual spelling, without white space, at one go.
      if (!isFirst && member.isLeadAt(at)) {
        const value = at + member.leadLength;
        if (!isNull(value)) {
          const next = member.column.read(value);
          if (next >= end) return this.forget(MORE, i + 1);
          if (next > 0) {
            at = next;
            continue;
          }
        } else if (!member.isNeeded) {
          member.column.addNull(row);
          at = value + 4;
          continue;
        }
      }
      let name = skipSpace(at);
      const isOver = byteAt(name) === CLOSE_RECORD;
      if (!isFirst && !isOver) {
        if (byteAt(name) !== COMMA) return this.forget(this.stop(name), i);
        name = skipSpace(name + 1);
      }
      if (isOver || !member.isNameAt(name)) {
        if (!isOver && end - name < member.nameLength) return this.forget(MORE, i);
        // Absent, perhaps: then it is the name of a later member.
        if (member.isNeeded) return this.forget(NOT_PLAIN, i);
        member.column.addNull(row);
        continue;
      }
      isFirst = false;
      at = skipSpace(name + member.nameLength);
      if (byteAt(at) !== COLON) return this.forget(this.stop(at), i);
      at = skipSpace(at + 1);
      if (isNull(at)) {
        if (member.isNeeded) return this.forget(NOT_PLAIN, i);
        member.column.addNull(row);
        at += 4;
        continue;
      }
      const next = member.column.read(at);
      if (next < 0) return this.forget(this.stop(-next), i);
      if (next >= end) return this.forget(MORE, i + 1);
      at = next;
    }
    at = skipSpace(at);
    if (byteAt(at) !== CLOSE_RECORD || isFirst) return this.forget(this.stop(at), members.length);
    this.keep();
    return at + 1;
  }

  private keep(): void {
    this.records += 1;
    this.rows.reserve((this.rowCount + 1) << 2);
    store<i32>(this.rows.start + (this.rowCount << 2), this.records);
    this.rowCount += 1;
  }

  /** Forgets the record that was kept last. */
  private undo(): void {
    this.records -= 1;
    this.rowCount -= 1;
    this.forget(NOT_PLAIN, this.members.length);
  }

  /** Forgets the first members of the record at hand. @returns `result`. */
  private forget(result: i32, count: i32): i32 {
    for (let i = 0; i < count; i += 1) unchecked(this.members[i]).column.undo(this.rowCount);
    return result;
  }

  private stop(at: i32): i32 {
    return this.end - at < CLOSE ? MORE : NOT_PLAIN;
  }
}
