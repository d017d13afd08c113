import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Database } from './duckdb/database.js';
import { MillpondError, systemCode } from './errors.js';
import { temporaryName } from './files.js';
import { pause, throwIfAborted } from './retry.js';

/**
 * A lock between processes that dies with its holder, whatever kills it, and names the holder's
 * pid: the kernel's own lock on a small DuckDB file, for Node has no call for it. Nobody may
 * touch the file with `fs` while it is held, or the lock is lost.
 */
export interface ProcessLock {
  release(): void;
}

const heldHere = new Set<string>();

/**
 * Takes the lock, waiting up to `waitMs` for another holder.
 * @throws MillpondError `E_LOCKED` naming file and pid; `E_INTERRUPTED`.
 */
export async function acquireLock(
  file: string,
  options: { readonly waitMs: number; readonly signal: AbortSignal; readonly onWait?: (pid: string) => void },
): Promise<ProcessLock> {
  const resolved = path.resolve(file);
  await fs.mkdir(path.dirname(resolved), { recursive: true });
  const deadline = performance.now() + options.waitMs;
  let told = false;
  for (;;) {
    throwIfAborted(options.signal);
    const result = await tryLock(resolved);
    if (typeof result !== 'string') return result;
    if (!told) options.onWait?.(result);
    told = true;
    if (performance.now() >= deadline) {
      throw new MillpondError('E_LOCKED', `${resolved} is held by another process (pid ${result})`, {
        at: { path: resolved, pid: result },
      });
    }
    await pause(Math.min(200, Math.max(1, deadline - performance.now())), options.signal);
  }
}

/** Looks under way: whoever asks meanwhile gets their answer, for a look holds the lock itself. */
const looks = new Map<string, Promise<string | undefined>>();

/** The pid of the process that holds the lock, or undefined where nobody does. */
export function lockOwner(file: string): Promise<string | undefined> {
  const resolved = path.resolve(file);
  let look = looks.get(resolved);
  if (!look) {
    look = lookForOwner(resolved).finally(() => looks.delete(resolved));
    looks.set(resolved, look);
  }
  return look;
}

async function lookForOwner(resolved: string): Promise<string | undefined> {
  if (heldHere.has(resolved)) return String(process.pid);
  try {
    await fs.access(resolved);
  } catch {
    return undefined;
  }
  const result = await tryLock(resolved);
  if (typeof result === 'string') return result;
  result.release();
  return undefined;
}

/** The lock, or the pid of who has it. */
async function tryLock(file: string): Promise<ProcessLock | string> {
  // A second instance on one path opens silently within a process, so remember our own.
  if (heldHere.has(file)) return String(process.pid);
  heldHere.add(file);
  try {
    await makeLockFile(file);
    const database = await openLockFile(file);
    return {
      release() {
        database.close();
        heldHere.delete(file);
      },
    };
  } catch (error) {
    heldHere.delete(file);
    if (error instanceof MillpondError && error.code === 'E_LOCKED') return String(error.at.pid);
    throw error;
  }
}

function openLockFile(file: string): Promise<Database> {
  return Database.open({ path: file, threads: 1, memoryBytes: 64e6 });
}

/** Makes the file whole or not at all: one cut short by a kill or a full disk could never be opened again. */
async function makeLockFile(file: string): Promise<void> {
  if (existsSync(file)) return;
  const temporary = temporaryName(file);
  try {
    (await openLockFile(temporary)).close();
    await fs.link(temporary, file);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
  } finally {
    await fs.rm(temporary, { force: true });
  }
}
