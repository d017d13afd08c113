import fs from 'node:fs/promises';
import path from 'node:path';
import { identifier, literal } from '../../base/duckdb/quote.js';
import { temporaryOwner } from '../../base/files.js';
import type { Ctx } from '../../contracts/index.js';
import { readWarehouse, type Warehouse, type WarehouseOptions, writeWarehouse } from './open.js';
import { warehouseBytes } from './warehouse-file.js';

/** When it pays to write tables anew. */
export interface CompactionLimits {
  /** Below this a file may waste what it likes. */
  readonly fileBytes: number;
  /** Share of the file's blocks that are free. Half is what every reload of one large slice leaves. */
  readonly freeShare: number;
  /** A table in fewer pieces than this is never worth it … */
  readonly pieces: number;
  /** … nor one whose pieces hold more rows than this on average. DuckDB fills one up to 122,880. */
  readonly rowsPerPiece: number;
}

const LIMITS: CompactionLimits = { fileBytes: 64e6, freeShare: 0.6, pieces: 256, rowsPerPiece: 12_000 };

/**
 * Removes what killed writers left beside the file, and writes tables anew where most of the
 * file is free, or where large commits left a table in many small pieces. Otherwise one look.
 * @throws MillpondError as {@link writeWarehouse}.
 */
export async function maintainWarehouse(
  options: WarehouseOptions,
  ctx: Ctx,
  limits: CompactionLimits = LIMITS,
): Promise<void> {
  await sweep(options.path);
  const bytes = await warehouseBytes(options.path);
  if (bytes === undefined || bytes < limits.fileBytes) return;
  const due = await readWarehouse(options, ctx, (warehouse) => tablesDue(warehouse, limits));
  if (!due || due.length === 0) return;
  ctx.log.info('compacting the warehouse', { path: options.path, tables: due.length });
  await writeWarehouse(options, ctx, async (warehouse) => {
    await warehouse.useAllThreads();
    for (const table of due) await rewrite(warehouse, table);
  });
}

/** Folders of new warehouses that were never finished, their makers dead. */
async function sweep(file: string): Promise<void> {
  const folder = path.dirname(file);
  const names = await fs.readdir(folder).catch(() => []);
  for (const name of names) {
    const owner = name.endsWith(`-${path.basename(file)}`) ? temporaryOwner(name) : undefined;
    if (owner === undefined || isAlive(owner)) continue;
    await fs.rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tables of Millpond's that are worth writing anew, as SQL names. */
async function tablesDue(warehouse: Warehouse, limits: CompactionLimits): Promise<string[]> {
  const [blocks] = await warehouse.rows<Record<'total' | 'free', string>>(
    `SELECT total_blocks AS total, free_blocks AS free
     FROM pragma_database_size() WHERE database_name = current_database()`,
  );
  const mostlyFree = Number(blocks?.free) > limits.freeShare * Number(blocks?.total);
  // Only tables with a row's marks are Millpond's; what else is in the file is left alone.
  const tables = await warehouse.rows<Record<'schema_name' | 'table_name' | 'row_count', string>>(
    `SELECT schema_name, table_name, estimated_size AS row_count
     FROM duckdb_columns() JOIN duckdb_tables() USING (schema_name, table_name)
     WHERE NOT temporary AND column_name IN ('_slice', '_run_id', '_loaded_at')
     GROUP BY ALL HAVING count(*) = 3
     UNION ALL SELECT 'millpond', table_name, estimated_size FROM duckdb_tables() WHERE schema_name = 'millpond'`,
  );
  const [{ commits = '0' } = {}] = await warehouse.rows<{ commits: string }>(
    'SELECT count(*) AS commits FROM millpond.commits',
  );
  const due: string[] = [];
  for (const { schema_name, table_name, row_count } of tables) {
    const name = identifier(schema_name, table_name);
    const mayBe = schema_name === 'millpond' || mayBeInPieces(Number(row_count), Number(commits), limits);
    if (mostlyFree || (mayBe && (await inPieces(warehouse, name, limits)))) due.push(name);
  }
  return due;
}

/** Rows of a full piece. */
const FULL_PIECE = 122_880;
/** Pieces that the commit of a slice may leave short of full: one a thread, and there are rarely more than these that count. */
const SHORT_PIECES = 4;

/** Whether so many commits can have left so many pieces at all: to count those of a large table takes most of a second. */
function mayBeInPieces(rows: number, commits: number, limits: CompactionLimits): boolean {
  const most = rows / FULL_PIECE + commits * SHORT_PIECES;
  return most > limits.pieces && rows < most * limits.rowsPerPiece;
}

async function inPieces(warehouse: Warehouse, name: string, limits: CompactionLimits): Promise<boolean> {
  const [row] = await warehouse.rows<Record<'pieces' | 'stored', string>>(
    `SELECT count(DISTINCT row_group_id) AS pieces, coalesce(sum("count"), 0) AS stored
     FROM pragma_storage_info(${literal(name)}) WHERE column_id = 0 AND segment_type <> 'VALIDITY'`,
  );
  const pieces = Number(row?.pieces);
  return pieces > limits.pieces && Number(row?.stored) < pieces * limits.rowsPerPiece;
}

/** The same rows in the same table, written anew in one transaction; comments and views stay. */
async function rewrite(warehouse: Warehouse, name: string): Promise<void> {
  await warehouse.transaction(async () => {
    await warehouse.run(`CREATE OR REPLACE TEMP TABLE kept AS SELECT * FROM ${name}`);
    await warehouse.run(`DELETE FROM ${name}`);
    await warehouse.run(`INSERT INTO ${name} SELECT * FROM temp.kept`);
    await warehouse.run('DROP TABLE temp.kept');
  });
}
