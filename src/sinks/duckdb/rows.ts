import { crashPoint } from '../../base/crash-points.js';
import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import { MillpondError } from '../../base/errors.js';
import { formatSliceKey, type SliceKey } from '../../contracts/index.js';
import { claimedRows, type Group, stagedRows } from './claims.js';
import { ensureTable, type TableTypes } from './ddl.js';
import type { Warehouse } from './open.js';
import { converted } from './types.js';

/** Who writes, and when: on every row. */
export interface Stamp {
  readonly runId: string;
  /** ISO instant. */
  readonly at: string;
}

/** A table of the commit with all groups that fill it. */
interface Filling {
  readonly groups: readonly [Group, ...Group[]];
  readonly types: TableTypes;
  /** SQL condition: rows that go first; undefined where none do. */
  readonly doomed: string | undefined;
}

/** A group on its way into its table. */
interface Filled {
  readonly group: Group;
  readonly types: TableTypes;
  readonly stamp: Stamp;
  /** Its parts hold rows, too, that this commit does not write. */
  readonly hasOthers: boolean;
}

/** What the tables of a commit look like once it is through, by `"schema"."table"`. */
export type CommitTypes = ReadonlyMap<string, TableTypes>;

/**
 * Replaces, appends or upserts the rows of every group, and stores their rejects. First every
 * table is made fit, then old rows go where they are replaced, then new ones come.
 * @throws MillpondError `E_COUNT_MISMATCH` where the parts hold more or less than the stages say.
 */
export async function writeRows(warehouse: Warehouse, groups: readonly Group[], stamp: Stamp): Promise<CommitTypes> {
  const fillings: Filling[] = [];
  for (const schema of new Set(groups.map((group) => group.schema))) {
    await warehouse.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`);
  }
  for (const own of byTable(groups)) {
    const doomed = doomedRows(own);
    fillings.push({ groups: own, doomed, types: await ensureTable(warehouse, own, doomed ?? 'false') });
  }
  for (const filling of fillings) await deleteRows(warehouse, filling);
  await deleteRejects(warehouse);
  crashPoint('duckdb.commit.deleted');
  for (const { groups: own, types } of fillings) {
    for (const group of own) {
      const filled: Filled = { group, types, stamp, hasOthers: await verify(warehouse, group) };
      if (group.rejects > 0) await insertRejects(warehouse, filled);
      if (group.rows > 0) await WRITERS[group.table.mode](warehouse, filled);
    }
  }
  return new Map(fillings.map(({ groups: [{ schema, table }], types }) => [identifier(schema, table.name), types]));
}

function byTable(groups: readonly Group[]): [Group, ...Group[]][] {
  const tables = new Map<string, [Group, ...Group[]]>();
  for (const group of groups) {
    const name = identifier(group.schema, group.table.name);
    const own = tables.get(name);
    if (own) own.push(group);
    else tables.set(name, [group]);
  }
  return [...tables.values()];
}

/** SQL condition: rows of a table that the slices of its groups replace; undefined where there are none. */
function doomedRows(groups: Filling['groups']): string | undefined {
  const { schema, table } = groups[0];
  if (table.mode === 'upsert') return undefined;
  const scope = identifier(table.scopeColumn.name);
  const type = sqlType(table.scopeColumn.type);
  const replaced = groups.flatMap((group) => group.replaced);
  const [first] = replaced;
  if (!first) return undefined;
  if (replaced.every((one) => one.scope === first.scope)) {
    // By constants DuckDB finds the few pieces of a large table in which such rows can stand.
    const ofScope = `${scope} = ${literal(first.scope)}::${type}`;
    if (replaced.some(({ currentState }) => currentState)) return ofScope;
    return `${ofScope} AND _slice IN (${[...new Set(replaced.map(({ slice }) => literal(slice)))].join(', ')})`;
  }
  const targets = `FROM temp.targets WHERE schema_name = ${literal(schema)}
    AND list_contains(replaced, ${literal(table.name)})`;
  return `(${scope}, _slice) IN (SELECT (scope::${type}, slice) ${targets})
    OR ${scope} IN (SELECT scope::${type} ${targets} AND current_state)`;
}

async function deleteRows(warehouse: Warehouse, { groups: [{ schema, table }], doomed }: Filling): Promise<void> {
  if (doomed) await warehouse.run(`DELETE FROM ${identifier(schema, table.name)} WHERE ${doomed}`);
}

/** Rejects of what is replaced: of a slice that grows, those of other tables stay. */
async function deleteRejects(warehouse: Warehouse): Promise<void> {
  await warehouse.run(
    `DELETE FROM millpond.rejects r USING temp.targets t
     WHERE r.schema_name = t.schema_name AND r.dataset = t.dataset AND r.scope = t.scope
       AND (r.slice = t.slice OR t.current_state)
       AND (NOT t.grows OR list_contains(t.replaced, r.table_name))`,
  );
}

/**
 * Counts what the parts hold of each claim, against what its stage says.
 * @returns whether they hold rows, too, that nobody claims.
 */
async function verify(warehouse: Warehouse, group: Group): Promise<boolean> {
  const held =
    group.parts.length > 0
      ? `SELECT p._artifact, p._scope, p._slice, count(*) FILTER (p._reasons IS NULL) AS good,
           count(*) FILTER (p._reasons IS NOT NULL) AS bad
         FROM ${stagedRows(group)} GROUP BY ALL`
      : `SELECT '' AS _artifact, '' AS _scope, '' AS _slice, 0 AS good, 0 AS bad WHERE false`;
  // Of what differs a claim comes first; what nobody claims has no rank.
  const [found] = await warehouse.rows<Counted | Record<keyof Counted, null>>(
    `SELECT rank, dataset, scope, slice, row_count, rejects, coalesce(good, 0) AS good, coalesce(bad, 0) AS bad
     FROM (FROM temp.claims WHERE grp = ${group.id}) c FULL JOIN (${held}) h
       ON h._artifact = c.artifact AND h._scope = c.scope AND h._slice = c.slice
     WHERE rank IS NULL OR row_count <> coalesce(good, 0) OR rejects <> coalesce(bad, 0)
     ORDER BY rank NULLS LAST LIMIT 1`,
  );
  if (!found || found.rank === null) return found !== undefined;
  throw mismatch(
    `${formatSliceKey(found)}: ${found.good} rows and ${found.bad} rejects are staged for ${group.table.name}, ` +
      `${found.row_count} and ${found.rejects} were counted`,
  );
}

/** A claim, and what the parts hold of it. */
type Counted = SliceKey & Record<'rank' | 'row_count' | 'rejects' | 'good' | 'bad', string>;

async function insertRejects(warehouse: Warehouse, { group, stamp }: Filled): Promise<void> {
  await warehouse.run(
    `INSERT INTO millpond.rejects BY NAME
     SELECT c.dataset, c.scope, c.slice, p._row AS row_number, p._raw AS raw, p._reasons AS reasons,
       c.sha256 AS artifact_sha256, $1 AS run_id, $2::TIMESTAMPTZ AS rejected_at, ${literal(group.table.name)} AS table_name,
       ${literal(group.schema)} AS schema_name
     FROM ${claimedRows(group)} WHERE p._reasons IS NOT NULL`,
    [stamp.runId, stamp.at],
  );
}

async function insert(warehouse: Warehouse, { group, types, stamp, hasOthers }: Filled): Promise<void> {
  // To look for the claim of each row would cost an eighth of the insert, and a filter a thirtieth.
  const rows = hasOthers ? claimedRows(group) : stagedRows(group);
  const good = hasOthers || group.rejects > 0 ? 'WHERE p._reasons IS NULL' : '';
  const inserted = await warehouse.run(
    `INSERT INTO ${identifier(group.schema, group.table.name)} BY NAME SELECT ${selected(group, types)} FROM ${rows} ${good}`,
    [stamp.runId, stamp.at],
  );
  if (inserted === group.rows) return;
  throw mismatch(`${inserted} rows went into ${group.table.name}, ${group.rows} were staged`);
}

/**
 * Rows whose key the slice does not have yet; of one key the first that came. What is there is
 * not touched. Without a key, all of them.
 */
async function append(warehouse: Warehouse, filled: Filled): Promise<void> {
  const { group, types, stamp } = filled;
  const { schema, table } = group;
  if (table.key.length === 0) return insert(warehouse, filled);
  const name = identifier(schema, table.name);
  const keys = [table.scopeColumn.name, '_slice', ...table.key].map((key) => identifier(key));
  const sameKey = keys.map((key) => `t.${key} IS NOT DISTINCT FROM n.${key}`).join(' AND ');
  await warehouse.run(
    `INSERT INTO ${name} BY NAME
     SELECT * EXCLUDE (_rank, _row) FROM (
       SELECT ${selected(group, types)}, c.rank AS _rank, p._row AS _row
       FROM ${claimedRows(group)} WHERE p._reasons IS NULL
       QUALIFY row_number() OVER (PARTITION BY ${keys.join(', ')} ORDER BY _rank, _row) = 1
     ) n
     WHERE NOT EXISTS (SELECT 1 FROM ${name} t WHERE ${sameKey})`,
    [stamp.runId, stamp.at],
  );
}

/**
 * Of every key the newest row, unless what is there comes from a slice with a later `as of`;
 * then those keys' old rows go. Nothing else is touched.
 */
async function upsert(warehouse: Warehouse, { group, types, stamp }: Filled): Promise<void> {
  const { schema, table } = group;
  const name = identifier(schema, table.name);
  const keys = [table.scopeColumn.name, ...table.key].map((key) => identifier(key));
  const sameKey = keys.map((key) => `t.${key} IS NOT DISTINCT FROM n.${key}`).join(' AND ');
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE newest AS
     SELECT ${selected(group, types)}, c.rank AS _rank, p._row AS _row, w.as_of AS _as_of
     FROM ${claimedRows(group)} JOIN temp.targets w
       ON w.schema_name = ${literal(schema)} AND w.dataset = c.dataset AND w.scope = c.scope AND w.slice = c.slice
     WHERE p._reasons IS NULL
     QUALIFY row_number() OVER (PARTITION BY ${keys.join(', ')} ORDER BY _rank DESC, _row DESC) = 1`,
    [stamp.runId, stamp.at],
  );
  await warehouse.run(
    `DELETE FROM temp.newest n USING ${name} t, millpond.slices s
     WHERE ${sameKey} AND s.schema_name = ${literal(schema)} AND s.slice = t._slice
       AND s.scope = t.${identifier(table.scopeColumn.name)}::VARCHAR
       AND s.dataset IN (SELECT dataset FROM temp.targets WHERE schema_name = ${literal(schema)}) AND s.as_of > n._as_of`,
  );
  await warehouse.run(`DELETE FROM ${name} t USING temp.newest n WHERE ${sameKey}`);
  await warehouse.run(`INSERT INTO ${name} BY NAME SELECT * EXCLUDE (_rank, _row, _as_of) FROM temp.newest`);
}

/** How the rows of a group come into its table. */
const WRITERS = { replace: insert, append, upsert } as const;

/** The warehouse's columns from a staged row `p`; the run is `$1`, the instant `$2`. */
function selected(group: Group, types: TableTypes): string {
  const { scopeColumn } = group.table;
  const columns = group.columns.map((column) => {
    const value = converted(`p.${identifier(column.name)}`, column.type, types.get(column.name) ?? column.type);
    return `${value} AS ${identifier(column.name)}`;
  });
  return [
    `p._scope::${sqlType(scopeColumn.type)} AS ${identifier(scopeColumn.name)}`,
    ...columns,
    'p._slice AS _slice',
    '$1 AS _run_id',
    '$2::TIMESTAMPTZ AS _loaded_at',
  ].join(', ');
}

function mismatch(message: string): MillpondError {
  return new MillpondError('E_COUNT_MISMATCH', message);
}
