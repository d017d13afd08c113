import type { AuditSlice, Column, Table } from '../../contracts/index.js';
import type { DigestColumn } from './digest.js';
import { literal, literalList, sqlType } from './quote.js';

/** What runs statements: an open database, or a warehouse that gives way to a signal. */
export interface Statements {
  run(sql: string, values?: string[]): Promise<unknown>;
  rows(sql: string, values?: string[]): Promise<Record<string, unknown>[]>;
}

/** Stages of many slices that fill one table with the same columns: one statement reads them all. */
export interface StagedGroup {
  readonly id: number;
  readonly schema: string;
  readonly table: Table;
  readonly columns: readonly Column[];
  /** Each file once, however many stages share it. */
  readonly parts: readonly string[];
}

/**
 * Writes down which staged rows belong to which slice, as the temporary table `audited`: the
 * number of a slice is its place in the list.
 */
export async function groupStages(statements: Statements, slices: readonly AuditSlice[]): Promise<StagedGroup[]> {
  const groups = new Map<string, StagedGroup & { readonly parts: string[] }>();
  const lines: object[] = [];
  for (const [number, { schema, dataset, scope, slice, stages }] of slices.entries()) {
    const oldestFirst = [...stages].sort((a, b) => Date.parse(a.artifact.asOf) - Date.parse(b.artifact.asOf));
    for (const [position, { artifact, table, columns, parts }] of oldestFirst.entries()) {
      const signature = JSON.stringify([schema, table.name, columns.map(({ name, type }) => [name, sqlType(type)])]);
      const group = groups.get(signature) ?? { id: groups.size, schema, table, columns, parts: [] };
      groups.set(signature, group);
      for (const { uri } of parts) if (!group.parts.includes(uri)) group.parts.push(uri);
      const owner = { number, position, grp: group.id, schema_name: schema, table_name: table.name };
      lines.push({ ...owner, dataset, scope, slice, artifact: artifact.id, sha256: artifact.sha256 });
    }
  }
  const text = ['schema_name', 'table_name', 'dataset', 'scope', 'slice', 'artifact', 'sha256'];
  const shape = {
    number: 'BIGINT',
    position: 'BIGINT',
    grp: 'BIGINT',
    ...Object.fromEntries(text.map((name) => [name, 'VARCHAR'])),
  };
  await statements.run(
    `CREATE OR REPLACE TEMP TABLE audited AS
     SELECT unnest(from_json($1, ${literal(JSON.stringify([shape]))}), recursive := true)`,
    [JSON.stringify(lines)],
  );
  return [...groups.values()];
}

/** The rows of a group as `p`, each with the number of its slice as `_number`; undefined where there is no part. */
export function auditedRows(group: StagedGroup): string | undefined {
  if (group.parts.length === 0) return undefined;
  return `(SELECT p.*, a.number AS _number, a.position AS _position, a.sha256 AS _sha256
    FROM read_parquet(${literalList(group.parts)}, hive_partitioning=false) p JOIN temp.audited a
      ON p._artifact = a.artifact AND p._scope = a.scope AND p._slice = a.slice AND a.grp = ${group.id}) p`;
}

/**
 * The good rows of the groups of one table as `_group`, `c0`, `c1` …, as a commit would leave them:
 * of a table that grows the first row of each key.
 * @param cells says a group's columns in the sink's words.
 */
export function expectedRows(
  groups: readonly StagedGroup[],
  columns: readonly DigestColumn[],
  cells: (group: StagedGroup) => readonly string[],
): string {
  const types = columns.map(({ type }) => sqlType(type));
  const keys = columns.flatMap(({ isKey }, i) => (isKey ? [`c${i}`] : []));
  const isFirstOnly = groups[0]?.table.mode === 'append' && keys.length > 0;
  const order = isFirstOnly ? ', p._position AS _position, p._row AS _row' : '';
  const queries = groups.map((group) => {
    const from = auditedRows(group);
    return from && `SELECT p._number AS _group${numbered(cells(group))}${order} FROM ${from} WHERE p._reasons IS NULL`;
  });
  if (!isFirstOnly || queries.every((query) => query === undefined)) return union(queries, types);
  return `SELECT * EXCLUDE (_position, _row) FROM (${union(queries, types)})
    QUALIFY row_number() OVER (PARTITION BY _group, ${keys.join(', ')} ORDER BY _position, _row) = 1`;
}

/** `, x AS c0, y AS c1` */
export function numbered(cells: readonly string[]): string {
  return cells.map((cell, i) => `, ${cell} AS c${i}`).join('');
}

/** Queries as one; where there is none, no row of these types. */
export function union(queries: readonly (string | undefined)[], types: readonly string[]): string {
  const some = queries.filter((query) => query !== undefined);
  if (some.length > 0) return some.join(' UNION ALL ');
  return `SELECT NULL::BIGINT AS _group${numbered(types.map((type) => `NULL::${type}`))} WHERE false`;
}
