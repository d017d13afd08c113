import fs from 'node:fs/promises';
import path from 'node:path';
import { MillpondError } from '../../base/errors.js';

/**
 * An empty folder, or the one that an earlier demo made; anything else is left alone.
 * @param keep leaves there what the earlier demo left.
 * @throws MillpondError `E_USAGE` where it holds something else.
 */
export async function prepareFolder(folder: string, keep: boolean): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  if (keep) return;
  const names = await fs.readdir(folder);
  if (names.length === 0) return;
  const config = await fs.readFile(path.join(folder, 'millpond.yaml'), 'utf8').catch(() => '');
  if (!config.includes('Written by `millpond demo`')) {
    throw new MillpondError('E_USAGE', `${folder} holds something that is not an earlier demo`, {
      hint: 'Name another folder with --folder.',
    });
  }
  for (const name of ['landing', 'lake', 'warehouse.duckdb', 'warehouse.duckdb.wal', 'millpond.yaml']) {
    await fs.rm(path.join(folder, name), { recursive: true, force: true });
  }
}
