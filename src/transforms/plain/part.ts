import { bytesOf, type EncodedColumn, type SchemaElement, sameIndexes, writeParquet } from '../../base/parquet.js';
import { STAGE_COLUMNS } from '../../contracts/index.js';
import { Part } from '../parts.js';
import type { TableWork } from '../table-work.js';
import type { PlainRecords } from './records.js';
import { isMember, type PlainTable, type SameColumn } from './table.js';
import { elementOf, type PlainType, plainType, text } from './types.js';

/** A page of one value; null for none. */
type Page = SameColumn['page'];
type StageColumn = (typeof STAGE_COLUMNS)[number];

const TEXT = plainType('varchar')!;
const INTEGER = plainType('bigint')!;

/** The text that plain records come from. */
export interface PlainSource {
  readonly work: TableWork;
  readonly table: PlainTable;
  /** Records of the artifact before it. */
  readonly firstRow: number;
}

/** Writes plain records to a part. @param sources of their texts, in the order of these; all with the same columns. */
export async function writePlainPart(
  path: string,
  plain: PlainRecords,
  sources: readonly [PlainSource, ...PlainSource[]],
): Promise<Part> {
  const same = (name: string, type: PlainType, pages: readonly Page[]) =>
    sameInText(
      name,
      type,
      pages.map((page, i) => ({ page, rows: plain.texts[i]!.plain })),
    );
  const told = (name: StageColumn, value: (source: PlainSource) => string) =>
    same(
      name,
      TEXT,
      sources.map((source) => text(value(source))),
    );
  const stage: Readonly<Record<StageColumn, EncodedColumn>> = {
    _artifact: told('_artifact', ({ work }) => work.artifactId),
    _scope: told('_scope', ({ work }) => work.placement.fallback.scope),
    _slice: told('_slice', ({ work }) => work.placement.fallback.slice),
    _row: rowNumbers(plain, sources),
    _raw: nothing([elementOf('_raw', TEXT)]),
    _reasons: nothing(textList('_reasons')),
  };
  const columns = sources[0].table.columns.map((column, place) => {
    if (isMember(column)) return plain.cells[column.member]!;
    const pages = sources.map(({ table }) => (table.columns[place] as SameColumn).page);
    return same(column.name, column.type, pages);
  });
  const part = new Part(path);
  try {
    await writeParquet(path, [...STAGE_COLUMNS.map((name) => stage[name]), ...columns], plain.rows.length);
    return part;
  } catch (error) {
    await part.release();
    throw error;
  }
}

/** One value, or none, in all rows of a text. */
function sameInText(
  name: string,
  type: PlainType,
  runs: readonly { readonly page: Page; readonly rows: number }[],
): EncodedColumn {
  const schema = [elementOf(name, type)] as const;
  const own = runs.filter(({ rows }) => rows > 0);
  const pages = own.map(({ page }) => page).filter((page) => page !== null);
  if (pages.length === 0) return nothing(schema);
  return {
    schema,
    nulls: new Uint32Array(0),
    dictionary: { count: pages.length, bytes: Buffer.concat(pages) },
    values: sameIndexes(own.map(({ rows }, index) => ({ rows, index }))),
  };
}

/** No value in any row. */
function nothing(schema: EncodedColumn['schema']): EncodedColumn {
  return { schema, nulls: 'all', values: [] };
}

function rowNumbers({ rows, texts }: PlainRecords, sources: readonly PlainSource[]): EncodedColumn {
  // As 64 bits, in two halves: an artifact may have more rows than a half can count.
  const halves = new Uint32Array(2 * rows.length);
  let at = 0;
  for (const [i, { firstRow }] of sources.entries()) {
    for (const end = at + texts[i]!.plain; at < end; at += 1) {
      const number = firstRow + rows[at]!;
      halves[2 * at] = number;
      halves[2 * at + 1] = number / 2 ** 32;
    }
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
