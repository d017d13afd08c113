import { identifier } from '../../base/duckdb/quote.js';
import type { Ctx } from '../../contracts/index.js';
import { historyFiles } from './history.js';
import { countingFiles, LakeIndex } from './lake-index.js';
import { readFormat } from './migrations.js';
import { runFiles } from './notes.js';
import { Workbench } from './open.js';
import { groupBy } from './rows.js';
import { keptViews } from './stored-views.js';
import { tableRows } from './table-rows.js';
import { noteViews } from './views-millpond.js';

/**
 * The lake as views: SQL statements for an empty DuckDB in memory, a schema for each connection
 * with a view per table and the views over them, and `millpond` with the tables and views of a warehouse. They name the
 * files that count now; what is damaged or foreign is left out.
 * @param path absolute path of the lake; nothing there: the views of `millpond`, empty.
 * @throws MillpondError `E_FORMAT_NEWER`, `E_INTERRUPTED`.
 */
export async function lakeViews(path: string, ctx: Ctx): Promise<string[]> {
  await readFormat(path);
  const bench = new Workbench({ root: path, threads: 1, memoryBytes: ctx.budget.memoryBytes });
  try {
    const files = countingFiles(await new LakeIndex(path, bench).files(undefined, ctx));
    const tables = groupBy(files, ({ footer }) => identifier(footer.schema, footer.table));
    const schemas = [...new Set(['millpond', ...files.map(({ footer }) => footer.schema)])];
    return [
      ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`),
      ...[...tables].map(([name, own]) => `CREATE VIEW ${name} AS ${tableRows(path, own)}`),
      ...(await keptViews(path, tables, bench, ctx)),
      ...(await noteViews(path, files, await historyFiles(path), await runFiles(path))),
    ];
  } finally {
    await bench.close();
  }
}
