import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import type { Column, SliceKey, Stage, Table } from '../../contracts/index.js';
import type { Warehouse } from './open.js';
import { type Replacement, sliceId } from './plan.js';

/** Stages of one commit that fill one table with the same columns: one statement reads them all. */
export interface Group {
  readonly id: number;
  readonly schema: string;
  readonly table: Table;
  readonly columns: readonly Column[];
  /** Each file once, however many stages share it. */
  readonly parts: readonly string[];
  /** What the stages say they hold of the slices that are written. */
  readonly rows: number;
  readonly rejects: number;
}

/** One artifact's rows for one slice in one table, as the temporary table `claims` lists them. */
interface Claim {
  readonly grp: number;
  readonly artifact: string;
  readonly sha256: string;
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  /** Higher is newer: of one key the highest counts. */
  readonly rank: number;
  readonly row_count: number;
  readonly rejects: number;
}

/** A slice that is written, as the temporary table `targets` lists it. */
interface Target {
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  readonly current_state: boolean;
  readonly schema_name: string;
  readonly table_names: readonly string[];
  readonly as_of: string;
}

/**
 * Writes down which rows of which parts belong to which slice, so that a commit of hundreds of
 * slices is a handful of joins. The temporary tables `claims` and `targets` live until the
 * warehouse is closed.
 */
export async function stakeClaims(warehouse: Warehouse, replacements: readonly Replacement[]): Promise<Group[]> {
  const groups = new Map<string, { group: Group; parts: Set<string>; rows: number; rejects: number }>();
  const claims: Claim[] = [];
  const oldestFirst = [...replacements].sort((a, b) => Date.parse(a.write.asOf) - Date.parse(b.write.asOf));
  for (const { write } of oldestFirst) {
    for (const stage of write.stages) {
      const signature = signatureOf(write.schema, stage);
      let entry = groups.get(signature);
      if (!entry) {
        const { table, columns } = stage;
        const group = { id: groups.size, schema: write.schema, table, columns, parts: [], rows: 0, rejects: 0 };
        entry = { group, parts: new Set(), rows: 0, rejects: 0 };
        groups.set(signature, entry);
      }
      const share = stage.totals.slices.filter((slice) => sliceId(slice.key) === sliceId(write.key));
      const row_count = share.reduce((total, slice) => total + slice.rows, 0);
      const rejects = share.reduce((total, slice) => total + slice.rejects, 0);
      for (const part of stage.parts) entry.parts.add(part.uri);
      entry.rows += row_count;
      entry.rejects += rejects;
      claims.push({
        grp: entry.group.id,
        artifact: stage.artifact.id,
        sha256: stage.artifact.sha256,
        ...plainKey(write.key),
        rank: claims.length,
        row_count,
        rejects,
      });
    }
  }
  const targets = replacements.map(
    ({ write }): Target => ({
      ...plainKey(write.key),
      current_state: write.currentState,
      schema_name: write.schema,
      table_names: [...new Set(write.stages.map((stage) => stage.table.name))],
      as_of: write.asOf,
    }),
  );
  await fill(warehouse, 'claims', claims, {
    grp: 'BIGINT',
    artifact: 'VARCHAR',
    sha256: 'VARCHAR',
    dataset: 'VARCHAR',
    scope: 'VARCHAR',
    slice: 'VARCHAR',
    rank: 'BIGINT',
    row_count: 'BIGINT',
    rejects: 'BIGINT',
  });
  await fill(warehouse, 'targets', targets, {
    dataset: 'VARCHAR',
    scope: 'VARCHAR',
    slice: 'VARCHAR',
    current_state: 'BOOLEAN',
    schema_name: 'VARCHAR',
    table_names: ['VARCHAR'],
    as_of: 'TIMESTAMPTZ',
  });
  return [...groups.values()].map(({ group, parts, rows, rejects }) => ({
    ...group,
    parts: [...parts],
    rows,
    rejects,
  }));
}

/** The rows of a group's parts beside the claim that each belongs to: `p` and `c`. */
export function claimedRows(group: Group): string {
  const files = group.parts.map(literal).join(', ');
  return `read_parquet([${files}], hive_partitioning=false) p JOIN temp.claims c
    ON p._artifact = c.artifact AND p._scope = c.scope AND p._slice = c.slice AND c.grp = ${group.id}`;
}

/** A list of records as a temporary table; text stays data, whatever it holds. */
export async function fill(
  warehouse: Warehouse,
  name: string,
  records: readonly object[],
  types: Readonly<Record<string, string | readonly [string]>>,
): Promise<void> {
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE ${identifier(name)} AS
     SELECT unnest(from_json($1, ${literal(JSON.stringify([types]))}), recursive := true)`,
    [JSON.stringify(records)],
  );
}

function plainKey({ dataset, scope, slice }: SliceKey): SliceKey {
  return { dataset, scope, slice };
}

function signatureOf(schema: string, stage: Stage): string {
  const columns = stage.columns.map((column) => [column.name, sqlType(column.type)]);
  return JSON.stringify([schema, stage.table.name, columns]);
}
