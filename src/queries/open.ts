import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Database, type DatabaseOptions } from '../base/duckdb/database.js';
import { identifier, literal, literalList } from '../base/duckdb/quote.js';
import { MillpondError } from '../base/errors.js';
import { pause } from '../base/retry.js';
import type { Ctx } from '../contracts/index.js';

/** What is read: a DuckDB file, or a Parquet lake as views. */
export interface Readable {
  readonly sink: 'duckdb' | 'parquet';
  /** Absolute path of the file, or the folder. */
  readonly path: string;
}

/** How a database is opened for reading. */
export interface OpenOptions {
  readonly target: Readable;
  /** Schemas in which a bare table name is looked for, first to last; others of the file follow. */
  readonly schemas: readonly string[];
  /** How long to wait for a commit that holds the file. */
  readonly lockWaitMs: number;
  /** The only file that may be written, for an export. */
  readonly writable?: string;
  readonly ctx: Ctx;
  /** Told once, when another process holds the file. */
  onWait(pid: string): void;
}

/** A database that can only be read, and read itself only. */
export interface ReadOnlyDatabase {
  readonly database: Database;
  close(): Promise<void>;
}

/**
 * Opens warehouse or lake read-only and locks it down: no other file, no network, no extension,
 * no setting.
 * @throws MillpondError `E_NOT_FOUND` where nothing was loaded yet, `E_LOCKED` naming the holder,
 *   `E_NOT_A_WAREHOUSE`, `E_FORMAT_NEWER`, `E_INTERRUPTED`.
 */
export async function openReadOnly(options: OpenOptions): Promise<ReadOnlyDatabase> {
  await mustExist(options.target);
  const temporaryFolder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-query-'));
  let database: Database | undefined;
  const close = async (): Promise<void> => {
    database?.close();
    await fs.rm(temporaryFolder, { recursive: true, force: true });
  };
  try {
    const shared = { ...options.ctx.budget, temporaryFolder };
    if (options.target.sink === 'duckdb') {
      database = await openPatiently({ ...shared, path: options.target.path, readOnly: true }, options);
    } else {
      database = await Database.open({ ...shared, path: ':memory:' });
      const { lakeViews } = await import('../sinks/parquet/index.js');
      for (const statement of await lakeViews(options.target.path, options.ctx)) await database.run(statement);
    }
    await setSearchPath(database, options.schemas);
    await lockDown(database, options);
    return { database, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function mustExist(target: Readable): Promise<void> {
  try {
    await fs.access(target.path);
  } catch {
    throw new MillpondError('E_NOT_FOUND', `${target.path} does not exist: nothing was loaded into it yet`, {
      hint: 'Load something first with `millpond run`.',
      at: { path: target.path },
    });
  }
}

/** Waits for a commit of another process; they are short. */
async function openPatiently(database: DatabaseOptions, options: OpenOptions): Promise<Database> {
  const deadline = performance.now() + options.lockWaitMs;
  let told = false;
  for (;;) {
    try {
      return await openRecovered(database);
    } catch (error) {
      if (!(error instanceof MillpondError) || error.code !== 'E_LOCKED' || performance.now() >= deadline) throw error;
      if (!told) options.onWait(String(error.at.pid));
      told = true;
    }
    await pause(Math.min(150, Math.max(1, deadline - performance.now())), options.ctx.signal);
  }
}

/**
 * A writer that was killed leaves a log beside the file. Read-only, DuckDB replays it in memory;
 * where it cannot (the kill fell into a checkpoint), the file is opened once for writing, which
 * finishes what was begun, and then again read-only.
 */
async function openRecovered(database: DatabaseOptions): Promise<Database> {
  try {
    return await Database.open(database);
  } catch (error) {
    if (error instanceof MillpondError && error.code === 'E_LOCKED') throw error;
    if (!(await hasLog(database.path))) throw error;
    (await Database.open({ ...database, readOnly: false })).close();
    return Database.open(database);
  }
}

async function hasLog(file: string): Promise<boolean> {
  const names = await fs.readdir(path.dirname(file));
  return names.some((name) => name.startsWith(`${path.basename(file)}.wal`));
}

/** Bare table names are found in every schema; of two tables of one name, the first schema's counts. */
async function setSearchPath(database: Database, preferred: readonly string[]): Promise<void> {
  const rows = await database.rows(
    `SELECT database_name AS catalog, schema_name AS name FROM duckdb_schemas()
     WHERE NOT internal AND database_name = current_database() ORDER BY schema_name`,
  );
  const last = ['millpond', 'main'];
  const rank = (name: string): number => {
    if (last.includes(name)) return preferred.length + 1 + last.indexOf(name);
    const index = preferred.indexOf(name);
    return index >= 0 ? index : preferred.length;
  };
  const schemas = rows
    .map((row) => ({ catalog: String(row.catalog), name: String(row.name) }))
    .sort((a, b) => rank(a.name) - rank(b.name));
  if (schemas.length === 0) return;
  await database.run(`SET search_path=${literal(schemas.map((s) => identifier(s.catalog, s.name)).join(','))}`);
}

/** From here on the connection reaches nothing but what is open. The order counts: the lock is last. */
async function lockDown(database: Database, options: OpenOptions): Promise<void> {
  if (options.target.sink === 'parquet') {
    await database.run(`SET allowed_directories=${literalList([options.target.path])}`);
  }
  if (options.writable !== undefined) await database.run(`SET allowed_paths=${literalList([options.writable])}`);
  await database.run('SET allow_community_extensions=false');
  await database.run('SET enable_external_access=false');
  await database.run('SET lock_configuration=true');
}
