import fs from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { asMillpondError, MillpondError, systemCode } from '../../base/errors.js';
import { acquireLock } from '../../base/process-lock.js';
import type {
  Audit,
  Committed,
  Ctx,
  Ledger,
  Prepared,
  RunNotes,
  RunRecord,
  Sink,
  Write,
} from '../../contracts/index.js';
import { type AuditedLake, auditContents } from './audit.js';
import { auditBooks } from './audit-books.js';
import { addColumns } from './columns.js';
import { commitUnits } from './commit.js';
import { LakeIndex } from './lake-index.js';
import { ParquetLedger } from './ledger.js';
import { maintainLake } from './maintain.js';
import { migrateLake, readFormat } from './migrations.js';
import { addOutcomes, announceRun, clearOutcomes, writeRun } from './notes.js';
import { checkFolder, makeFolder, Workbench } from './open.js';
import { folderName, ownPaths } from './paths.js';
import { PreparedFiles, prepareUnits } from './prepare.js';
import { addViews } from './stored-views.js';

export { lakeViews } from './views.js';

export interface ParquetSinkOptions {
  /** The name in the configuration. */
  readonly name: string;
  /** Absolute path of the folder; made at the first write. */
  readonly path: string;
  /** How long a commit waits for another process's. */
  readonly lockWaitMs: number;
  /** What DuckDB may use for writing. */
  readonly memoryBytes: number;
  readonly threads: number;
}

/**
 * A folder of Parquet files (zstd), one a slice, each with its own row of the ledger in its
 * footer: a slice's data and ledger are one rename. Readers need no lock and nothing of Millpond.
 */
export function createParquetSink(options: ParquetSinkOptions): Sink {
  return new ParquetSink(options);
}

class ParquetSink implements Sink {
  readonly name: string;
  readonly kind = 'parquet';
  readonly path: string;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly #lockWaitMs: number;
  readonly #bench: Workbench;
  readonly #index: LakeIndex;
  readonly #open = new Set<PreparedFiles>();
  /** One of ours at a time asks for the lock between processes. */
  readonly #turn = pLimit(1);

  constructor(options: ParquetSinkOptions) {
    this.name = options.name;
    this.path = path.resolve(options.path);
    this.#lockWaitMs = options.lockWaitMs;
    this.#bench = new Workbench({ ...options, root: this.path });
    this.#index = new LakeIndex(this.path, this.#bench);
    this.ledger = new ParquetLedger(this.path, this.#bench, this.#index);
    this.audit = {
      books: async (datasets, ctx) => {
        const tables = datasets.flatMap((one) => one.tables.map(({ name }) => folderName(name)));
        const strays = await this.#index.strays([...new Set(tables)], ctx);
        return this.#audited(tables, ctx, (lake) => auditBooks(lake, strays, datasets));
      },
      contents: async (slices, ctx) => {
        const tables = slices.flatMap(({ stages }) => stages.map(({ table }) => folderName(table.name)));
        return this.#audited(tables, ctx, (lake) => auditContents(lake, slices));
      },
    };
  }

  /** @throws MillpondError `E_PATH_UNWRITABLE`, `E_FORMAT_NEWER`, `E_WAREHOUSE_CORRUPT`. */
  async check(ctx: Ctx): Promise<void> {
    await checkFolder(this.path);
    await readFormat(this.path);
    await this.#index.files(undefined, ctx);
  }

  async prepare(writes: readonly Write[], run: RunRecord, ctx: Ctx): Promise<Prepared> {
    try {
      await readFormat(this.path);
      const units = await prepareUnits(this.#builder, this.#index, writes, run, ctx);
      const prepared = new PreparedFiles(writes, units);
      this.#open.add(prepared);
      return prepared;
    } catch (error) {
      throw asMillpondError(error);
    }
  }

  async commit(prepared: readonly Prepared[], run: RunRecord, ctx: Ctx): Promise<Committed[]> {
    const ours = prepared.map((one) => {
      if (one instanceof PreparedFiles) return one;
      throw new MillpondError('E_BUG', `Sink ${this.name} cannot commit what another sink prepared`);
    });
    const writes = ours.flatMap((one) => one.writes);
    if (writes.length === 0) return [];
    return this.#locked(ctx, async () => {
      const units = ours.flatMap((one) => one.units);
      await announceRun(this.path, run);
      const results = await commitUnits(this.#builder, this.#index, writes, units, run, ctx);
      const settled = writes.map(({ schema, key }) => ({ schema, ...key }));
      await clearOutcomes(this.path, settled, ctx);
      for (const one of ours) this.#open.delete(one);
      return results;
    });
  }

  async note(notes: RunNotes, ctx: Ctx): Promise<void> {
    await this.#locked(ctx, async () => {
      await writeRun(this.path, notes.run);
      await clearOutcomes(this.path, notes.cleared, ctx);
      await addOutcomes(this.path, notes, ctx);
      await addColumns(this.path, notes, ctx);
      await addViews(this.path, notes.views, ctx);
    });
  }

  async migrate(ctx: Ctx): Promise<void> {
    await this.#locked(ctx, async () => {});
  }

  async maintain(ctx: Ctx): Promise<void> {
    if (await this.#exists()) await this.#locked(ctx, () => maintainLake(this.path, this.#bench, ctx));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((prepared) => prepared.discard()));
    this.#open.clear();
    await this.#bench.close();
  }

  /** The files of these tables, and a database to read them with. */
  async #audited<T>(tables: readonly string[], ctx: Ctx, work: (lake: AuditedLake) => Promise<T>): Promise<T> {
    await readFormat(this.path);
    const files = await this.#index.files([...new Set(tables)], ctx);
    return this.#bench.use(ctx.signal, (database) => work({ root: this.path, database, files }));
  }

  get #builder() {
    return { root: this.path, bench: this.#bench };
  }

  async #exists(): Promise<boolean> {
    try {
      await fs.access(ownPaths(this.path).own);
      return true;
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
      throw asMillpondError(error);
    }
  }

  /** Works while no other process commits here, in a lake of this format. */
  #locked<T>(ctx: Ctx, work: () => Promise<T>): Promise<T> {
    return this.#turn(async () => {
      try {
        await readFormat(this.path);
        await makeFolder(this.path);
        const lock = await acquireLock(ownPaths(this.path).lock, {
          waitMs: this.#lockWaitMs,
          signal: ctx.signal,
          onWait: (pid) => ctx.log.info(`${this.path} is being written by process ${pid}; waiting`, { pid }),
        });
        try {
          await migrateLake(this.path);
          return await work();
        } finally {
          lock.release();
        }
      } catch (error) {
        throw asMillpondError(error);
      }
    });
  }
}
