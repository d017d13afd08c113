import { crashPoint } from '../../base/crash-points.js';
import type { Committed, Ctx, RunRecord, Write } from '../../contracts/index.js';
import { readHeld, writeBooks, writeRun } from './books.js';
import { stakeClaims } from './claims.js';
import { columnsOfCommit, writeColumns } from './columns.js';
import { measure } from './measure.js';
import type { Warehouse } from './open.js';
import { planCommit } from './plan.js';
import { type Stamp, writeRows } from './rows.js';

/** A commit that writes and replaces no more than this may tidy up: a quarter of what DuckDB keeps in one piece. */
const FEW_ROWS = 30_000;
/** What is worth a second thread, also while others land. */
const MANY_ROWS = 100_000;

/**
 * Commits the writes in one transaction, however many and however large: rows, rejects, ledger,
 * columns and the run's row are there together, or none of them.
 * @returns what became of each write, in their order, and whether it tidied up.
 * @throws MillpondError `E_COUNT_MISMATCH`, `E_DISK_FULL`, `E_INTERRUPTED`; then nothing has changed.
 */
export async function commitWrites(
  warehouse: Warehouse,
  writes: readonly Write[],
  run: RunRecord,
  ctx: Ctx,
): Promise<{ readonly committed: readonly Committed[]; readonly isTidy: boolean }> {
  const stamp: Stamp = { runId: run.runId, at: ctx.now().toISOString() };
  const work = async () => {
    crashPoint('duckdb.commit.begun');
    const plan = planCommit(writes, await readHeld(warehouse, writes));
    const groups = await stakeClaims(warehouse, plan.replacements);
    const rowsMoved = groups.reduce((total, group) => total + group.rows, plan.rowsBefore);
    if (rowsMoved >= MANY_ROWS) await warehouse.useAllThreads();
    const types = await writeRows(warehouse, groups, stamp);
    const measures = await measure(warehouse, plan.replacements);
    await writeBooks(warehouse, plan, writes, measures, stamp);
    await writeColumns(warehouse, columnsOfCommit(plan.replacements, types), stamp, 'loaded');
    await writeRun(warehouse, run);
    const isTidy = rowsMoved <= FEW_ROWS;
    if (isTidy) await warehouse.tidyAtCommit();
    crashPoint('duckdb.commit.inserted');
    const committed = plan.results.map(({ into, ...result }) => ({ ...result, ...(into ? measures.of(into) : {}) }));
    return { committed, isTidy };
  };
  const results = await warehouse.transaction(work, () => crashPoint('duckdb.commit.before'));
  crashPoint('duckdb.commit.after');
  return results;
}
