import { identifier, literal, literalList } from '../base/duckdb/quote.js';
import type { PlainText } from './plain-scanner.js';
import { constantNames, constantOf, type TableWork } from './table-work.js';
import type { TypedColumn } from './typed-columns.js';

/** A file whose records are plain, but for a few, for one table of its artifact. */
export interface PlainFile extends PlainText {
  /** Absolute path of the plain JSON. */
  readonly path: string;
  /** Records of the artifact before this file. */
  readonly firstRow: number;
  readonly work: TableWork;
}

/**
 * SQL for the plain records of files: DuckDB's typed reader, and no check of any cell. All files
 * must be of works with one signature; any object may stand in place of an odd record.
 * @param unknown columns that the catalogue does not know, but that are known to come.
 */
export function plainQuery(
  files: readonly PlainFile[],
  unknown: readonly TypedColumn[],
  longestRecord: number,
): string {
  const { work, members } = files[0]!;
  const columns = [...work.columns, ...unknown];
  const memberOf = new Map(members.map(({ column, source }) => [column, source]));
  const typed = columns.map(({ column, rule }) => {
    const source = memberOf.get(column.name);
    const value = column.role === 'constant' ? rule.value(fact(column.name)) : undefined;
    return `${value ?? (source === undefined ? `NULL::${rule.sqlType}` : `r.${identifier(source)}`)} AS ${identifier(column.name)}`;
  });
  const types = columns.flatMap(({ column, rule }) => {
    const source = memberOf.get(column.name);
    return source === undefined ? [] : [`${literal(source)}: ${literal(rule.sqlType)}`];
  });
  const format = work.format === 'array' ? 'array' : 'newline_delimited';
  const records = `read_json(${literalList(files.map(({ path }) => path))}, format='${format}', auto_detect=false,
      maximum_object_size=${longestRecord}, filename='#file', columns={${types.join(', ')}})`;
  let before = 0;
  const odd: number[] = [];
  const facts = files.map((file) => {
    const shift = file.firstRow - before;
    for (const { row } of file.odd) odd.push(before + row);
    before += file.records;
    return `(${shift}, ${[file.path, ...factsOf(file.work)].map(literal).join(', ')})`;
  });
  const names = ['shift', 'path', ...factNames(work)].map((name) => identifier(name));
  return `SELECT f."#artifact" AS _artifact, f."#scope" AS _scope, f."#slice" AS _slice, r."#row" + f.shift AS _row,
      NULL::VARCHAR AS _raw, NULL::VARCHAR[] AS _reasons, ${typed.join(', ')}
    FROM (SELECT *, row_number() OVER () AS "#row" FROM ${records}) r
    JOIN (VALUES ${facts.join(', ')}) f(${names.join(', ')}) ON r."#file" = f.path
    ${odd.length > 0 ? `WHERE r."#row" NOT IN (${odd.join(', ')})` : ''}`;
}

const fact = (name: string) => `f.${identifier(name)}`;

/** What is true of all rows of a file: names, and their texts. */
function factNames(work: TableWork): string[] {
  return ['#artifact', '#scope', '#slice', ...constantNames(work)];
}

function factsOf(work: TableWork): string[] {
  const { scope, slice } = work.placement.fallback;
  return [work.artifactId, scope, slice, ...constantNames(work).map((name) => constantOf(work, name))];
}
