import { bytesOf, type EncodedColumn, type SchemaElement, writeParquet } from '../../base/parquet.js';
import { STAGE_COLUMNS } from '../../contracts/index.js';
import { Part } from '../parts.js';
import type { TableWork } from '../table-work.js';
import type { PlainRecords } from './reader.js';
import { constant, nothing } from './table.js';
import { elementOf, plainType, text } from './types.js';

type StageColumn = (typeof STAGE_COLUMNS)[number];

const TEXT = plainType('varchar')!;
const INTEGER = plainType('bigint')!;

/** Writes plain records to a part. @param firstRow records of the artifact before them. */
export async function writePlainPart(
  path: string,
  plain: PlainRecords,
  work: TableWork,
  firstRow: number,
): Promise<Part> {
  const { scope, slice } = work.placement.fallback;
  const same = (name: StageColumn, value: string) => constant(name, TEXT, text(value))(plain.rows.length);
  const stage: Readonly<Record<StageColumn, EncodedColumn>> = {
    _artifact: same('_artifact', work.artifactId),
    _scope: same('_scope', scope),
    _slice: same('_slice', slice),
    _row: rowNumbers(plain.rows, firstRow),
    _raw: nothing([elementOf('_raw', TEXT)]),
    _reasons: nothing(textList('_reasons')),
  };
  const part = new Part(path);
  try {
    await writeParquet(path, [...STAGE_COLUMNS.map((name) => stage[name]), ...plain.columns], plain.rows.length);
    return part;
  } catch (error) {
    await part.release();
    throw error;
  }
}

function rowNumbers(rows: Uint32Array, firstRow: number): EncodedColumn {
  // As 64 bits, in two halves: an artifact may have more rows than a half can count.
  const halves = new Uint32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i += 1) {
    const number = firstRow + rows[i]!;
    halves[2 * i] = number;
    halves[2 * i + 1] = number / 2 ** 32;
  }
  return {
    schema: [elementOf('_row', INTEGER)],
    nulls: new Uint32Array(0),
    values: [bytesOf(halves)],
  };
}

function textList(name: string): readonly [SchemaElement, ...SchemaElement[]] {
  return [
    { name, converted_type: 'LIST', num_children: 1, repetition_type: 'OPTIONAL' },
    { name: 'list', num_children: 1, repetition_type: 'REPEATED' },
    elementOf('element', TEXT),
  ];
}
