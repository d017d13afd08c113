import fs from 'node:fs/promises';
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { serializeTCompactProtocol } from 'hyparquet-writer/src/thrift.js';

type FileMetaData = Parameters<typeof writeMetadata>[1];
type ColumnMetaData = NonNullable<FileMetaData['row_groups'][number]['columns'][number]['meta_data']>;
/** An element of Parquet's schema. */
export type SchemaElement = FileMetaData['schema'][number];

/** A column of a file with one row group, its values encoded already. Every column may be null. */
export interface EncodedColumn {
  /** The column's element; of a list also those of its repeated group and of its values. */
  readonly schema: readonly [SchemaElement, ...SchemaElement[]];
  /** Rows that are null, ascending, from 0. A list is null in all of them. */
  readonly nulls: Uint32Array | 'all';
  /** The distinct values, encoded plainly: then {@link values} are indexes, as {@link indexes} encodes them. */
  readonly dictionary?: { readonly count: number; readonly bytes: Uint8Array };
  /** Values that are not null, encoded plainly; in pieces that belong together. */
  readonly values: readonly Uint8Array[];
}

const MAGIC = Buffer.from('PAR1');
/** Of Parquet's enumerations. */
const [DATA_PAGE, DICTIONARY_PAGE] = [0, 2];
const [PLAIN, RLE, RLE_DICTIONARY] = [0, 3, 8];

/** Writes a Parquet file, uncompressed, without statistics. What pieces view must not change until it is written. */
export async function writeParquet(path: string, columns: readonly EncodedColumn[], rows: number): Promise<void> {
  const pieces: Uint8Array[] = [MAGIC];
  let offset = MAGIC.length;
  const put = (piece: Uint8Array) => {
    pieces.push(piece);
    offset += piece.length;
  };
  const chunks = columns.map((column) => {
    const start = offset;
    if (column.dictionary) dictionaryPage(column.dictionary).forEach(put);
    const dataStart = offset;
    dataPage(column, rows).forEach(put);
    return metadataOf(column, rows, { start, dataStart, end: offset });
  });
  put(footer(columns, chunks, rows, offset - MAGIC.length));
  put(MAGIC);
  const handle = await fs.open(path, 'wx');
  try {
    const { bytesWritten } = await handle.writev(pieces);
    // Short where the disk is full: what is left then says so.
    if (bytesWritten < offset) await handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
  } finally {
    await handle.close();
  }
}

/** Indexes into a dictionary, each in as many bytes as the dictionary's size asks for. */
export function indexes(places: Uint32Array, dictionarySize: number): Uint8Array[] {
  const bytes = dictionarySize <= 1 << 8 ? 1 : dictionarySize <= 1 << 16 ? 2 : 4;
  const groups = Math.ceil(places.length / 8);
  // Whole groups of eight, filled up with zeros.
  const packed =
    bytes === 1 ? new Uint8Array(groups * 8) : bytes === 2 ? new Uint16Array(groups * 8) : new Uint32Array(groups * 8);
  packed.set(places);
  return [Uint8Array.of(bytes * 8), packedRun(groups), bytesOf(packed)];
}

/** Indexes into a dictionary that stay the same for many rows. */
export function sameIndexes(runs: readonly { readonly index: number; readonly rows: number }[]): Uint8Array[] {
  const bytes = runs.some(({ index }) => index >= 1 << 8) ? 2 : 1;
  return [Uint8Array.of(bytes * 8), ...runs.map(({ index, rows }) => equalRun(rows, index, bytes))];
}

/** Of the encoding of levels and indexes: a run of one value, of one byte or two. */
function equalRun(length: number, value: number, bytes: 1 | 2 = 1): Uint8Array {
  const run = new ByteWriter(8);
  run.appendVarInt(length << 1);
  run.appendUint8(value & 0xff);
  if (bytes === 2) run.appendUint8(value >> 8);
  return run.getBytes();
}

/** Of the same: what stands before so many groups of eight values, each packed into its bits. */
function packedRun(groups: number): Uint8Array {
  const run = new ByteWriter(8);
  run.appendVarInt((groups << 1) | 1);
  return run.getBytes();
}

/** The bytes of an array, little-endian as this machine's. */
export function bytesOf(array: NodeJS.TypedArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Whether each row has a value, as Parquet's definition levels; behind the repetition levels of lists. */
function levels({ schema, nulls }: EncodedColumn, rows: number): Uint8Array[] {
  const run = (level: number) => withLength(equalRun(rows, level));
  if (schema.length > 1) return [run(0), run(0)];
  if (nulls === 'all' || nulls.length === rows) return [run(0)];
  if (nulls.length === 0) return [run(1)];
  const groups = Math.ceil(rows / 8);
  const bits = new Uint8Array(groups).fill(0xff);
  for (const row of nulls) bits[row >> 3]! &= ~(1 << (row & 7));
  return [withLength(Buffer.concat([packedRun(groups), bits]))];
}

/** Bytes behind their length, as levels stand on a page, and each text. */
export function withLength(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function dictionaryPage({ count, bytes }: NonNullable<EncodedColumn['dictionary']>): Uint8Array[] {
  const header = { field_1: DICTIONARY_PAGE, field_2: bytes.length, field_3: bytes.length };
  return [thrift({ ...header, field_7: { field_1: count, field_2: PLAIN } }), bytes];
}

function dataPage(column: EncodedColumn, rows: number): Uint8Array[] {
  const body = [...levels(column, rows), ...column.values];
  const size = body.reduce((sum, { length }) => sum + length, 0);
  const encoding = column.dictionary ? RLE_DICTIONARY : PLAIN;
  const values = { field_1: rows, field_2: encoding, field_3: RLE, field_4: RLE };
  return [thrift({ field_1: DATA_PAGE, field_2: size, field_3: size, field_5: values }), ...body];
}

function metadataOf(
  { schema, dictionary }: EncodedColumn,
  rows: number,
  { start, dataStart, end }: { readonly start: number; readonly dataStart: number; readonly end: number },
): ColumnMetaData {
  const size = BigInt(end - start);
  return {
    type: schema.at(-1)!.type!,
    encodings: dictionary ? ['PLAIN', 'RLE', 'RLE_DICTIONARY'] : ['PLAIN', 'RLE'],
    path_in_schema: schema.map(({ name }) => name),
    codec: 'UNCOMPRESSED',
    num_values: BigInt(rows),
    total_uncompressed_size: size,
    total_compressed_size: size,
    data_page_offset: BigInt(dataStart),
    ...(dictionary ? { dictionary_page_offset: BigInt(start) } : {}),
  };
}

function footer(
  columns: readonly EncodedColumn[],
  chunks: readonly ColumnMetaData[],
  rows: number,
  bytes: number,
): Uint8Array {
  const writer = new ByteWriter(1 << 14);
  writeMetadata(writer, {
    version: 1,
    schema: [
      { name: 'schema', num_children: columns.length, repetition_type: 'REQUIRED' },
      ...columns.flatMap(({ schema }) => schema),
    ],
    num_rows: BigInt(rows),
    row_groups: [
      {
        columns: chunks.map((meta_data) => ({ file_offset: 0n, meta_data })),
        total_byte_size: BigInt(bytes),
        num_rows: BigInt(rows),
      },
    ],
    created_by: 'millpond',
    metadata_length: 0,
  });
  return writer.getBytes();
}

function thrift(value: Parameters<typeof serializeTCompactProtocol>[1]): Uint8Array {
  const writer = new ByteWriter(64);
  serializeTCompactProtocol(writer, value);
  return writer.getBytes();
}
