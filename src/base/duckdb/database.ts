import {
  type DuckDBConnection,
  DuckDBInstance,
  DuckDBTimestampTZValue,
  type DuckDBValue,
  type Json,
} from '@duckdb/node-api';
import { asMillpondError, MillpondError, messageOf } from '../errors.js';
import { literal } from './quote.js';

/** The package would print instants in the zone of the machine; ours are UTC wherever we run. */
DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;

const INTERRUPT_AGAIN_MS = 50;

/** What an open database may use and touch. */
export interface DatabaseOptions {
  /** Absolute path, or `:memory:`. */
  readonly path: string;
  readonly threads: number;
  readonly memoryBytes: number;
  readonly readOnly?: boolean;
  /** Where DuckDB spills; absent: beside the file. */
  readonly temporaryFolder?: string;
}

/**
 * One instance with one connection: what atomic commits need (docs/adr: a second open
 * transaction would make a killed bulk commit come back in halves).
 */
export class Database {
  readonly connection: DuckDBConnection;
  /** What it was opened with. */
  readonly options: DatabaseOptions;
  readonly #instance: DuckDBInstance;
  #open = true;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection, options: DatabaseOptions) {
    this.#instance = instance;
    this.connection = connection;
    this.options = options;
  }

  /**
   * Opens, and pins what results depend on: time zone UTC, no extension from outside.
   * @throws MillpondError `E_LOCKED` naming the holder's pid, `E_NOT_A_WAREHOUSE`, `E_WAREHOUSE_CORRUPT`, or what DuckDB says.
   */
  static async open(options: DatabaseOptions): Promise<Database> {
    let instance: DuckDBInstance;
    try {
      instance = await DuckDBInstance.create(options.path, {
        threads: String(options.threads),
        memory_limit: `${Math.max(64, Math.round(options.memoryBytes / 1e6))}MB`,
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        preserve_insertion_order: 'true',
        // Files are read once: what DuckDB would keep of them is memory for nothing.
        enable_external_file_cache: 'false',
        ...(options.readOnly ? { access_mode: 'READ_ONLY' } : {}),
        ...(options.temporaryFolder ? { temp_directory: options.temporaryFolder } : {}),
      });
    } catch (error) {
      throw openError(error, options.path);
    }
    const connection = await instance.connect();
    const database = new Database(instance, connection, options);
    await database.run("SET TimeZone='UTC'");
    return database;
  }

  /** Runs statements whose rows nobody wants. @returns how many rows the last of them wrote. */
  async run(sql: string, values?: DuckDBValue[]): Promise<number> {
    return (await this.connection.run(sql, boundTo(values))).rowsChanged;
  }

  /** Rows as objects; BIGINT and DECIMAL are text, so nothing is rounded. */
  async rows(sql: string, values?: DuckDBValue[]): Promise<Record<string, Json>[]> {
    const reader = await this.connection.runAndReadAll(sql, boundTo(values));
    return reader.getRowObjectsJson();
  }

  /** Rows whose cells are texts, without their names. */
  async texts(sql: string, values?: DuckDBValue[]): Promise<(string | null)[][]> {
    const reader = await this.connection.runAndReadAll(sql, boundTo(values));
    return reader.getRows() as (string | null)[][];
  }

  /** Stops the statement under way; it rejects within milliseconds. One that is yet to begin misses it. */
  interrupt(): void {
    if (this.#open) this.connection.interrupt();
  }

  /** Does `work`, whose statements an abort stops: the one under way, and every one that begins after it. */
  async interruptible<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    let again: NodeJS.Timeout | undefined;
    const stop = () => {
      this.interrupt();
      again = setInterval(() => this.interrupt(), INTERRUPT_AGAIN_MS);
    };
    signal.addEventListener('abort', stop, { once: true });
    try {
      return await work();
    } finally {
      signal.removeEventListener('abort', stop);
      clearInterval(again);
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.connection.closeSync();
    this.#instance.closeSync();
  }
}

/** Without values a statement is one call to DuckDB, with them (even none) it is three. */
function boundTo(values: DuckDBValue[] | undefined): DuckDBValue[] | undefined {
  return values && values.length > 0 ? values : undefined;
}

/** The pid in DuckDB's "Conflicting lock is held in … (PID 123)", if it is one. */
export function lockHolder(message: string): string | undefined {
  if (!/Could not set lock|Conflicting lock/i.test(message)) return undefined;
  return /\(PID (\d+)\)/.exec(message)?.[1] ?? 'unknown';
}

function openError(error: unknown, path: string): MillpondError {
  const message = messageOf(error);
  const holder = lockHolder(message);
  if (holder !== undefined) {
    return new MillpondError('E_LOCKED', `${path} is held by another process (pid ${holder})`, {
      cause: error,
      at: { path, pid: holder },
    });
  }
  if (/corrupt|checksum|could not read enough bytes|Failure while replaying WAL/i.test(message)) {
    return new MillpondError('E_WAREHOUSE_CORRUPT', `${path} is damaged: ${message}`, { cause: error, at: { path } });
  }
  if (/not a valid DuckDB database file|is not a DuckDB|Serialization Error/i.test(message)) {
    return new MillpondError('E_NOT_A_WAREHOUSE', `${path} is not a DuckDB file that can be opened: ${message}`, {
      cause: error,
      at: { path },
    });
  }
  if (/newer version|storage version/i.test(message)) {
    return new MillpondError('E_FORMAT_NEWER', `${path} was written by a newer DuckDB: ${message}`, {
      cause: error,
      at: { path },
    });
  }
  const known = asMillpondError(error);
  if (known.code === 'E_DISK_FULL') return known;
  return new MillpondError('E_PATH_UNWRITABLE', `Cannot open ${path}: ${message}`, { cause: error, at: { path } });
}

/** A `SET` for a value that is text. */
export function setting(name: string, value: string): string {
  return `SET ${name}=${literal(value)}`;
}
