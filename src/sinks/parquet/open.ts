import fs from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { Database } from '../../base/duckdb/database.js';
import { asMillpondError, MillpondError, systemCode } from '../../base/errors.js';
import { temporaryName } from '../../base/files.js';
import { throwIfAborted } from '../../base/retry.js';
import { ownPaths } from './paths.js';

const MOST_AT_ONCE = 3;
/** What an instance needs to read and write tables of hundreds of columns. */
const LEAST_MEMORY = 125e6;

/** A few DuckDB instances in memory that do the reading and writing: files know no lock of theirs. */
export class Workbench {
  /** How much is done side by side. */
  readonly width: number;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #idle: Database[] = [];
  readonly #spill: string;
  readonly #threads: number;
  readonly #memoryBytes: number;

  constructor(options: { readonly root: string; readonly threads: number; readonly memoryBytes: number }) {
    // Small slices gain from two or three at a time; more instances would only share out the memory.
    this.width = Math.max(1, Math.min(MOST_AT_ONCE, options.threads, Math.floor(options.memoryBytes / LEAST_MEMORY)));
    this.#limit = pLimit(this.width);
    this.#threads = options.threads;
    this.#memoryBytes = options.memoryBytes / this.width;
    this.#spill = temporaryName(path.join(ownPaths(options.root).own, 'spill'));
  }

  /**
   * Lends a database to `work`; an abort stops the statement under way.
   * @throws MillpondError `E_INTERRUPTED`, `E_DISK_FULL`, or whatever `work` throws.
   */
  use<T>(signal: AbortSignal, work: (database: Database) => Promise<T>): Promise<T> {
    return this.#limit(async () => {
      throwIfAborted(signal);
      const database = this.#idle.pop() ?? (await this.#open());
      try {
        return await database.interruptible(signal, () => work(database));
      } catch (error) {
        throwIfAborted(signal);
        throw asMillpondError(error);
      } finally {
        this.#idle.push(database);
      }
    });
  }

  async #open(): Promise<Database> {
    return Database.open({
      path: ':memory:',
      threads: this.#threads,
      memoryBytes: this.#memoryBytes,
      temporaryFolder: this.#spill,
    });
  }

  /** Closes what is idle, and removes what was spilled. */
  async close(): Promise<void> {
    for (const database of this.#idle.splice(0)) database.close();
    try {
      await fs.rm(this.#spill, { recursive: true, force: true });
    } catch (error) {
      // A file where the lake's folder should be: nothing was spilled there.
      if (systemCode(error) !== 'ENOTDIR') throw error;
    }
  }
}

/**
 * Whether a lake could be written here; leaves nothing behind.
 * @throws MillpondError `E_PATH_UNWRITABLE`.
 */
export async function checkFolder(root: string): Promise<void> {
  try {
    const there = await nearestExisting(root);
    if (!(await fs.stat(there)).isDirectory()) throw notAFolder(there);
    await fs.access(there, fs.constants.W_OK | fs.constants.X_OK);
    if (there !== root) return;
    const probe = temporaryName(path.join(root, 'probe'));
    await fs.writeFile(probe, '', { flag: 'wx' });
    await fs.rm(probe);
  } catch (error) {
    throw unwritable(root, error);
  }
}

/** Makes the lake's folder. @throws MillpondError `E_PATH_UNWRITABLE`, `E_DISK_FULL`. */
export async function makeFolder(root: string): Promise<void> {
  try {
    await fs.mkdir(ownPaths(root).own, { recursive: true });
  } catch (error) {
    throw unwritable(root, error);
  }
}

async function nearestExisting(folder: string): Promise<string> {
  try {
    await fs.stat(folder);
    return folder;
  } catch (error) {
    const parent = path.dirname(folder);
    if (systemCode(error) !== 'ENOENT' || parent === folder) throw error;
    return nearestExisting(parent);
  }
}

function notAFolder(file: string): MillpondError {
  return new MillpondError('E_PATH_UNWRITABLE', `${file} is a file, where a folder for Parquet files should be`, {
    at: { path: file },
  });
}

function unwritable(root: string, error: unknown): MillpondError {
  const known = asMillpondError(error);
  if (known.code === 'E_DISK_FULL' || error instanceof MillpondError) return known;
  const what = ['ENOTDIR', 'EEXIST'].includes(systemCode(error) ?? '') ? 'a file stands in its way' : known.message;
  return new MillpondError('E_PATH_UNWRITABLE', `Cannot write the lake at ${root}: ${what}`, {
    cause: error,
    at: { path: root },
  });
}
