import { MillpondError } from '../../base/errors.js';
import { throwIfAborted } from '../../base/retry.js';
import { isAppend } from '../../contracts/growth.js';
import {
  type Ctx,
  formatSliceKey,
  type Prepared,
  type RunRecord,
  type SliceTouch,
  type SliceWrite,
  type Write,
} from '../../contracts/index.js';
import { type Builder, buildReplace } from './build.js';
import type { LakeFile, LakeIndex } from './lake-index.js';
import { makeFolder } from './open.js';
import { groupBy } from './rows.js';
import { buildTouch } from './touch.js';
import { groupOf, heldFrom, targetsOf, type Unit } from './unit.js';
import { discardAll } from './write-file.js';

/** Files that wait for their rename. */
export class PreparedFiles implements Prepared {
  readonly writes: readonly Write[];
  readonly units: readonly Unit[];

  constructor(writes: readonly Write[], units: readonly Unit[]) {
    this.writes = writes;
    this.units = units;
  }

  async discard(): Promise<void> {
    await Promise.all(this.units.map(discardUnit));
  }
}

/** Deletes what a unit left on disk; what was renamed has left already. */
export async function discardUnit(unit: Unit): Promise<void> {
  await discardAll([...unit.rejects, ...unit.files]);
}

/**
 * Writes everything that a commit will rename. Needs no lock: what is judged from files that
 * change before the commit is built again there.
 * @throws MillpondError `E_COUNT_MISMATCH`, `E_CONFLICT`, `E_PATH_UNWRITABLE`, `E_DISK_FULL`,
 *   `E_INTERRUPTED`; then nothing is left on disk.
 */
export async function prepareUnits(
  builder: Builder,
  index: LakeIndex,
  writes: readonly Write[],
  run: RunRecord,
  ctx: Ctx,
): Promise<Unit[]> {
  throwIfAborted(ctx.signal);
  if (writes.length === 0) return [];
  await makeFolder(builder.root);
  const replaces = writes.filter((write) => write.kind === 'replace');
  const lasting = replaces.find((write) => write.currentState && write.stages.some(isAppend));
  if (lasting) {
    const message = `${formatSliceKey(lasting.key)} is current state, which no table of mode append can hold`;
    throw new MillpondError('E_BUG', message, { at: { ...lasting.key } });
  }
  const empty = replaces.find((write) => write.stages.length === 0);
  if (empty)
    throw new MillpondError('E_BUG', `${empty.key.dataset}: a slice without a stage`, { at: { ...empty.key } });

  const tables = [...new Set(replaces.flatMap((write) => write.stages.map((stage) => stage.table.name)))];
  const held = heldFrom(await index.files(tables, ctx), new Set(replaces.flatMap(targetsOf)));
  const touched = new Map<Write, LakeFile>();
  for (const write of writes) {
    const file = write.kind === 'touch' ? await index.holding(write.key, ctx) : undefined;
    if (file) touched.set(write, file);
  }
  const order = new Map(writes.map((write, i) => [write, i] as const));
  const groups = [...groupBy(writes, (write) => groupOf(write, order.get(write)!, touched.get(write))).values()];

  // The first failure stops the others; what they had written goes with it.
  const stop = new AbortController();
  const signal = AbortSignal.any([ctx.signal, stop.signal]);
  const outcomes = await Promise.allSettled(
    groups.map(async (group) => {
      try {
        if (isTouch(group)) return await buildTouch(builder, group, touched.get(group[0]!), { ...ctx, signal });
        return await buildReplace(builder, group as SliceWrite[], run, held, { ...ctx, signal });
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
  const units = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (!failed) return units;
  await Promise.all(units.map(discardUnit));
  throwIfAborted(ctx.signal);
  throw stop.signal.reason;
}

/** Builds a unit again, judged from what is held now. Under the lock. */
export async function rebuildUnit(
  builder: Builder,
  index: LakeIndex,
  unit: Unit,
  run: RunRecord,
  ctx: Ctx,
): Promise<Unit> {
  await discardUnit(unit);
  // One group went in, so one comes out.
  const [rebuilt] = await prepareUnits(builder, index, unit.writes, run, ctx);
  return rebuilt!;
}

function isTouch(group: readonly Write[]): group is SliceTouch[] {
  return group[0]?.kind === 'touch';
}
