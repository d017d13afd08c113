import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../base/errors.js';
import { temporaryOwner } from '../../base/files.js';
import type { Ctx } from '../../contracts/index.js';
import { compactHistory } from './history.js';
import { LakeIndex } from './lake-index.js';
import type { Workbench } from './open.js';
import { absolute, ownPaths } from './paths.js';

/** Removes what dead writers left and what no footer names any more. Under the lock. */
export async function maintainLake(root: string, bench: Workbench, ctx: Ctx): Promise<void> {
  await removeLeftovers(root);
  await removeRejects(root, bench, ctx);
  await compactHistory(root);
}

/** Temporary files whose process is gone; never those of a living one. */
async function removeLeftovers(root: string): Promise<void> {
  for (const entry of await list(root)) {
    const owner = temporaryOwner(path.basename(entry));
    if (owner === undefined || isAlive(owner)) continue;
    await fs.rm(entry, { recursive: true, force: true });
  }
}

/** Rejects of slices that were replaced, and of commits that never came to their rename. */
async function removeRejects(root: string, bench: Workbench, ctx: Ctx): Promise<void> {
  const index = new LakeIndex(root, bench);
  const files = await index.files(undefined, ctx);
  // A footer that cannot be read today may name them tomorrow.
  if (!index.sound) return;
  const named = new Set(
    files.flatMap(({ footer }) =>
      footer.slices.flatMap((slice) => slice.reject_files.map((file) => absolute(root, file))),
    ),
  );
  for (const entry of await list(ownPaths(root).rejects)) {
    if (!entry.endsWith('.parquet') || named.has(entry)) continue;
    await fs.rm(entry, { force: true });
  }
}

async function list(folder: string): Promise<string[]> {
  try {
    const names = await fs.readdir(folder, { recursive: true });
    return names.map((name) => path.join(folder, name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is somebody else's.
    return systemCode(error) !== 'ESRCH';
  }
}
