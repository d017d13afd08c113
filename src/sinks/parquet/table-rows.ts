import { identifier, literal, literalList, sqlType } from '../../base/duckdb/quote.js';
import { metaNames } from './ddl.js';
import type { LakeFile } from './lake-index.js';
import { absolute, DATE_COLUMN } from './paths.js';

/** The columns of a table's rows in the order of a warehouse: those of the path first, Millpond's own last. */
export function columnNames(files: readonly LakeFile[]): string[] {
  const named = files.flatMap(({ footer }) => footer.columns.map(({ name }) => name));
  return [...new Set([...inPath(files).map(({ name }) => name), ...named, ...metaNames])];
}

/** The query for all rows of files of one table, with the columns of the path back in their place. */
export function tableRows(root: string, files: readonly LakeFile[]): string {
  const columns = columnNames(files).map((name) => identifier(name));
  const names = literalList(files.map(({ file }) => absolute(root, file)));
  const types = inPath(files).map(({ name, type }) => `${literal(name)}: ${type}`);
  const cut = files.flatMap(({ file, firstRows }) =>
    firstRows === undefined ? [] : `_file = ${literal(absolute(root, file))} AND file_row_number >= ${firstRows}`,
  );
  const numbers = cut.length > 0 ? `, filename='_file', file_row_number=true` : '';
  const where = cut.length > 0 ? ` WHERE NOT (${cut.join(' OR ')})` : '';
  // Of files that all have the same columns DuckDB need not open each to see them.
  const alike = new Set(files.map(({ footer }) => footer.columns)).size === 1;
  const byName = alike ? '' : 'union_by_name=true, ';
  return `SELECT ${columns.join(', ')} FROM read_parquet(${names}, ${byName}hive_partitioning=true, hive_types={${types.join(', ')}}${numbers})${where}`;
}

/** The columns that stand in the paths of a table's files, and their types in SQL. */
export function inPath(files: readonly LakeFile[]): { readonly name: string; readonly type: string }[] {
  const { scope_column, report_date } = files[0]!.footer;
  const scope = { name: scope_column.name, type: sqlType(scope_column.type) };
  return report_date === null ? [scope] : [scope, { name: DATE_COLUMN, type: 'DATE' }];
}
