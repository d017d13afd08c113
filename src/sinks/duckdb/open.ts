import { Database } from '../../base/duckdb/database.js';
import { exclusively } from '../../base/duckdb/exclusive.js';
import { asMillpondError, MillpondError, messageOf } from '../../base/errors.js';
import { pause, throwIfAborted } from '../../base/retry.js';
import type { Ctx } from '../../contracts/index.js';
import { assertReadable, bringUp } from './migrations.js';
import { createWarehouse, walBytes, warehouseExists } from './warehouse-file.js';

/** Where a warehouse is and what a process may spend on it. */
export interface WarehouseOptions {
  /** Absolute path of the file. */
  readonly path: string;
  readonly lockWaitMs: number;
  readonly memoryBytes: number;
  readonly threads: number;
}

/**
 * Without these a kill during COMMIT of more than a row group can leave the insert without the
 * delete: the commit must write a checkpoint, not the log. Without the third, a reload of many
 * rows ends with DuckDB rewriting half the file, in seconds and gigabytes. Measured in docs/adr.
 */
const WRITE_SETTINGS = [
  "SET GLOBAL wal_autocheckpoint='1KB'",
  'SET GLOBAL auto_checkpoint_skip_wal_threshold=0',
  'SET GLOBAL max_vacuum_tasks=0',
  'SET preserve_insertion_order=false',
] as const;

/** Only from 1.5.6 on, where the others are not enough. */
const NEWER_SETTING = { name: 'enable_optimistic_write', sql: 'SET GLOBAL enable_optimistic_write=false' } as const;

/** The same for every warehouse: it is the library that knows it or not. */
let hasNewerSetting: boolean | undefined;

/** Between two looks at a lock that another process holds. */
const LOOK_MS = 100;

/** An open warehouse: every statement gives way to the caller's signal. */
export class Warehouse {
  readonly database: Database;
  /** For messages. */
  readonly path: string;
  readonly #threads: number;
  readonly #signal: AbortSignal;

  constructor(database: Database, { path, threads }: WarehouseOptions, signal: AbortSignal) {
    this.database = database;
    this.path = path;
    this.#threads = threads;
    this.#signal = signal;
  }

  /** Rows of a query; BIGINT and DECIMAL are text. @throws MillpondError `E_INTERRUPTED`, `E_DISK_FULL` … */
  async rows<Row = Record<string, string | null>>(sql: string, values: readonly string[] = []): Promise<Row[]> {
    return (await this.#statement(() => this.database.rows(sql, [...values]))) as Row[];
  }

  /** Rows of a query whose cells are texts, without their names. @throws like {@link rows}. */
  async texts(sql: string, values: readonly string[] = []): Promise<(string | null)[][]> {
    return this.#statement(() => this.database.texts(sql, [...values]));
  }

  /** @returns how many rows the statement changed. @throws like {@link rows}. */
  async run(sql: string, values: readonly string[] = []): Promise<number> {
    return this.#statement(() => this.database.run(sql, [...values]));
  }

  /**
   * `work` in one transaction; `atCommit` runs right before COMMIT. A COMMIT under way is not
   * interrupted: it is short, and either there or not.
   */
  async transaction<T>(work: () => Promise<T>, atCommit: () => void = () => {}): Promise<T> {
    await this.run('BEGIN');
    try {
      const result = await work();
      throwIfAborted(this.#signal);
      atCommit();
      await this.database.run('COMMIT');
      return result;
    } catch (error) {
      await this.database.run('ROLLBACK').catch(() => {
        // DuckDB has rolled back by itself, or closing will.
      });
      throw warehouseError(error, this.#signal);
    }
  }

  /**
   * Lets the next COMMIT join the small pieces that commits leave behind. Cheap after a few
   * thousand rows, and without it each such commit would cost a megabyte of file; after many
   * rows it is what takes seconds, and left to `maintain`.
   */
  async tidyAtCommit(): Promise<void> {
    await this.run('SET GLOBAL max_vacuum_tasks=100');
  }

  /**
   * From here on with as many threads as the sink may use. A warehouse is opened for writing with
   * one: where there is too little for two, the second only takes time from others while it
   * waits, and each holds a block of memory for every column of a table.
   */
  async useAllThreads(): Promise<void> {
    await this.run(`SET GLOBAL threads=${this.#threads}`);
  }

  async #statement<T>(call: () => Promise<T>): Promise<T> {
    throwIfAborted(this.#signal);
    try {
      return await this.database.interruptible(this.#signal, call);
    } catch (error) {
      throw warehouseError(error, this.#signal);
    }
  }
}

/**
 * Opens the warehouse for writing, alone in this process, for as long as `work` takes; makes
 * the file where there is none, and brings its format up to date. Afterwards nothing is left in
 * the write-ahead log.
 * @throws MillpondError `E_LOCKED` naming the holder's pid after `lockWaitMs`, `E_FORMAT_NEWER`,
 *   `E_NOT_A_WAREHOUSE`, `E_WAREHOUSE_CORRUPT`, `E_PATH_UNWRITABLE`, `E_DISK_FULL`, `E_INTERRUPTED`.
 */
export async function writeWarehouse<T>(
  options: WarehouseOptions,
  ctx: Ctx,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T> {
  return exclusively(options.path, ctx.signal, async () => {
    if (!(await warehouseExists(options.path))) {
      await createWarehouse(options.path, async (temporary) => {
        await using(await openDatabase({ ...options, path: temporary }, false), (database) =>
          prepare(database, options, ctx),
        );
      });
    }
    const result = await using(await openWaiting(options, ctx, false), async (database) => {
      const warehouse = await prepare(database, options, ctx);
      const done = await work(warehouse);
      await settle(database, options.path);
      return done;
    });
    await assertSettled(options.path);
    return result;
  });
}

/** Opens the warehouse for reading for as long as `work` takes. @returns undefined where there is none. */
export async function readWarehouse<T>(
  options: WarehouseOptions,
  ctx: Ctx,
  work: (warehouse: Warehouse) => Promise<T>,
): Promise<T | undefined> {
  return exclusively(options.path, ctx.signal, async () => {
    if (!(await warehouseExists(options.path))) return undefined;
    return using(await openWaiting(options, ctx, true), async (database) => {
      const warehouse = new Warehouse(database, options, ctx.signal);
      await assertReadable(warehouse);
      return work(warehouse);
    });
  });
}

async function prepare(database: Database, options: WarehouseOptions, ctx: Ctx): Promise<Warehouse> {
  const warehouse = new Warehouse(database, options, ctx.signal);
  await warehouse.run(WRITE_SETTINGS.join(';'));
  hasNewerSetting ??= (await warehouse.rows(`FROM duckdb_settings() WHERE name = $1`, [NEWER_SETTING.name])).length > 0;
  if (hasNewerSetting) await warehouse.run(NEWER_SETTING.sql);
  await bringUp(warehouse, ctx.now());
  return warehouse;
}

async function using<T>(database: Database, work: (database: Database) => Promise<T>): Promise<T> {
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

/** After a commit the log must be empty: what stands in it is not safe from a kill. */
async function settle(database: Database, path: string): Promise<void> {
  if ((await walBytes(path)) > 0) await database.run('CHECKPOINT');
}

async function assertSettled(path: string): Promise<void> {
  const bytes = await walBytes(path);
  if (bytes === 0) return;
  throw new MillpondError('E_BUG', `${path}.wal still holds ${bytes} bytes after the commit`, { at: { path } });
}

async function openWaiting(options: WarehouseOptions, ctx: Ctx, readOnly: boolean): Promise<Database> {
  const deadline = performance.now() + options.lockWaitMs;
  for (let told = false; ; told = true) {
    throwIfAborted(ctx.signal);
    try {
      return await openDatabase(options, readOnly);
    } catch (thrown) {
      const error = asMillpondError(thrown);
      const left = deadline - performance.now();
      if (error.code !== 'E_LOCKED' || left <= 0) throw error;
      if (!told) ctx.log.info('waiting for the warehouse', { path: options.path, pid: String(error.at.pid) });
      await pause(Math.min(LOOK_MS, left), ctx.signal);
    }
  }
}

async function openDatabase(options: WarehouseOptions, readOnly: boolean): Promise<Database> {
  const { path } = options;
  const threads = readOnly ? options.threads : 1;
  try {
    return await Database.open({ path, threads, memoryBytes: usefulMemory(options.memoryBytes), readOnly });
  } catch (error) {
    // A log that a killed writer left may want to be written into the file first.
    if (readOnly && asMillpondError(error).code !== 'E_LOCKED' && (await walBytes(path)) > 0) {
      return openDatabase(options, false);
    }
    throw error;
  }
}

/** A commit of millions of rows fills whatever it is given, and is no faster for more than half of it. */
function usefulMemory(memoryBytes: number): number {
  return Math.max(memoryBytes / 2, Math.min(memoryBytes, 256e6));
}

/** What DuckDB throws, with a code. */
function warehouseError(error: unknown, signal: AbortSignal): MillpondError {
  if (error instanceof MillpondError) return error;
  const message = messageOf(error);
  if (signal.aborted && /interrupt/i.test(message)) {
    return new MillpondError('E_INTERRUPTED', 'Interrupted', { cause: error });
  }
  if (/corrupt|checksum|could not read enough bytes/i.test(message)) {
    return new MillpondError('E_WAREHOUSE_CORRUPT', `The warehouse is damaged: ${message}`, { cause: error });
  }
  return asMillpondError(error);
}
