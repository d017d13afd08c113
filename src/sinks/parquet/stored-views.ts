import { identifier, sqlType } from '../../base/duckdb/quote.js';
import { viewStatements, type WrittenView } from '../../base/duckdb/view-sql.js';
import { writeFileAtomic } from '../../base/files.js';
import { type Ctx, META_COLUMNS, type RunNotes } from '../../contracts/index.js';
import type { LakeFile } from './lake-index.js';
import { readJson } from './notes.js';
import type { Workbench } from './open.js';
import { ownPaths } from './paths.js';
import { inPath } from './table-rows.js';

/**
 * Views over a lake. A folder of files has no catalogue, so what a run notes of its views is kept in
 * `_millpond/views.json`, their SQL written out, in the order in which they can be made; whoever
 * reads the lake through `lakeViews` makes them after the tables.
 */

/** Keeps the views of a run; one of a name that is known takes its place. Under the lock. */
export async function addViews(root: string, views: RunNotes['views'], ctx: Pick<Ctx, 'log'>): Promise<void> {
  if (views.length === 0) return;
  const before = await readViews(root, ctx);
  const fresh = views.map(({ schema, view }): WrittenView => {
    const { name, reads, parameters, description } = view;
    const query = view.sql((read) => identifier(schema, read));
    return { schema, name, reads, ...(parameters ? { parameters } : {}), query, description };
  });
  const again = new Set(fresh.map(idOf));
  // In the order of the run: a view may read those before it.
  const unique = new Map(fresh.map((view) => [idOf(view), view]));
  const after = [...before.filter((view) => !again.has(idOf(view))), ...unique.values()];
  if (JSON.stringify(after) === JSON.stringify(before)) return;
  await writeFileAtomic(ownPaths(root).views, `${JSON.stringify(after)}\n`);
}

async function readViews(root: string, ctx: Pick<Ctx, 'log'>): Promise<WrittenView[]> {
  return (await readJson<WrittenView[]>(ownPaths(root).views, ctx)) ?? [];
}

/**
 * The statements that make the kept views, of those whose tables are there. They are tried on empty
 * tables first: one that does not fit is left out with a warning, and spoils no other.
 * @param tables the files of each table that is there, by schema and name.
 */
export async function keptViews(
  root: string,
  tables: ReadonlyMap<string, readonly LakeFile[]>,
  bench: Workbench,
  ctx: Ctx,
): Promise<string[]> {
  const views = await readViews(root, ctx);
  const wanted = new Set(views.flatMap(({ schema, reads }) => reads.map((read) => identifier(schema, read))));
  const there = new Set([...tables.keys()].filter((name) => wanted.has(name)));
  if (there.size === 0) return [];
  return bench.use(ctx.signal, async (database) => {
    for (const name of there) {
      const files = tables.get(name)!;
      await database.run(`CREATE SCHEMA IF NOT EXISTS ${identifier(files[0]!.footer.schema)}`);
      await database.run(`CREATE TABLE ${name} AS ${emptyRows(files)}`);
    }
    const made: string[] = [];
    for (const view of views) {
      if (!view.reads.every((read) => there.has(identifier(view.schema, read)))) continue;
      const statements = viewStatements(view);
      try {
        for (const statement of statements) await database.run(statement);
      } catch (error) {
        ctx.log.warn(`The view ${idOf(view)} cannot be made: ${(error as Error).message}`, { path: root });
        continue;
      }
      there.add(idOf(view));
      made.push(...statements);
    }
    return made;
  });
}

function idOf({ schema, name }: WrittenView): string {
  return identifier(schema, name);
}

/** No row, with the columns that DuckDB finds in these files together. */
function emptyRows(files: readonly LakeFile[]): string {
  const own = [...inPath(files), ...META_COLUMNS.map(({ name, type }) => ({ name, type: sqlType(type) }))];
  const shapes = new Set(
    files.map(({ footer }) =>
      [...footer.columns.map(({ name, type }) => ({ name, type: sqlType(type) })), ...own]
        .map(({ name, type }) => `NULL::${type} AS ${identifier(name)}`)
        .join(', '),
    ),
  );
  return [...shapes].map((shape) => `SELECT ${shape} WHERE false`).join(' UNION ALL BY NAME ');
}
