import { identifier, literal, literalList, sqlType } from '../../base/duckdb/quote.js';
import { MillpondError } from '../../base/errors.js';
import { type ColumnType, META_COLUMNS, type SliceKey, type Stage } from '../../contracts/index.js';

/** A column as it stands, or shall stand, in a file. */
export interface FileColumn {
  readonly name: string;
  readonly type: ColumnType;
}

/** What the other files of a table hold: types by column. */
export type HeldTypes = ReadonlyMap<string, readonly ColumnType[]>;

/**
 * The columns of a new file, from what its sources (stages, or the file before it) bring.
 *
 * Files of a table are read together (`union_by_name`), and DuckDB then finds one type for each
 * column; some pairs it would round (BIGINT with DOUBLE) or refuse (VARCHAR with STRUCT). So the
 * type stays what it is while it reads together with those held without loss; else the new
 * values are written as text, or as JSON beside JSON. Files held are never touched for it.
 * @throws MillpondError `E_CONFLICT` where no way of writing keeps every value readable.
 */
export function fileColumns(
  table: string,
  sources: readonly (readonly FileColumn[])[],
  inPath: readonly string[],
  held: HeldTypes,
): FileColumn[] {
  const types = new Map<string, ColumnType[]>();
  for (const column of sources.flat()) {
    if (inPath.includes(column.name)) continue;
    types.set(column.name, [...(types.get(column.name) ?? []), column.type]);
  }
  return [...types].map(([name, incoming]) => {
    const distinct = new Set(incoming.map(sqlType));
    const type = distinct.size === 1 ? incoming[0]! : 'varchar';
    return { name, type: storedType(table, name, type, held.get(name) ?? []) };
  });
}

function storedType(table: string, name: string, type: ColumnType, held: readonly ColumnType[]): ColumnType {
  for (const candidate of [type, 'varchar', 'json'] as const) {
    if (held.every((other) => readTogether(other, candidate))) return candidate;
  }
  throw new MillpondError(
    'E_CONFLICT',
    `${table}.${name} is ${[...new Set(held.map(sqlType))].join(' and ')} in files of the lake and ${sqlType(type)} now, which cannot be read together`,
    { at: { table, column: name }, hint: `Load the whole table again with --reload, after moving its folder away.` },
  );
}

/** Whether DuckDB reads two files with these types of one column together and loses nothing. */
export function readTogether(a: ColumnType, b: ColumnType): boolean {
  if (sqlType(a) === sqlType(b)) return true;
  if (typeof a === 'string' && typeof b === 'string') {
    if (a === 'json' || b === 'json') return false;
    if (a === 'varchar' || b === 'varchar') return true;
    const [x, y] = [digits(a), digits(b)];
    return x !== undefined && y !== undefined && Math.max(x.whole, y.whole) + Math.max(x.scale, y.scale) <= 38;
  }
  if (typeof a === 'string' || typeof b === 'string') return false;
  if ('list' in a || 'list' in b) return 'list' in a && 'list' in b && readTogether(a.list, b.list);
  return a.struct.every((field) => {
    const other = b.struct.find(({ name }) => name === field.name);
    return other === undefined || readTogether(field.type, other.type);
  });
}

/** Digits before and after the point that an exact number can have. */
function digits(type: string): { whole: number; scale: number } | undefined {
  if (type === 'bigint') return { whole: 19, scale: 0 };
  const match = /^decimal\((\d+),(\d+)\)$/.exec(type);
  return match ? { whole: Number(match[1]) - Number(match[2]), scale: Number(match[2]) } : undefined;
}

/** The value of `column` in a source, as the file stores it; typed NULL where the source lacks it. */
export function storedValue(column: FileColumn, source: readonly FileColumn[]): string {
  const given = source.find(({ name }) => name === column.name);
  const wanted = sqlType(column.type);
  if (!given) return `NULL::${wanted}`;
  const value = identifier(column.name);
  if (sqlType(given.type) === wanted) return value;
  if (column.type === 'json') return `to_json(${value})`;
  return typeof given.type === 'string' ? `${value}::VARCHAR` : `to_json(${value})::VARCHAR`;
}

/** Which rows of a stage's parts are meant. */
export function stageRows(stage: Stage, key: SliceKey): { readonly from: string; readonly where: string } {
  return {
    from: readFiles(
      stage.parts.map((part) => part.uri),
      { byName: stage.parts.length > 1 },
    ),
    where: `_artifact = ${literal(stage.artifact.id)} AND _scope = ${literal(key.scope)} AND _slice = ${literal(key.slice)}`,
  };
}

/** Reads exactly these files, with nothing guessed from their paths. */
export function readFiles(
  files: readonly string[],
  options: { readonly byName?: boolean; readonly numbered?: boolean } = {},
): string {
  const more = `${options.byName ? ', union_by_name=true' : ''}${options.numbered ? ', file_row_number=true' : ''}`;
  return `read_parquet(${literalList(files)}, hive_partitioning=false${more})`;
}

/** Names of Millpond's own columns, as they end every row. */
export const metaNames = META_COLUMNS.map(({ name }) => name);

/** An instant as SQL. */
export function instant(iso: string): string {
  return `TIMESTAMPTZ ${literal(iso)}`;
}
