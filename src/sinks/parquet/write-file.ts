import fs from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '../../base/duckdb/database.js';
import { literal } from '../../base/duckdb/quote.js';
import { syncFile, syncFolder, temporaryName } from '../../base/files.js';
import { absolute } from './paths.js';

/** A file that is written and fsynced, and waits for its name. */
export interface Pending {
  /** Absolute path of the temporary file, in the folder of its target. */
  readonly temporary: string;
  /** Relative to the lake. */
  readonly file: string;
}

/** What a thread holds while it writes, in row groups: the one that grows, its encoded form, and one to spare each. */
const ROW_GROUPS_IN_MEMORY = 4;

/**
 * Writes the rows of `query` (zstd), in any order, beside `file`, fsynced. The temporary name has another ending,
 * so that whoever reads `*.parquet` never meets half a file; what fails leaves nothing.
 * @param extra further options of COPY.
 * @returns the rows written, with the file.
 */
export async function writePending(
  database: Database,
  root: string,
  file: string,
  query: string,
  extra: readonly string[],
): Promise<Pending & { readonly rows: number }> {
  const target = absolute(root, file);
  await fs.mkdir(path.dirname(target), { recursive: true });
  const temporary = temporaryName(target.replace(/\.parquet$/, ''));
  try {
    const { memoryBytes, threads } = database.options;
    const rowGroup = Math.round(memoryBytes / threads / ROW_GROUPS_IN_MEMORY);
    const options = ['FORMAT parquet', 'COMPRESSION zstd', `ROW_GROUP_SIZE_BYTES ${rowGroup}`, ...extra].join(', ');
    // Only where rows may come in any order is one file written by several threads.
    await database.run('SET preserve_insertion_order=false');
    const rows = await database.run(`COPY (${query}) TO ${literal(temporary)} (${options})`);
    await syncFile(temporary);
    return { temporary, file, rows };
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  } finally {
    await database.run('SET preserve_insertion_order=true');
  }
}

/** Gives a pending file its name: from here on it counts, if a power cut does not come first. */
export async function place(root: string, pending: Pending): Promise<void> {
  await fs.rename(pending.temporary, absolute(root, pending.file));
}

/** Makes names in these files' folders, and the folders themselves, survive a power cut. */
export async function syncFolders(root: string, files: readonly string[]): Promise<void> {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder = path.posix.dirname(file); ; folder = path.posix.dirname(folder)) {
      folders.add(folder);
      if (folder === '.') break;
    }
  }
  await Promise.all([...folders].map((folder) => syncFolder(absolute(root, folder))));
}

/** Deletes pending files that shall not count. */
export async function discardAll(pending: readonly Pending[]): Promise<void> {
  await Promise.all(pending.map(({ temporary }) => fs.rm(temporary, { force: true })));
}
