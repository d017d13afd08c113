import type { ColumnType } from '../contracts/index.js';
import { decimalParts } from './cell-rules/index.js';
import { literalBytes } from './json-bytes.js';
import type { TableWork } from './table-work.js';

/** How a value may be spelled that needs no judge. */
export type ValueKind =
  | { readonly kind: 'text' | 'day' | 'boolean' }
  /** So many digits before and after the point at most. */
  | { readonly kind: 'number'; readonly whole: number; readonly fraction: number };

/** A member of a plain record. */
export interface PlainMember {
  /** Its name in quotes, as bytes. */
  readonly name: Uint8Array;
  /** The same as it stands behind another member: a comma before it and a colon after it. */
  readonly lead: Uint8Array;
  /** Its words of four bytes, little-endian; the last one ends with it, whatever the one before. */
  readonly leadWords: Int32Array;
  readonly source: string;
  /** The name of the column that it fills. */
  readonly column: string;
  /** A record without it, or with null, is not plain. */
  readonly isNeeded: boolean;
  readonly kind: ValueKind;
}

/** Digits that a double keeps, whatever they are: decimals pass through one. */
const DIGITS_OF_DOUBLE = 15;
/** Digits that every one of which fits into 64 bits. */
const DIGITS_OF_BIGINT = 18;

/**
 * What plain records of a work look like, in the order of its first record; undefined where they
 * cannot be told by their spelling: nested or placed by their content, or with a type whose
 * spellings are many.
 */
export function plainMembers(work: TableWork): readonly PlainMember[] | undefined {
  const { usualKeys, isUniform, placement, table } = work;
  if (!usualKeys || !isUniform || placement.isNamed || table.within) return undefined;
  const members: PlainMember[] = [];
  const columns = [...work.columns, ...work.drift.columns].filter(({ column }) => column.role !== 'constant');
  for (const source of usualKeys) {
    const typed = columns.filter(({ sources }) => sources.includes(source));
    const kind = typed.length === 1 ? kindOf(typed[0]!.column.type) : undefined;
    const { name, nullable } = typed[0]?.column ?? { name: '', nullable: false };
    if (!kind || !/^[\w ./-]+$/.test(source) || members.some(({ column }) => column === name)) return undefined;
    const [before, after] = [literalBytes(`"${source}"`), literalBytes(`,"${source}":`)];
    members.push({
      name: before,
      lead: after,
      leadWords: words(after),
      source,
      column: name,
      isNeeded: !nullable,
      kind,
    });
  }
  const isComplete = columns.every(({ column }) => column.nullable || members.some((m) => m.column === column.name));
  return isComplete ? members : undefined;
}

function kindOf(type: ColumnType): ValueKind | undefined {
  if (typeof type !== 'string') return undefined;
  if (type === 'bigint') return { kind: 'number', whole: DIGITS_OF_BIGINT, fraction: 0 };
  if (type === 'double') return { kind: 'number', whole: DIGITS_OF_BIGINT, fraction: 30 };
  if (type === 'varchar') return { kind: 'text' };
  if (type === 'date') return { kind: 'day' };
  if (type === 'boolean') return { kind: 'boolean' };
  const [precision, scale] = decimalParts(type) ?? [];
  if (precision === undefined || scale === undefined) return undefined;
  const whole = Math.min(precision - scale, DIGITS_OF_DOUBLE - 1 - scale);
  return whole > 0 ? { kind: 'number', whole, fraction: scale } : undefined;
}

function words(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const count = Math.ceil(bytes.length / 4);
  return Int32Array.from({ length: count }, (_, index) => view.getInt32(Math.min(4 * index, bytes.length - 4), true));
}
