import fs from 'node:fs/promises';
import path from 'node:path';
import { throwIfAborted } from '../retry.js';

/** The last of the callers waiting for each path. */
const tails = new Map<string, Promise<unknown>>();

/**
 * Runs `work` alone among all callers of this process that name the same database file: a
 * second instance on one path opens silently within a process, and then their data is lost.
 * First come, first served.
 * @throws MillpondError `E_INTERRUPTED` while waiting; whatever `work` throws.
 */
export async function exclusively<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const key = await samePlace(file);
  const before = tails.get(key) ?? Promise.resolve();
  const mine = before.then(() => {
    throwIfAborted(signal);
    return work();
  });
  const tail = mine.then(
    () => {},
    () => {},
  );
  tails.set(key, tail);
  void tail.then(() => {
    if (tails.get(key) === tail) tails.delete(key);
  });
  return Promise.race([mine, abortion(signal, before)]) as Promise<T>;
}

/** Rejects when the signal fires before the turn has come; afterwards `work` itself must give way. */
async function abortion(signal: AbortSignal, turn: Promise<unknown>): Promise<unknown> {
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<'aborted'>((resolve) => {
    onAbort = () => resolve('aborted');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) resolve('aborted');
  });
  const first = await Promise.race([aborted, turn.then(() => 'turn' as const)]);
  signal.removeEventListener('abort', onAbort as () => void);
  if (first === 'aborted') throwIfAborted(signal);
  return new Promise(() => {});
}

/** One name for one file, also through symbolic links; never opens it. */
async function samePlace(file: string): Promise<string> {
  const resolved = path.resolve(file);
  try {
    return await fs.realpath(resolved);
  } catch {
    const parent = path.dirname(resolved);
    return parent === resolved ? resolved : path.join(await samePlace(parent), path.basename(resolved));
  }
}
