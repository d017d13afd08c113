import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import type { Column, SliceKey, Stage, Table } from '../../contracts/index.js';
import { totalsOf } from '../../contracts/stage-counts.js';
import type { Warehouse } from './open.js';
import type { Replacement } from './replacement.js';

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
  /** Slices whose rows of the table go first; of current state all rows of the scope. */
  readonly replaced: readonly Replaced[];
}

/** A slice whose rows go. */
interface Replaced {
  readonly scope: string;
  readonly slice: string;
  readonly currentState: boolean;
}

/** A {@link Group} whose stages are yet to be gone through. */
interface GroupDraft {
  readonly group: Pick<Group, 'id' | 'schema' | 'table' | 'columns'>;
  readonly parts: Set<string>;
  readonly replaced: Replaced[];
  rows: number;
  rejects: number;
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
  /** Its place among the replacements. */
  readonly target: number;
  readonly schema_name: string;
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  readonly current_state: boolean;
  /** Tables whose rows of it go first. */
  readonly replaced: readonly string[];
  /** What is there of artifacts and of rejects of other tables stays. */
  readonly grows: boolean;
  /** Tables whose rows are to be counted once all is written. */
  readonly measured: readonly string[];
  readonly as_of: string;
}

/**
 * Writes down which rows of which parts belong to which slice, so that a commit of hundreds of
 * slices is a handful of joins. The temporary tables `claims` and `targets` live until the
 * warehouse is closed.
 */
export async function stakeClaims(warehouse: Warehouse, replacements: readonly Replacement[]): Promise<Group[]> {
  const groups = new Map<string, GroupDraft>();
  const claims: Claim[] = [];
  const oldestFirst = [...replacements].sort((a, b) => Date.parse(a.asOf) - Date.parse(b.asOf));
  for (const { schema, key, stages, replaced, currentState } of oldestFirst) {
    for (const stage of stages) {
      const signature = signatureOf(schema, stage);
      let entry = groups.get(signature);
      if (!entry) {
        const { table, columns } = stage;
        const group = { id: groups.size, schema, table, columns };
        entry = { group, parts: new Set(), rows: 0, rejects: 0, replaced: [] };
        groups.set(signature, entry);
      }
      const { rows, rejects } = totalsOf(stage, key);
      for (const part of stage.parts) entry.parts.add(part.uri);
      entry.rows += rows;
      entry.rejects += rejects;
      if (replaced.includes(stage.table.name))
        entry.replaced.push({ scope: key.scope, slice: key.slice, currentState });
      claims.push({
        grp: entry.group.id,
        artifact: stage.artifact.id,
        sha256: stage.artifact.sha256,
        ...plainKey(key),
        rank: claims.length,
        row_count: rows,
        rejects,
      });
    }
  }
  const targets = replacements.map(
    (replacement, target): Target => ({
      target,
      schema_name: replacement.schema,
      ...plainKey(replacement.key),
      current_state: replacement.currentState,
      replaced: replacement.replaced,
      grows: replacement.grows,
      measured: replacement.measured ? replacement.counted.map(({ name }) => name) : [],
      as_of: replacement.asOf,
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
    target: 'BIGINT',
    schema_name: 'VARCHAR',
    dataset: 'VARCHAR',
    scope: 'VARCHAR',
    slice: 'VARCHAR',
    current_state: 'BOOLEAN',
    replaced: ['VARCHAR'],
    grows: 'BOOLEAN',
    measured: ['VARCHAR'],
    as_of: 'TIMESTAMPTZ',
  });
  return [...groups.values()].map(({ group, parts, ...more }) => ({ ...group, ...more, parts: [...parts] }));
}

/** The rows of a group's parts, as `p`. */
export function stagedRows({ parts }: Group): string {
  return `read_parquet([${parts.map(literal).join(', ')}], hive_partitioning=false) p`;
}

/** The rows of a group's parts beside the claim that each belongs to: `p` and `c`. */
export function claimedRows(group: Group): string {
  return `${stagedRows(group)} JOIN temp.claims c
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

/** What stages must agree in to be of one {@link Group}. */
export function signatureOf(schema: string, stage: Stage): string {
  const columns = stage.columns.map((column) => [column.name, sqlType(column.type)]);
  return JSON.stringify([schema, stage.table.name, columns]);
}
