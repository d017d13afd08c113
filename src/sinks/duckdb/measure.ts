import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import type { Counts } from '../../contracts/stage-counts.js';
import type { Warehouse } from './open.js';
import type { Replacement } from './replacement.js';

/** How many rows and rejects slices have once their commit is through. */
export class Measures {
  readonly #counted: ReadonlyMap<Replacement, Counts>;

  constructor(counted: ReadonlyMap<Replacement, Counts>) {
    this.#counted = counted;
  }

  of(replacement: Replacement): Counts {
    const { rows, rejects } = this.#counted.get(replacement) ?? replacement;
    return { rows, rejects };
  }
}

/**
 * Counts what slices hold whose tables grow; of all others the stages' counts were checked while
 * they were written. A query a table, however many slices.
 */
export async function measure(warehouse: Warehouse, replacements: readonly Replacement[]): Promise<Measures> {
  const counted = new Map(
    replacements.filter(({ measured }) => measured).map((replacement) => [replacement, { rows: 0, rejects: 0 }]),
  );
  if (counted.size === 0) return new Measures(counted);
  const queries = [
    `SELECT w.target, 0 AS "rows", count(*) AS rejects FROM millpond.rejects r JOIN temp.targets w
       USING (schema_name, dataset, scope, slice) WHERE len(w.measured) > 0 GROUP BY w.target`,
  ];
  for (const { schema, table } of await countedTables(warehouse, [...counted.keys()])) {
    const scope = `w.scope::${sqlType(table.scopeColumn.type)}`;
    queries.push(
      `SELECT w.target, count(*) AS "rows", 0 AS rejects FROM ${identifier(schema, table.name)} t
       JOIN temp.targets w ON t._slice = w.slice AND t.${identifier(table.scopeColumn.name)} = ${scope}
       WHERE w.schema_name = ${literal(schema)} AND list_contains(w.measured, ${literal(table.name)}) GROUP BY w.target`,
    );
  }
  const rows = await warehouse.rows<Record<'target' | 'rows' | 'rejects', string>>(
    `SELECT target, sum("rows")::BIGINT AS "rows", sum(rejects)::BIGINT AS rejects
     FROM (${queries.join(' UNION ALL ')}) GROUP BY target`,
  );
  for (const row of rows) {
    counted.set(replacements[Number(row.target)]!, { rows: Number(row.rows), rejects: Number(row.rejects) });
  }
  return new Measures(counted);
}

/** The tables to look into; one that nothing was ever written to is not there. */
async function countedTables(warehouse: Warehouse, replacements: readonly Replacement[]) {
  const tables = new Map(
    replacements.flatMap(({ schema, counted }) =>
      counted.map((table) => [identifier(schema, table.name), { schema, table }] as const),
    ),
  );
  const there = await warehouse.rows<Record<'schema_name' | 'table_name', string>>(
    'SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database()',
  );
  return there.flatMap((row) => tables.get(identifier(row.schema_name, row.table_name)) ?? []);
}
