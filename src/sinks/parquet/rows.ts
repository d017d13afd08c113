import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import type { SliceWrite, Stage, Table } from '../../contracts/index.js';
import { totalsOf } from '../../contracts/stage-counts.js';
import { type FileColumn, instant, metaNames, readFiles, stageRows, storedValue } from './ddl.js';
import { DATE_COLUMN, type Place } from './paths.js';

/** A slice's stages of one table, on their way into a file. */
export interface Share {
  readonly write: SliceWrite;
  readonly stages: readonly Stage[];
}

/** What every new row says of its load. */
export interface Load {
  readonly runId: string;
  /** ISO instant. */
  readonly at: string;
}

/** How many rows the stager counted for these slices. */
export function countedRows(shares: readonly Share[]): number {
  return sum(shares.flatMap(({ write, stages }) => stages.map((stage) => totalsOf(stage, write.key).rows)));
}

/**
 * The query for the staged rows of one file: its columns, then Millpond's own. Where the path
 * says the day, rows of another day are left out, so that the count shows them.
 * @param ordinal adds `_ordinal`, greater for rows that came later.
 */
export function stagedRows(
  shares: readonly Share[],
  columns: readonly FileColumn[],
  place: Place,
  load: Load,
  ordinal = false,
): string {
  let order = 0;
  const queries = shares.flatMap(({ write, stages }) =>
    stages.flatMap((stage) => {
      order += 1;
      if (stage.parts.length === 0) return [];
      const values = columns.map((column) => `${storedValue(column, stage.columns)} AS ${identifier(column.name)}`);
      const own = [literal(write.key.slice), literal(load.runId), instant(load.at)];
      values.push(...metaNames.map((name, i) => `${own[i]} AS ${identifier(name)}`));
      if (ordinal) values.push(`{'stage': ${order}, 'row': _row} AS _ordinal`);
      const { from, where } = stageRows(stage, write.key);
      const day =
        place.reportDate === null
          ? ''
          : ` AND ${identifier(DATE_COLUMN)} IS NOT DISTINCT FROM DATE ${literal(place.reportDate)}`;
      return [`SELECT ${values.join(', ')} FROM ${from} WHERE ${where} AND _reasons IS NULL${day}`];
    }),
  );
  return queries.length > 0 ? queries.join(' UNION ALL ') : noRows(columns, ordinal);
}

/** No row, with every column in its type: an empty day is a file too. */
function noRows(columns: readonly FileColumn[], ordinal: boolean): string {
  const values = columns.map((column) => `NULL::${sqlType(column.type)} AS ${identifier(column.name)}`);
  const own = ['VARCHAR', 'VARCHAR', 'TIMESTAMPTZ'];
  values.push(...metaNames.map((name, i) => `NULL::${own[i]} AS ${identifier(name)}`));
  if (ordinal) values.push(`{'stage': 0, 'row': 0::BIGINT} AS _ordinal`);
  return `SELECT ${values.join(', ')} WHERE false`;
}

/** The file whose rows a merge begins with. */
export interface OldFile {
  /** Absolute path. */
  readonly file: string;
  readonly columns: readonly FileColumn[];
  /** How many of its rows count, the first ones; absent: all. */
  readonly firstRows?: number | undefined;
}

/**
 * The query for old and staged rows together, one a key. In a table of mode `upsert` the last of
 * the staged rows takes the place of the old one; in one of mode `append` the old one stays, and of
 * the staged ones the first counts, and old rows stand first. Without a key all stand side by side.
 */
export function mergedRows(
  table: Table,
  columns: readonly FileColumn[],
  staged: string,
  old: OldFile | undefined,
): string {
  const names = [...columns.map(({ name }) => name), ...metaNames].map((name) => identifier(name)).join(', ');
  // What stands in the path is the same in all rows of a file.
  const key = table.key
    .filter((name) => columns.some((column) => column.name === name))
    .map((name) => identifier(name));
  const order = table.mode === 'append' ? 'ASC' : 'DESC';
  const one = `QUALIFY row_number() OVER (PARTITION BY ${key.join(', ')} ORDER BY _ordinal ${order}) = 1`;
  const fresh = `SELECT * FROM (${staged}) ${key.length > 0 ? one : ''}`;
  if (!old) return `SELECT ${names} FROM (${fresh})`;
  const kept = oldRows(columns, old);
  const [stays, yields] = table.mode === 'append' ? ['held', 'fresh'] : ['fresh', 'held'];
  const same = key.map((name) => `${stays}.${name} IS NOT DISTINCT FROM ${yields}.${name}`).join(' AND ');
  const where = key.length > 0 ? `WHERE NOT EXISTS (SELECT 1 FROM ${stays} WHERE ${same})` : '';
  return `WITH fresh AS MATERIALIZED (${fresh}), held AS (${kept})
    SELECT ${names} FROM ${stays} UNION ALL SELECT ${names} FROM ${yields} ${where}`;
}

/** The query for the rows of a file, in these columns. */
export function oldRows(columns: readonly FileColumn[], old: OldFile): string {
  const values = columns.map((column) => `${storedValue(column, old.columns)} AS ${identifier(column.name)}`);
  values.push(...metaNames.map((name) => identifier(name)));
  const { firstRows } = old;
  if (firstRows === undefined) return `SELECT ${values.join(', ')} FROM ${readFiles([old.file])}`;
  return `SELECT ${values.join(', ')} FROM ${readFiles([old.file], { numbered: true })} WHERE file_row_number < ${firstRows}`;
}

/** The sum of numbers. */
export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/** The items by what `keyOf` says of them, in the order in which each key was first met. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
