import type {
  ColumnDrift,
  Ctx,
  HeldRowsQuery,
  Ledger,
  LedgerLook,
  LedgerQuery,
  LedgerSlice,
  Outcome,
  RunRecord,
  SliceKey,
} from '../../contracts/index.js';
import { readDrift } from './columns.js';
import { ledgerSlices } from './footer.js';
import { readHeldRows } from './held-rows.js';
import type { LakeIndex } from './lake-index.js';
import { readFormat } from './migrations.js';
import { commonSchema, readOutcomes, readRuns } from './notes.js';
import type { Workbench } from './open.js';
import { folderName } from './paths.js';

/** What a lake holds, as its files say it. Needs no lock: every file is whole or not there. */
export class ParquetLedger implements Ledger {
  readonly #root: string;
  readonly #bench: Workbench;
  readonly #index: LakeIndex;

  constructor(root: string, bench: Workbench, index: LakeIndex) {
    this.#root = root;
    this.#bench = bench;
    this.#index = index;
  }

  /** @throws MillpondError `E_FORMAT_NEWER`. */
  async slices(query: LedgerQuery, ctx: Ctx): Promise<LedgerSlice[]> {
    await readFormat(this.#root);
    const files = await this.#index.files(query.datasets?.map(folderName), ctx);
    return files
      .filter(({ footer }) => footer.ledger)
      .flatMap(({ footer }) => ledgerSlices(footer))
      .filter(within(query));
  }

  /** An outcome whose slice was committed later is over, also where a kill kept it on disk. */
  async outcomes(query: LedgerQuery, ctx: Ctx): Promise<Outcome[]> {
    await readFormat(this.#root);
    const lines = (await readOutcomes(this.#root, ctx)).filter(within(query));
    if (lines.length === 0) return [];
    const held = await this.slices({ ...query, datasets: [...new Set(lines.map((line) => line.dataset))] }, ctx);
    const committed = new Map(held.map((slice) => [keyOf(slice), Date.parse(slice.committedAt)] as const));
    const older = commonSchema(held.map((slice) => slice.schema));
    return lines
      .map((line) => ({ ...line, schema: line.schema ?? older }))
      .filter((line) => !(committed.get(keyOf(line))! > Date.parse(line.notedAt)))
      .map(({ notedAt, ...outcome }) => outcome);
  }

  async drift(query: LedgerQuery, ctx: Ctx): Promise<ColumnDrift[]> {
    await readFormat(this.#root);
    return readDrift(this.#root, query, ctx);
  }

  async look(query: LedgerQuery, ctx: Ctx): Promise<LedgerLook> {
    return {
      slices: await this.slices(query, ctx),
      outcomes: await this.outcomes(query, ctx),
      lastRuns: await this.lastRuns(ctx),
    };
  }

  async rows(query: HeldRowsQuery, ctx: Ctx): Promise<readonly (readonly (string | null)[])[]> {
    await readFormat(this.#root);
    return readHeldRows({ root: this.#root, bench: this.#bench, index: this.#index }, query, ctx);
  }

  async lastRuns(ctx: Ctx): Promise<RunRecord[]> {
    const newest = new Map<string, RunRecord>();
    for (const run of await readRuns(this.#root, ctx)) {
      const other = newest.get(run.pipeline);
      if (!other || Date.parse(run.startedAt) >= Date.parse(other.startedAt)) newest.set(run.pipeline, run);
    }
    return [...newest.values()].sort((a, b) => (a.pipeline < b.pipeline ? -1 : 1));
  }
}

function within(query: LedgerQuery): (key: SliceKey) => boolean {
  return (key) => (query.datasets?.includes(key.dataset) ?? true) && (query.scopes?.includes(key.scope) ?? true);
}

function keyOf(key: SliceKey & { readonly schema: string }): string {
  return JSON.stringify([key.schema, key.dataset, key.scope, key.slice]);
}
