import { bytesOf, type SchemaElement, withLength } from '../../base/parquet.js';
import type { ColumnType } from '../../contracts/index.js';
import { decimalParts } from '../cell-rules/index.js';

/** Kinds of columns, by the numbers that `assembly/index.ts` knows them by. */
export const KIND = { decimal: 0, double: 1, text: 2, day: 3, boolean: 4 } as const;

/** How the reader is to read cells. */
export interface Reading {
  readonly kind: (typeof KIND)[keyof typeof KIND];
  /** Of decimals: digits before the point at most, and behind it. */
  readonly whole?: number;
  readonly scale?: number;
}

/** How the cells of a type are read from plain text, and how they stand in a Parquet file. */
export interface PlainType {
  /** How they are read; undefined where no spelling is plain. */
  readonly reads?: Reading;
  readonly schema: Omit<SchemaElement, 'name'>;
  /** Of one value in the reader's memory. */
  readonly bytes: number;
  /** Values as the reader keeps them, as a page of them; by default as they are. */
  readonly page?: (values: Uint8Array) => Uint8Array;
  /** A cell rule's verdict, as a page of it alone; undefined where a page cannot be used again and again. */
  readonly pageOf?: (value: unknown) => Uint8Array;
}

/** Digits that 64 bits hold, whatever they are. */
const DIGITS_OF_INT64 = 18;
const MS_OF_DAY = 86_400_000;

const TYPES: Readonly<Record<string, PlainType>> = {
  bigint: {
    reads: { kind: KIND.decimal, whole: DIGITS_OF_INT64, scale: 0 },
    schema: { type: 'INT64' },
    bytes: 8,
    pageOf: (value) => int64(value as bigint),
  },
  double: {
    reads: { kind: KIND.double },
    schema: { type: 'DOUBLE' },
    bytes: 8,
    pageOf: (value) => bytesOf(Float64Array.of(value as number)),
  },
  varchar: {
    reads: { kind: KIND.text },
    schema: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
    bytes: 4,
    pageOf: (value) => text(value as string),
  },
  date: {
    reads: { kind: KIND.day },
    schema: { type: 'INT32', converted_type: 'DATE' },
    bytes: 4,
    pageOf: (value) => bytesOf(Int32Array.of(Date.parse(`${value as string}T00:00:00Z`) / MS_OF_DAY)),
  },
  boolean: {
    reads: { kind: KIND.boolean },
    schema: { type: 'BOOLEAN' },
    bytes: 1,
    page: bits,
  },
  timestamptz: {
    schema: {
      type: 'INT64',
      converted_type: 'TIMESTAMP_MICROS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    bytes: 8,
  },
};

/** Undefined for a type whose cells cannot be told by their spelling, and that no plain record may lack either. */
export function plainType(type: ColumnType): PlainType | undefined {
  if (typeof type !== 'string') return undefined;
  if (Object.hasOwn(TYPES, type)) return TYPES[type];
  const [precision, scale] = decimalParts(type) ?? [];
  return precision === undefined || scale === undefined ? undefined : decimalType(precision, scale);
}

function decimalType(precision: number, scale: number): PlainType | undefined {
  const whole = Math.min(precision, DIGITS_OF_INT64) - scale;
  if (whole < 1) return undefined;
  const reads = { kind: KIND.decimal, whole, scale };
  const unscaled = (value: unknown) => int64(BigInt((value as string).replace('.', '')));
  const decimal = { converted_type: 'DECIMAL', precision, scale } as const;
  if (precision <= DIGITS_OF_INT64) return { reads, schema: { type: 'INT64', ...decimal }, bytes: 8, pageOf: unscaled };
  // Parquet has them in sixteen bytes only, the highest first.
  const schema = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: WIDE, ...decimal } as const;
  return { reads, schema, bytes: 8, page: wide };
}

const WIDE = 16;

function wide(values: Uint8Array): Uint8Array {
  const from = new DataView(values.buffer, values.byteOffset, values.length);
  const to = new DataView(new ArrayBuffer(2 * values.length));
  for (let at = 0; at < values.length; at += 8) {
    const value = from.getBigInt64(at, true);
    to.setBigInt64(2 * at, value < 0n ? -1n : 0n);
    to.setBigInt64(2 * at + 8, value);
  }
  return new Uint8Array(to.buffer);
}

function bits(values: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(values.length / 8));
  for (let i = 0; i < values.length; i += 1) packed[i >> 3]! |= values[i]! << (i & 7);
  return packed;
}

function int64(value: bigint): Uint8Array {
  return bytesOf(BigInt64Array.of(value));
}

/** A text, as a page of it alone. */
export function text(value: string): Uint8Array {
  return withLength(Buffer.from(value));
}

/** The schema's element of a column of a type. */
export function elementOf(name: string, { schema }: PlainType): SchemaElement {
  return { name, ...schema, repetition_type: 'OPTIONAL' };
}
