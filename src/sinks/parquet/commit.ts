import { crashPoint } from '../../base/crash-points.js';
import { throwIfAborted } from '../../base/retry.js';
import type { Committed, Ctx, RunRecord, Write } from '../../contracts/index.js';
import type { Builder } from './build.js';
import { archive } from './history.js';
import type { LakeIndex } from './lake-index.js';
import { discardUnit, rebuildUnit } from './prepare.js';
import type { Unit } from './unit.js';
import { place, syncFolders } from './write-file.js';

/**
 * Renames what was prepared; the caller holds the lake's lock. Per unit: first the rejects, which
 * count only once a footer names them, then the files, the ledger's last.
 * @returns what became of each write, in the order of `writes`.
 * @throws MillpondError `E_INTERRUPTED` between two units, and whatever building again throws.
 */
export async function commitUnits(
  builder: Builder,
  index: LakeIndex,
  writes: readonly Write[],
  units: readonly Unit[],
  run: RunRecord,
  ctx: Ctx,
): Promise<Committed[]> {
  const results = new Map<Write, Committed>();
  const renamed: string[] = [];
  try {
    // One look for all: most bases are as they were.
    await index.read([...new Set(units.flatMap((unit) => [...unit.bases.keys()]))], ctx);
    await archive(
      builder.root,
      units.flatMap((unit) => unit.replaces),
    );
    for (const prepared of units) {
      throwIfAborted(ctx.signal);
      let unit = prepared;
      if (!(await isCurrent(index, prepared, ctx))) {
        unit = await rebuildUnit(builder, index, prepared, run, ctx);
        await archive(builder.root, unit.replaces);
      }
      try {
        await rename(builder.root, unit, renamed);
      } catch (error) {
        await discardUnit(unit);
        throw error;
      }
      unit.writes.forEach((write, i) => {
        results.set(write, unit.results[i]!);
      });
    }
  } finally {
    await syncFolders(builder.root, renamed);
  }
  return writes.map((write) => results.get(write)!);
}

/** Whether the files that a unit was judged from are still those. */
async function isCurrent(index: LakeIndex, unit: Unit, ctx: Ctx): Promise<boolean> {
  const files = await index.read([...unit.bases.keys()], ctx);
  const now = new Map(files.map(({ file, footer }) => [file, footer.id] as const));
  return [...unit.bases].every(([file, id]) => (now.get(file) ?? null) === id);
}

async function rename(root: string, unit: Unit, renamed: string[]): Promise<void> {
  if (unit.files.length === 0) return;
  for (const pending of unit.rejects) await place(root, pending);
  await syncFolders(
    root,
    unit.rejects.map(({ file }) => file),
  );
  crashPoint('parquet.rejects.written');
  for (const pending of unit.files) {
    await place(root, pending);
    renamed.push(pending.file);
  }
  crashPoint('parquet.data.renamed');
}
