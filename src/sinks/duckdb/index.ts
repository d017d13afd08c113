import path from 'node:path';
import { MillpondError } from '../../base/errors.js';
import { isAppend } from '../../contracts/growth.js';
import {
  type Audit,
  type Committed,
  type Ctx,
  formatSliceKey,
  type HeldRowsQuery,
  type Ledger,
  type LedgerQuery,
  type Prepared,
  type RunNotes,
  type RunRecord,
  type Sink,
  type Write,
} from '../../contracts/index.js';
import { knows } from '../../contracts/stage-counts.js';
import { auditContents } from './audit.js';
import { auditBooks } from './audit-books.js';
import { commitWrites } from './commit.js';
import { readDrift } from './drift.js';
import { readHeldRows } from './held-rows.js';
import { readLastRuns, readOutcomes, readSlices } from './ledger.js';
import { maintainWarehouse } from './maintain.js';
import { writeNotes } from './notes.js';
import { readWarehouse, type Warehouse, type WarehouseOptions, writeWarehouse } from './open.js';
import { assertName, assertWritable } from './warehouse-file.js';

/** A DuckDB file as a sink. */
export interface DuckdbSinkOptions extends WarehouseOptions {
  /** The name in the configuration. */
  readonly name: string;
  /** Schemas that connections fill: the file may not be named like one. */
  readonly reservedNames?: readonly string[];
}

/** Makes the sink; opens nothing yet. */
export function createDuckdbSink(options: DuckdbSinkOptions): Sink {
  return new DuckdbSink({ ...options, path: path.resolve(options.path) });
}

/**
 * Opens the file for the time of one call, so that readers in other processes get in between;
 * within the process, calls queue per file.
 */
class DuckdbSink implements Sink {
  readonly kind = 'duckdb';
  readonly name: string;
  readonly path: string;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly #options: DuckdbSinkOptions;
  /** Whether no commit has left more small pieces than the next can join in passing. */
  #isTidy = true;

  constructor(options: DuckdbSinkOptions) {
    this.#options = options;
    this.name = options.name;
    this.path = options.path;
    this.ledger = {
      slices: async (query: LedgerQuery, ctx: Ctx) =>
        (await readWarehouse(options, ctx, (warehouse) => readSlices(warehouse, query))) ?? [],
      outcomes: async (query: LedgerQuery, ctx: Ctx) =>
        (await readWarehouse(options, ctx, (warehouse) => readOutcomes(warehouse, query))) ?? [],
      lastRuns: async (ctx: Ctx) => (await readWarehouse(options, ctx, readLastRuns)) ?? [],
      look: async (query: LedgerQuery, ctx: Ctx) =>
        (await readWarehouse(options, ctx, async (warehouse) => ({
          slices: await readSlices(warehouse, query),
          outcomes: await readOutcomes(warehouse, query),
          lastRuns: await readLastRuns(warehouse),
        }))) ?? { slices: [], outcomes: [], lastRuns: [] },
      drift: async (query: LedgerQuery, ctx: Ctx) =>
        (await readWarehouse(options, ctx, (warehouse) => readDrift(warehouse, query))) ?? [],
      rows: async (query: HeldRowsQuery, ctx: Ctx) =>
        (await readWarehouse(options, ctx, (warehouse) => readHeldRows(warehouse, query))) ?? [],
    };
    this.audit = {
      books: async (datasets, ctx) =>
        (await readWarehouse(options, ctx, (warehouse) => auditBooks(warehouse, datasets))) ?? [],
      contents: async (slices, ctx) =>
        (await readWarehouse(options, ctx, (warehouse) => auditContents(warehouse, slices))) ?? [],
    };
  }

  async check(ctx: Ctx): Promise<void> {
    assertName(this.path, this.#options.reservedNames ?? []);
    await assertWritable(this.path);
    await readWarehouse(this.#options, ctx, async () => {});
  }

  async prepare(writes: readonly Write[]): Promise<Prepared> {
    assertName(this.path, [...(this.#options.reservedNames ?? []), ...writes.map((write) => write.schema)]);
    const own = writes.map(withOwnStages);
    return { writes: own, discard: async () => {} };
  }

  async commit(prepared: readonly Prepared[], run: RunRecord, ctx: Ctx): Promise<Committed[]> {
    const writes = prepared.flatMap((one) => one.writes);
    if (writes.length === 0) return [];
    const work = (warehouse: Warehouse) => commitWrites(warehouse, writes, run, ctx);
    const { committed, isTidy } = await writeWarehouse(this.#options, ctx, work);
    this.#isTidy &&= isTidy;
    return [...committed];
  }

  async note(notes: RunNotes, ctx: Ctx): Promise<void> {
    const stamp = { runId: notes.run.runId, at: ctx.now().toISOString() };
    await writeWarehouse(this.#options, ctx, (warehouse) =>
      warehouse.transaction(async () => {
        // What large commits leave takes seconds to join: that is for a later one, or for `maintain`.
        if (this.#isTidy) await warehouse.tidyAtCommit();
        await writeNotes(warehouse, notes, stamp, ctx.log);
      }),
    );
  }

  async migrate(ctx: Ctx): Promise<void> {
    await writeWarehouse(this.#options, ctx, async () => {});
  }

  async maintain(ctx: Ctx): Promise<void> {
    await maintainWarehouse(this.#options, ctx);
  }

  async close(): Promise<void> {}
}

/**
 * The write with those stages only that know its slice: an artifact is named in the ledger of
 * the slices that were made from it.
 */
function withOwnStages(write: Write): Write {
  if (write.kind === 'touch') return write;
  const stages = write.stages.filter((stage) => knows(stage, write.key));
  const name = formatSliceKey(write.key);
  if (stages.length === 0) throw new MillpondError('E_BUG', `${name} is to be written, but no stage knows it`);
  if (write.currentState && stages.some(isAppend)) {
    throw new MillpondError('E_BUG', `${name} is current state, which no table of mode append can hold`);
  }
  return { ...write, stages };
}
