import { literal } from '../base/duckdb/quote.js';
import type { Table } from '../contracts/index.js';
import { type Cell, JsonObject } from './cells.js';

type Within = NonNullable<Table['within']>;

/**
 * The record of a table that stands inside the source's record: the object under the path, after
 * the outer members that the table has columns for.
 * @returns undefined where there is nothing under the path; what is there, where it is no object.
 */
export function recordWithin(record: JsonObject, { path, outer }: Within): Cell | undefined {
  let inner: Cell = record;
  for (const name of path) {
    if (!(inner instanceof JsonObject)) return undefined;
    inner = inner.get(name) ?? null;
  }
  if (inner === null) return undefined;
  if (!(inner instanceof JsonObject)) return inner;
  const merged = new JsonObject();
  for (const name of outer) {
    const cell = record.get(name);
    if (cell !== undefined) merged.entries.push([name, cell]);
  }
  merged.entries.push(...inner.entries);
  return merged;
}

/** A member on the way that stands there twice: then nobody knows which one is meant. */
export function duplicateOnTheWay(record: JsonObject, { path }: Within): string | undefined {
  let object: Cell = record;
  for (const name of path) {
    if (!(object instanceof JsonObject)) return undefined;
    const duplicate = object.duplicate();
    if (duplicate !== undefined) return duplicate;
    object = object.get(name) ?? null;
  }
  return undefined;
}

/**
 * The same in SQL, over records in a column `json`: the whole record stays beside it as `whole`. Numbers inside
 * pass through DuckDB's JSON writer once, as those of every record do in `json_transform`.
 */
export function withinSql(records: string, { path, outer }: Within): string {
  const inner = `json_extract(json, ${pointer(path)})`;
  const members = outer.map((name) => {
    const cell = `json_extract(whole, ${pointer([name])})`;
    return `CASE WHEN ${cell} IS NULL THEN '' ELSE ${literal(`${JSON.stringify(name)}:`)} || ${cell}::VARCHAR || ',' END`;
  });
  const merged = `('{' || ${[...members, 'substr(inner_json::VARCHAR, 2)'].join(' || ')})::JSON`;
  return `(SELECT * REPLACE (
      CASE WHEN json_type(inner_json) = 'OBJECT' AND inner_json::VARCHAR <> '{}' THEN ${merged}
        ELSE inner_json END AS json)
    FROM (SELECT *, json AS whole, ${inner} AS inner_json FROM ${records})
    WHERE inner_json IS NOT NULL AND json_type(inner_json) <> 'NULL')`;
}

/** SQL: no member on the way stands there twice. */
export function plainWaySql({ path }: Within): string {
  const ways = path.map((_, depth) => `json_keys(whole, ${pointer(path.slice(0, depth))})`);
  return ways.map((keys) => `list_unique(${keys}) = len(${keys})`).join(' AND ');
}

/** A JSON pointer (RFC 6901), as DuckDB reads it. */
function pointer(path: readonly string[]): string {
  return literal(path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('') || '$');
}
