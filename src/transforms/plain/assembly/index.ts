import { BooleanColumn } from './booleans';
import { Column } from './column';
import { DayColumn } from './days';
import { Dictionary } from './dictionary';
import { Member } from './member';
import { DecimalColumn, DoubleColumn } from './numbers';
import { DOCKS, Reader } from './reader';
import { TextColumn } from './texts';

/** Kinds of columns; the host knows these numbers. */
const DECIMAL: i32 = 0;
const DOUBLE: i32 = 1;
const TEXT: i32 = 2;
const DAY: i32 = 3;
const BOOLEAN: i32 = 4;

let reader: Reader = new Reader(false);

/** Begins a text; all that was before is gone. */
export function begin(isLines: bool): void {
  reader.free();
  reader = new Reader(isLines);
}

/** Begins another text of the same kind. @param keeps whether the cells of the one before stay. */
export function next(keeps: bool): void {
  if (!keeps) reader.undoText();
  reader.beginText();
}

/** Gives back what readers of former texts have left: the runtime does so when it is told, between two calls. */
export function collect(): void {
  __collect();
}

/** Adds a member whose name was put where {@link input} said. @param whole digits, of decimals, before the point. */
export function addMember(nameLength: i32, isNeeded: bool, kind: i32, whole: i32, scale: i32): void {
  reader.members.push(new Member(reader.input(0), nameLength, isNeeded, newColumn(kind, whole, scale)));
}

function newColumn(kind: i32, whole: i32, scale: i32): Column {
  if (kind === DECIMAL) return new DecimalColumn(whole, scale);
  if (kind === DOUBLE) return new DoubleColumn();
  if (kind === DAY) return new DayColumn();
  if (kind === BOOLEAN) return new BooleanColumn();
  assert(kind === TEXT);
  return new TextColumn();
}

/** Makes room for so many bytes. @returns where they go. */
export function input(bytes: i32): i32 {
  return reader.input(bytes);
}

/** Reads bytes that were put where {@link input} said. @returns whether all is plain so far. */
export function push(bytes: i32): bool {
  return reader.push(bytes);
}

/** How many places there are for pieces of a text, to be used in turns. */
export function docks(): i32 {
  return DOCKS;
}

/** @returns where a piece of up to so many bytes may be put. */
export function dock(number: i32, bytes: i32): i32 {
  return reader.dock(number, bytes);
}

/** Reads a piece that was put into a {@link dock}, behind what came before. @returns like {@link push}. */
export function pushDocked(at: i32, bytes: i32): bool {
  return reader.pushDocked(at, bytes);
}

export function place(): i32 {
  return reader.place;
}

/** What is not read yet. */
export function rest(): i32 {
  return reader.rest;
}

export function restBytes(): i32 {
  return reader.restBytes;
}

export function records(): i32 {
  return reader.records;
}

/** Numbers of the plain records, of 32 bits. */
export function rows(): i32 {
  return reader.rows.start;
}

export function rowCount(): i32 {
  return reader.rowCount;
}

/** Values of a member that are not null. */
export function values(member: i32): i32 {
  return columnOf(member).values.start;
}

export function valueCount(member: i32): i32 {
  return columnOf(member).count;
}

/** Rows in which a member is null, of 32 bits. */
export function nulls(member: i32): i32 {
  return columnOf(member).nulls.start;
}

export function nullCount(member: i32): i32 {
  return columnOf(member).nullCount;
}

/** The texts that a member's values are places of, on a page. */
export function dictionary(member: i32): i32 {
  return dictionaryOf(member).page.start;
}

export function dictionaryBytes(member: i32): i32 {
  return dictionaryOf(member).pageBytes;
}

export function dictionaryCount(member: i32): i32 {
  return dictionaryOf(member).count;
}

function columnOf(member: i32): Column {
  return reader.members[member].column;
}

function dictionaryOf(member: i32): Dictionary {
  return (columnOf(member) as TextColumn).dictionary;
}
