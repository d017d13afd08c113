import { identifier, literal, literalList, sqlType } from '../../base/duckdb/quote.js';
import type { Ctx } from '../../contracts/index.js';
import { metaNames } from './ddl.js';
import type { Footer } from './footer.js';
import { historyFiles } from './history.js';
import { type LakeFile, LakeIndex } from './lake-index.js';
import { readFormat } from './migrations.js';
import { runFiles } from './notes.js';
import { Workbench } from './open.js';
import { absolute, DATE_COLUMN } from './paths.js';
import { groupBy } from './rows.js';
import { noteViews } from './views-millpond.js';

/**
 * The lake as views: SQL statements for an empty DuckDB in memory, a schema for each connection
 * with a view per table, and `millpond` with the tables and views of a warehouse. They name the
 * files that count now; what is damaged or foreign is left out.
 * @param path absolute path of the lake; nothing there: the views of `millpond`, empty.
 * @throws MillpondError `E_FORMAT_NEWER`, `E_INTERRUPTED`.
 */
export async function lakeViews(path: string, ctx: Ctx): Promise<string[]> {
  await readFormat(path);
  const bench = new Workbench({ root: path, threads: 1, memoryBytes: ctx.budget.memoryBytes });
  try {
    const files = counting(await new LakeIndex(path, bench).files(undefined, ctx));
    const tables = groupBy(files, ({ footer }) => identifier(footer.schema, footer.table));
    const schemas = [...new Set(['millpond', ...files.map(({ footer }) => footer.schema)])];
    return [
      ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${identifier(schema)}`),
      ...[...tables].map(([name, own]) => `CREATE VIEW ${name} AS ${tableRows(path, own)}`),
      ...(await noteViews(path, files, await historyFiles(path), await runFiles(path))),
    ];
  } finally {
    await bench.close();
  }
}

/** Files of the ledger, and of other tables those whose commit came to its end. */
function counting(files: readonly LakeFile[]): LakeFile[] {
  const mark = ({ dataset, scope }: Footer, commit: string) => JSON.stringify([dataset, scope, commit]);
  const done = new Set(
    files
      .filter(({ footer }) => footer.ledger)
      .flatMap(({ footer }) => footer.slices.map(({ commit }) => mark(footer, commit))),
  );
  return files.filter(({ footer }) => footer.slices.some(({ commit }) => done.has(mark(footer, commit))));
}

/** A table's rows, with the columns of the path back in their place. */
function tableRows(root: string, files: readonly LakeFile[]): string {
  const { footer } = files[0]!;
  const dated = footer.report_date !== null;
  const scope = footer.scope_column;
  const inPath = [
    { name: scope.name, type: sqlType(scope.type) },
    ...(dated ? [{ name: DATE_COLUMN, type: 'DATE' }] : []),
  ];
  const named = new Set(files.flatMap((file) => file.footer.columns.map(({ name }) => name)));
  const columns = [...inPath.map(({ name }) => name), ...named, ...metaNames].map((name) => identifier(name));
  const names = literalList(files.map(({ file }) => absolute(root, file)));
  const types = inPath.map(({ name, type }) => `${literal(name)}: ${type}`).join(', ');
  return `SELECT ${columns.join(', ')} FROM read_parquet(${names}, union_by_name=true, hive_partitioning=true, hive_types={${types}})`;
}
