import { identifier, literal, literalList } from '../base/duckdb/quote.js';
import { ruleOf } from './cell-rules/index.js';
import { valueText } from './empty.js';
import { Layers } from './layers.js';
import { type Placement, placeText } from './placement.js';
import { knownSources } from './row-judge.js';
import { constantOf, type TableWork } from './table-work.js';
import type { TypedColumn } from './typed-columns.js';
import { plainWaySql, withinSql } from './within.js';

/** A file of records to be staged, for one table of its artifact. */
export interface StagingFile {
  /** Absolute path of the plain JSON. */
  readonly path: string;
  /** Records of the artifact before this file. */
  readonly firstRow: number;
  readonly work: TableWork;
}

/** Behind the artifact's id: rows that SQL could not settle, and that no stage counts. */
export const ASIDE = '#aside';

/** Whether SQL can name a member: a NUL or no name at all cannot stand there. */
export function isSayable(source: string): boolean {
  return source !== '' && !source.includes('\0');
}

/**
 * SQL that types the records of files and judges every cell. Rows in which all is plain have
 * their artifact's id; every other row has it with {@link ASIDE} behind it and its text in `_raw`.
 * All files must be of works with one signature.
 * @param unknown columns that the catalogue does not know, but that are known to come.
 * @param longestRecord in bytes; DuckDB refuses longer ones.
 * @param uniform the query may fail on a record that has other members than usual, and is faster.
 */
export function stagingQuery(
  files: readonly StagingFile[],
  unknown: readonly TypedColumn[],
  longestRecord: number,
  uniform = false,
): string {
  const { work } = files[0]!;
  const { within } = work.table;
  const record = within ? 'whole' : 'json';
  const facts = files.length === 1 ? literalFacts(work) : FILE_FACTS;
  const layers = new Layers(uniform ? work.usualKeys : undefined);
  const own = work.columns.filter(({ column }) => column.role !== 'constant');
  const cells = [...own, ...unknown].map((typed, index) => cellSql(typed, `c${index}`, layers, record));
  const aliasOf = new Map(cells.map((cell) => [cell.name, cell.alias]));
  const place = placeSql(work.placement, aliasOf, layers, facts, record);

  const keys = uniform ? usualKeysSql(work) : keysSql(work, unknown, layers);
  const values = [`${keys.keys} AS keys`, ...cells.map((cell) => `${cell.value} AS ${cell.alias}`)];
  const plain = [
    ...(within ? [plainWaySql(within)] : []),
    keys.plain,
    ...cells.map((cell) => cell.plain),
    ...place.plain,
  ];
  const typed = [...work.columns, ...unknown].map((column) => {
    const alias = aliasOf.get(column.column.name);
    return `${alias ?? constantSql(column, facts)} AS ${identifier(column.column.name)}`;
  });
  const records = recordsSql(files, longestRecord);
  const inner = [...(within ? ['whole'] : []), 'json', 'row', ...layers.select('json'), ...facts.passed];
  return `
    SELECT ${facts.artifact} || CASE WHEN plain THEN '' ELSE '${ASIDE}' END AS _artifact,
      ${place.scope} AS _scope, ${place.slice} AS _slice, row AS _row,
      CASE WHEN NOT plain THEN ${record}::VARCHAR END AS _raw, NULL::VARCHAR[] AS _reasons, ${typed.join(', ')}
    FROM (SELECT *, coalesce(${plain.join('\n      AND ')}, false) AS plain
    FROM (SELECT *, ${place.lookup} AS place
    FROM (SELECT *, ${values.join(', ')}
    FROM (SELECT ${inner.join(', ')} FROM ${within ? withinSql(records, within) : records}))))`;
}

/** Where a query finds what holds for a whole file: literals for one file, columns for several. */
interface Facts {
  readonly artifact: string;
  readonly scope: string;
  readonly slice: string;
  /** Lists of {@link Placement.texts} and of the scopes and slices they mean. */
  readonly texts: string;
  readonly scopes: string;
  readonly slices: string;
  constant(name: string): string;
  /** Columns to hand up. */
  readonly passed: readonly string[];
}

const FILE_FACTS: Facts = {
  artifact: 'file.artifact',
  scope: 'file.scope',
  slice: 'file.slice',
  texts: 'file.texts',
  scopes: 'file.scopes',
  slices: 'file.slices',
  constant: (name) => `file.constants.${identifier(name)}`,
  passed: ['file'],
};

function literalFacts(work: TableWork): Facts {
  const { placement } = work;
  return {
    artifact: literal(work.artifactId),
    scope: literal(placement.fallback.scope),
    slice: literal(placement.fallback.slice),
    texts: literalList(placement.texts),
    scopes: literalList(placement.keys.map((key) => key.scope)),
    slices: literalList(placement.keys.map((key) => key.slice)),
    constant: (name) => literal(constantOf(work, name)),
    passed: [],
  };
}

/** The facts of a file as a struct, for {@link FILE_FACTS}. */
function factsStruct(work: TableWork): string {
  const facts = literalFacts(work);
  const constants = Object.keys(work.constants).map((name) => `${identifier(name)} := ${facts.constant(name)}`);
  const fields = [
    `artifact := ${facts.artifact}`,
    `scope := ${facts.scope}`,
    `slice := ${facts.slice}`,
    `texts := ${facts.texts}::VARCHAR[]`,
    `scopes := ${facts.scopes}::VARCHAR[]`,
    `slices := ${facts.slices}::VARCHAR[]`,
    ...(constants.length > 0 ? [`constants := struct_pack(${constants.join(', ')})`] : []),
  ];
  return `struct_pack(${fields.join(', ')})`;
}

function constantSql({ column, rule }: TypedColumn, facts: Facts): string {
  return rule.value(facts.constant(column.name));
}

/** The records of the files, each with its number in its artifact. */
function recordsSql(files: readonly StagingFile[], longestRecord: number): string {
  const { format } = files[0]!.work;
  const options = `format='${format === 'array' ? 'array' : 'newline_delimited'}', maximum_object_size=${longestRecord}`;
  const paths = literalList(files.map((file) => file.path));
  if (files.length === 1) {
    return `(SELECT json, ${files[0]!.firstRow} + row_number() OVER () AS row FROM read_json_objects(${paths}, ${options}))`;
  }
  // Row numbers begin anew with each file. All windows here stream: no row is kept for them.
  const rows = files.map((file) => `(${literal(file.path)}, ${factsStruct(file.work)})`);
  return `(SELECT json, row, facts.file
    FROM (SELECT json, filename, number - max(CASE WHEN first THEN number END)
        OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) + 1 AS row
      FROM (SELECT json, filename, row_number() OVER () AS number,
          lag(filename) OVER () IS DISTINCT FROM filename AS first
        FROM read_json_objects(${paths}, ${options}, filename=true)))
    JOIN (VALUES ${rows.join(', ')}) facts(path, file) ON filename = facts.path)`;
}

/** SQL of one column's value and of whether it is plainly right. */
function cellSql({ column, rule, sources }: TypedColumn, alias: string, layers: Layers, record: string) {
  const either = (shape: Parameters<Layers['member']>[1]) => {
    const members = sources.map((source) => {
      const member = layers.member(source, shape);
      return shape === 'VARCHAR' ? valueText(column, member) : member;
    });
    return members.length === 1 ? members[0]! : `coalesce(${members.join(', ')})`;
  };
  const text = column.type === 'json' ? either('JSON') : either(rule.shape);
  const json = rule.needsJson ? either('JSON') : 'NULL';
  const present = rule.needsJson ? json : text;
  const plain = rule.plain({ text, value: alias, json, record, object: 'json', source: column.source });
  return {
    name: column.name,
    alias,
    value: rule.value(text),
    plain: column.nullable ? `(${present} IS NULL OR (${plain}))` : `(${present} IS NOT NULL AND (${plain}))`,
  };
}

/** SQL of a record's keys, NULL where nothing has to be asked of them, and of what is asked. */
interface KeysSql {
  readonly keys: string;
  readonly plain: string;
}

/** A record has no more keys than colons, and counting these is cheaper than parsing it once more. */
const COLONS = "(len(string_split(json, ':')) - 1)";

/** Every member is known and none stands there twice; the record is an object and not empty. */
function keysSql(
  { columns, placement, usualKeys }: TableWork,
  unknown: readonly TypedColumn[],
  layers: Layers,
): KeysSql {
  const cells = [...columns, ...unknown].filter(({ column }) => column.role !== 'constant');
  const values = cells.flatMap(({ rule, sources }) =>
    sources.map((source) => `(${layers.member(source, rule.needsJson ? 'JSON' : rule.shape)} IS NOT NULL)::INT`),
  );
  const known = [...knownSources(columns, placement), ...unknown.flatMap(({ sources }) => sources)];
  const exact = `len(keys) > 0 AND list_has_all(${literalList(known)}, keys) AND list_unique(keys) = len(keys)`;
  const usual = usualKeys === undefined ? '' : `WHEN keys = ${literalList(usualKeys)} THEN true`;
  return {
    keys: `CASE WHEN ${COLONS} = nullif(${values.join(' + ')}, 0) THEN NULL ELSE json_keys(json) END`,
    plain: `CASE WHEN keys IS NULL THEN true ${usual} ELSE ${exact} END`,
  };
}

/** The same where a strict transform has seen to it that every usual member is there, once. */
function usualKeysSql({ usualKeys }: TableWork): KeysSql {
  const count = usualKeys!.length;
  return {
    keys: `CASE WHEN ${COLONS} = ${count} THEN NULL ELSE json_keys(json) END`,
    plain: `(v0 IS NOT NULL AND (keys IS NULL OR len(keys) = ${count}))`,
  };
}

/** Which slice a row belongs to, and that it is one of those asked for. */
function placeSql(
  { table, isNamed }: Placement,
  aliasOf: ReadonlyMap<string, string>,
  layers: Layers,
  facts: Facts,
  record: string,
) {
  if (!isNamed) return { lookup: '1', scope: facts.scope, slice: facts.slice, plain: [] };
  const plain: string[] = [];
  let text = table.sliceOf === undefined ? "''" : `${aliasOf.get(table.sliceOf)}::VARCHAR`;
  if (table.scopeOf !== undefined) {
    const scope = layers.member(table.scopeOf, 'VARCHAR');
    const source = { text: scope, value: scope, json: 'NULL', record, object: 'json', source: table.scopeOf };
    plain.push(`(${ruleOf('varchar').plain(source)})`);
    text = `${scope} || ${literal(placeText('', '\n'))} || ${text}`;
  }
  return {
    lookup: `list_position(${facts.texts}, ${text})`,
    scope: `coalesce(${facts.scopes}[place], ${facts.scope})`,
    slice: `coalesce(${facts.slices}[place], ${facts.slice})`,
    plain: [...plain, 'place > 0'],
  };
}
