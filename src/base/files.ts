import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from './errors.js';
import { OpenFile } from './open-file.js';

/** Folders that are being synced, each with the sync that will begin after it. */
const syncs = new Map<string, { readonly current: Promise<void>; next?: Promise<void> }>();

/**
 * Makes a folder's entries (new names, renames) survive a power cut. Where a system cannot, it is
 * left. Who asks while a sync is under way shares the next one with all others who do.
 */
export function syncFolder(folder: string): Promise<void> {
  const under = syncs.get(folder);
  if (!under) return begin(folder);
  under.next ??= under.current.then(
    () => begin(folder),
    () => begin(folder),
  );
  return under.next;
}

function begin(folder: string): Promise<void> {
  const current = syncNow(folder).finally(() => {
    if (syncs.get(folder)?.current === current && !syncs.get(folder)?.next) syncs.delete(folder);
  });
  syncs.set(folder, { current });
  return current;
}

async function syncNow(folder: string): Promise<void> {
  let opened: OpenFile | undefined;
  try {
    opened = await OpenFile.open(folder, 'r');
    await opened.sync();
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'EISDIR' && code !== 'EPERM' && code !== 'EINVAL' && code !== 'ENOTSUP') throw error;
  } finally {
    await opened?.close();
  }
}

/** Of this process, in names that it makes. */
const MARK = randomBytes(6).toString('hex');
let names = 0;

/** A name beside `file` that nobody else uses; dead writers' leftovers are known by the `.tmp-`. */
export function temporaryName(file: string): string {
  names += 1;
  return path.join(path.dirname(file), `.tmp-${process.pid}-${MARK}${names.toString(36)}-${path.basename(file)}`);
}

/** Pid of the process that made a {@link temporaryName}, or undefined where it is no such name. */
export function temporaryOwner(name: string): number | undefined {
  const match = /^\.tmp-(\d+)-/.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** Those of these files that are there. */
export async function existing(files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map((file) =>
      fs.access(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** Deletes a file, if it is there. */
export async function removeFile(file: string): Promise<void> {
  try {
    await fs.unlink(file);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/** fsync of a file that somebody else wrote. */
export async function syncFile(file: string): Promise<void> {
  const opened = await OpenFile.open(file, 'r+');
  try {
    await opened.sync();
  } finally {
    await opened.close();
  }
}

/** Whole or not at all, also across a power cut: temporary file, fsync, rename, fsync of the folder. */
export async function writeFileAtomic(file: string, content: string | Uint8Array): Promise<void> {
  await replaceFile(file, content, (temporary) => fs.rename(temporary, file));
}

/** Like {@link writeFileAtomic}, but never over a file that is there. @returns false if one is. */
export async function createFileAtomic(file: string, content: string | Uint8Array): Promise<boolean> {
  return replaceFile(file, content, async (temporary) => {
    try {
      await fs.link(temporary, file);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
      return false;
    } finally {
      await removeFile(temporary);
    }
    return true;
  });
}

async function replaceFile<T>(
  file: string,
  content: string | Uint8Array,
  place: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = temporaryName(file);
  try {
    const opened = await OpenFile.open(temporary, 'wx');
    try {
      await opened.write(content);
      await opened.sync();
    } finally {
      await opened.close();
    }
    const result = await place(temporary);
    await syncFolder(path.dirname(file));
    return result;
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
}
