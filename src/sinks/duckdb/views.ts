import { createHash } from 'node:crypto';
import { identifier } from '../../base/duckdb/quote.js';
import { viewStatements } from '../../base/duckdb/view-sql.js';
import { messageOf } from '../../base/errors.js';
import type { Log, RunNotes } from '../../contracts/index.js';
import { fill } from './claims.js';
import type { Warehouse } from './open.js';

/** What makes a view's entry in `millpond.meta`. */
const META_PREFIX = 'view ';

/**
 * Makes the views whose text is another than last time, in their order, as soon as all that they
 * read is there. DuckDB binds a view anew at each use, so one outlives changes of its tables. A view
 * that the tables do not fit (columns that were not asked for) is left out with a warning.
 */
export async function writeViews(warehouse: Warehouse, views: RunNotes['views'], log: Log): Promise<void> {
  if (views.length === 0) return;
  const there = await namesThere(warehouse);
  const known = await knownTexts(warehouse);
  const made = new Map<string, string>();
  for (const { schema, view } of views) {
    const id = identifier(schema, view.name);
    const { name, reads, parameters, description } = view;
    if (made.has(id) || !reads.every((read) => there.has(identifier(schema, read)))) continue;
    const query = view.sql((read) => identifier(schema, read));
    const statements = viewStatements({ schema, name, reads, parameters, query, description });
    const text = createHash('sha256').update(statements.join(';')).digest('hex');
    if (there.has(id) && known.get(id) === text) continue;
    if (!(await create(warehouse, statements, id, log))) continue;
    there.add(id);
    made.set(id, text);
  }
  if (made.size > 0) await remember(warehouse, made);
}

async function create(warehouse: Warehouse, statements: readonly string[], id: string, log: Log): Promise<boolean> {
  try {
    for (const statement of statements) await warehouse.run(statement);
    return true;
  } catch (error) {
    // What cannot be bound leaves the transaction as it was; anything else is for the caller.
    if (!/^(Binder|Catalog|Parser) Error/.test(messageOf(error))) throw error;
    log.warn(`The view ${id} cannot be made: ${messageOf(error)}`, { path: warehouse.path });
    return false;
  }
}

/** Tables, views and table macros, quoted with their schemas. */
async function namesThere(warehouse: Warehouse): Promise<Set<string>> {
  const rows = await warehouse.rows<Record<'schema_name' | 'name', string>>(
    `SELECT schema_name, table_name AS name FROM duckdb_tables() WHERE database_name = current_database()
     UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = current_database()
     UNION ALL SELECT schema_name, function_name FROM duckdb_functions()
       WHERE database_name = current_database() AND function_type = 'table_macro'`,
  );
  return new Set(rows.map((row) => identifier(row.schema_name, row.name)));
}

/** What each view was made from last time, as a hash. */
async function knownTexts(warehouse: Warehouse): Promise<Map<string, string>> {
  const rows = await warehouse.rows<Record<'key' | 'value', string>>(
    `SELECT "key", "value" FROM millpond.meta WHERE starts_with("key", '${META_PREFIX}')`,
  );
  return new Map(rows.map((row) => [row.key.slice(META_PREFIX.length), row.value]));
}

async function remember(warehouse: Warehouse, made: ReadonlyMap<string, string>): Promise<void> {
  const entries = [...made].map(([id, value]) => ({ key: `${META_PREFIX}${id}`, value }));
  await fill(warehouse, 'views_made', entries, { key: 'VARCHAR', value: 'VARCHAR' });
  await warehouse.run('DELETE FROM millpond.meta WHERE "key" IN (SELECT "key" FROM temp.views_made)');
  await warehouse.run('INSERT INTO millpond.meta BY NAME SELECT * FROM temp.views_made');
}
