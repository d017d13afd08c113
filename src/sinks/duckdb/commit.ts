import { crashPoint } from '../../base/crash-points.js';
import type { Committed, Ctx, RunRecord, Write } from '../../contracts/index.js';
import { readHeld, writeBooks, writeRun } from './books.js';
import { stakeClaims } from './claims.js';
import { columnsOfStage, writeColumns } from './columns.js';
import type { Warehouse } from './open.js';
import { planCommit } from './plan.js';
import { type Stamp, writeRows } from './rows.js';

/**
 * Commits the writes in one transaction, however many and however large: rows, rejects, ledger,
 * columns and the run's row are there together, or none of them.
 * @returns what became of each write, in their order.
 * @throws MillpondError `E_COUNT_MISMATCH`, `E_DISK_FULL`, `E_INTERRUPTED`; then nothing has changed.
 */
export async function commitWrites(
  warehouse: Warehouse,
  writes: readonly Write[],
  run: RunRecord,
  ctx: Ctx,
): Promise<readonly Committed[]> {
  const stamp: Stamp = { runId: run.runId, at: ctx.now().toISOString() };
  const work = async () => {
    crashPoint('duckdb.commit.begun');
    const plan = planCommit(
      writes,
      await readHeld(
        warehouse,
        writes.map((write) => write.key),
      ),
    );
    const groups = await stakeClaims(warehouse, plan.replacements);
    await writeRows(warehouse, groups, stamp);
    await writeBooks(warehouse, plan, stamp);
    const entries = plan.replacements.flatMap(({ write }) =>
      write.stages.flatMap((stage) => columnsOfStage(write.key.dataset, stage)),
    );
    await writeColumns(warehouse, entries, stamp);
    await writeRun(warehouse, run);
    crashPoint('duckdb.commit.inserted');
    return plan.results;
  };
  const results = await warehouse.transaction(work, () => crashPoint('duckdb.commit.before'));
  crashPoint('duckdb.commit.after');
  return results;
}
