import { identifier } from '../../base/duckdb/quote.js';
import type { Ctx, HeldRowsQuery } from '../../contracts/index.js';
import { countingFiles, type LakeIndex } from './lake-index.js';
import type { Workbench } from './open.js';
import { folderName, scopeFolder } from './paths.js';
import { columnNames, tableRows } from './table-rows.js';

/** Files in one query: each is opened to see its columns. */
const AT_ONCE = 1000;

/** Rows of one table and scope as texts; a column that no file has yet is null in all of them. */
export async function readHeldRows(
  { root, bench, index }: { readonly root: string; readonly bench: Workbench; readonly index: LakeIndex },
  { schema, table, scope, columns }: HeldRowsQuery,
  ctx: Ctx,
): Promise<readonly (readonly (string | null)[])[]> {
  const own = await index.below(scopeFolder(table, scope), ctx);
  // Whether a file beside the ledger's counts, the ledger's says: that of the dataset's own table.
  const datasets = new Set(own.filter(({ footer }) => !footer.ledger).map(({ footer }) => folderName(footer.dataset)));
  const ledgers = await index.files([...datasets], ctx);
  const files = countingFiles([...own, ...ledgers]).filter(
    ({ footer }) => footer.schema === schema && footer.table === table.name && footer.scope === scope,
  );
  const rows: (string | null)[][] = [];
  for (let first = 0; first < files.length; first += AT_ONCE) {
    const batch = files.slice(first, first + AT_ONCE);
    const known = new Set(columnNames(batch));
    const texts = columns.map((name) => (known.has(name) ? `${identifier(name)}::VARCHAR` : 'NULL::VARCHAR'));
    const query = `SELECT ${texts.join(', ')} FROM (${tableRows(root, batch)})`;
    rows.push(...(await bench.use(ctx.signal, (database) => database.texts(query))));
  }
  return rows;
}
