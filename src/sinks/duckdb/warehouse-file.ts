import fs from 'node:fs/promises';
import path from 'node:path';
import { MillpondError, messageOf, systemCode } from '../../base/errors.js';
import { syncFile, syncFolder, temporaryName } from '../../base/files.js';

/**
 * What may be done to a warehouse from outside DuckDB. Nothing here opens the `.duckdb` file
 * while DuckDB has it: a process that opens and closes it loses the lock on it.
 */

/** Whether there is a file. @throws MillpondError `E_PATH_UNWRITABLE` where a part of the path is a file. */
export async function warehouseExists(file: string): Promise<boolean> {
  return (await warehouseBytes(file)) !== undefined;
}

/** The size of the warehouse's file; undefined where there is none. @throws MillpondError `E_PATH_UNWRITABLE`. */
export async function warehouseBytes(file: string): Promise<number | undefined> {
  try {
    const stat = await fs.stat(file);
    if (stat.isDirectory()) throw new MillpondError('E_PATH_UNWRITABLE', `${file} is a folder, not a DuckDB file`);
    return stat.size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw unwritable(file, error);
  }
}

/** Makes the folders above the file. @throws MillpondError `E_PATH_UNWRITABLE`. */
export async function makeParent(file: string): Promise<void> {
  try {
    await fs.mkdir(path.dirname(file), { recursive: true });
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Finds out whether the file, or one beside it, could be written. @throws MillpondError `E_PATH_UNWRITABLE`. */
export async function assertWritable(file: string): Promise<void> {
  try {
    if (await warehouseExists(file)) return await fs.access(file, fs.constants.W_OK);
    await makeParent(file);
    const probe = temporaryName(file);
    await fs.writeFile(probe, '', { flag: 'wx' });
    await fs.rm(probe);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/**
 * Makes a new warehouse appear whole: `fill` writes it under another name, then it gets its
 * own, unless another process was faster. A kill on the way leaves only a temporary folder.
 */
export async function createWarehouse(file: string, fill: (temporary: string) => Promise<void>): Promise<void> {
  await makeParent(file);
  const folder = temporaryName(file);
  const temporary = path.join(folder, 'new.duckdb');
  try {
    await fs.mkdir(folder);
    await fill(temporary);
    await syncFile(temporary);
    await place(temporary, file);
    await syncFolder(path.dirname(file));
  } catch (error) {
    throw unwritable(file, error);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** Gives the file its name, never over another; by rename where the file system has no links. */
async function place(temporary: string, file: string): Promise<void> {
  try {
    await fs.link(temporary, file);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return;
    if (await warehouseExists(file)) return;
    await fs.rename(temporary, file);
  }
}

/** Bytes of the write-ahead log beside the file; 0 where there is none. */
export async function walBytes(file: string): Promise<number> {
  try {
    return (await fs.stat(`${file}.wal`)).size;
  } catch {
    return 0;
  }
}

/** The name under which DuckDB attaches the file: what stands before the first dot. */
export function catalogName(file: string): string {
  return path.basename(file).split('.')[0] ?? '';
}

/**
 * DuckDB cannot tell a catalog from a schema of its name.
 * @throws MillpondError `E_WAREHOUSE_NAME`.
 */
export function assertName(file: string, schemas: Iterable<string>): void {
  const name = catalogName(file).toLowerCase();
  for (const schema of ['millpond', 'main', ...schemas]) {
    if (schema.toLowerCase() !== name) continue;
    throw new MillpondError(
      'E_WAREHOUSE_NAME',
      `${file} is named like the schema ${schema}: DuckDB could not tell one from the other`,
      { at: { path: file, schema } },
    );
  }
}

function unwritable(file: string, error: unknown): MillpondError {
  if (error instanceof MillpondError) return error;
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return new MillpondError('E_DISK_FULL', `Disk full: ${messageOf(error)}`, { cause: error, at: { path: file } });
  }
  return new MillpondError('E_PATH_UNWRITABLE', `Cannot write ${file}: ${messageOf(error)}`, {
    cause: error,
    at: { path: file },
  });
}
