import { spawnSync } from 'node:child_process';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');

/**
 * Compiles the contestants that are written here, so that they run as plain JavaScript: a loader
 * would count in their memory. @throws Error with what the compiler says.
 */
export function buildContestants(): void {
  const { status, stdout } = spawnSync(
    process.execPath,
    [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', path.join(ROOT, 'bench/tsconfig.json')],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`The contestants could not be built:\n${stdout}`);
}
