import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import type { SliceWrite, Stage, Table } from '../../contracts/index.js';
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

/** What the stager counted for one slice of a stage. */
export function totalsOf(stage: Stage, key: SliceWrite['key']): { readonly rows: number; readonly rejects: number } {
  const totals = stage.totals.slices.find(
    (slice) => slice.key.dataset === key.dataset && slice.key.scope === key.scope && slice.key.slice === key.slice,
  );
  return totals ?? { rows: 0, rejects: 0 };
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

/**
 * The query for a table merged by key: rows of `old` whose key does not come again, and of each
 * key the last of the staged rows.
 */
export function mergedRows(
  table: Table,
  columns: readonly FileColumn[],
  staged: string,
  old: { readonly file: string; readonly columns: readonly FileColumn[] } | undefined,
): string {
  const names = [...columns.map(({ name }) => name), ...metaNames].map((name) => identifier(name)).join(', ');
  const key = table.key
    .filter((name) => columns.some((column) => column.name === name))
    .map((name) => identifier(name));
  const newest = `SELECT * FROM (${staged}) QUALIFY row_number() OVER (PARTITION BY ${key.join(', ')} ORDER BY _ordinal DESC) = 1`;
  if (!old) return `SELECT ${names} FROM (${newest})`;
  const values = columns.map((column) => `${storedValue(column, old.columns)} AS ${identifier(column.name)}`);
  values.push(...metaNames.map((name) => identifier(name)));
  const kept = `SELECT ${values.join(', ')} FROM ${readFiles([old.file])}`;
  const again = key.map((name) => `held.${name} IS NOT DISTINCT FROM newest.${name}`).join(' AND ');
  return `WITH newest AS MATERIALIZED (${newest}), held AS (${kept})
    SELECT ${names} FROM held WHERE NOT EXISTS (SELECT 1 FROM newest WHERE ${again})
    UNION ALL SELECT ${names} FROM newest`;
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
