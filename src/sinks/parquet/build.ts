import { randomUUID } from 'node:crypto';
import { crashPoint } from '../../base/crash-points.js';
import type { Database } from '../../base/duckdb/database.js';
import { MillpondError } from '../../base/errors.js';
import {
  type Committed,
  type Ctx,
  formatSliceKey,
  type RunRecord,
  type SliceWrite,
  type Table,
} from '../../contracts/index.js';
import { type FileColumn, fileColumns } from './ddl.js';
import { type Footer, footerOption } from './footer.js';
import {
  comingStages,
  judge,
  type LedgerRow,
  ledgerRow,
  replacedBy,
  stayingRejects,
  stayingRows,
  type Verdict,
} from './ledger-row.js';
import type { Workbench } from './open.js';
import { absolute, DATE_COLUMN, type Place, placeOf } from './paths.js';
import { countRejects, writeRejects } from './rejects.js';
import { countedRows, groupBy, type Load, mergedRows, type OldFile, oldRows, type Share, stagedRows } from './rows.js';
import { byTable, type Held, ledgerTable, type PendingFile, type Unit } from './unit.js';
import { discardAll, type Pending, writePending } from './write-file.js';

/** What building needs besides the writes. */
export interface Builder {
  readonly root: string;
  readonly bench: Workbench;
}

/** A slice on its way into files. */
interface Entry {
  readonly verdict: Verdict;
  readonly row: LedgerRow;
  readonly rejects: number;
  readonly rejectFiles: readonly string[];
}

/** A unit that is being written. */
interface Draft {
  readonly root: string;
  readonly database: Database;
  readonly ledgerTable: Table;
  readonly held: Held;
  readonly load: Load;
  readonly entries: readonly Entry[];
  /** Rows by slice, of each table written so far. */
  readonly counts: Map<string, ReadonlyMap<string, number>>;
  readonly rejects: Pending[];
  readonly files: PendingFile[];
}

/**
 * Writes the files of slices that are to be replaced or added to, beside the ones in force.
 * @param writes of one dataset and scope where they share a file, else just one.
 * @throws MillpondError `E_COUNT_MISMATCH`, `E_CONFLICT`, `E_DISK_FULL`, `E_INTERRUPTED`; then
 *   nothing is left on disk.
 */
export async function buildReplace(
  builder: Builder,
  writes: readonly SliceWrite[],
  run: RunRecord,
  held: Held,
  ctx: Ctx,
): Promise<Unit> {
  const table = ledgerTable(writes[0]!);
  const home = (write: SliceWrite) => placeOf(table, write.key, write.currentState).file;
  const verdicts = writes.map((write) =>
    judge(write, writes, held.files.get(home(write)), held.schemaOf(table.name, write.key.scope)),
  );
  const load: Load = { runId: run.runId, at: ctx.now().toISOString() };
  const rejects: Pending[] = [];
  const files: PendingFile[] = [];
  await builder.bench.use(ctx.signal, async (database) => {
    const shared = { root: builder.root, database, ledgerTable: table, load, rejects };
    try {
      const entries: Entry[] = [];
      for (const verdict of verdicts.filter(({ accepted }) => accepted)) entries.push(await enter(shared, verdict));
      const draft: Draft = { ...shared, held, entries, counts: new Map(), files };
      for (const own of byTable(entries.map(({ verdict }) => verdict.write)).values())
        await writeTable(draft, own.table);
    } catch (error) {
      await discardAll([...rejects, ...files]);
      throw error;
    }
  });
  const judgedFrom = [...writes.map(home), ...files.map(({ file }) => file)];
  return {
    writes,
    results: verdicts.map((verdict) => resultOf(verdict, files)),
    bases: new Map(judgedFrom.map((file) => [file, held.files.get(file)?.id ?? null] as const)),
    replaces: replacedBy(files, held.files),
    rejects,
    files,
  };
}

/** Writes the rejects of a slice, and all that its row of the ledger can say before its rows are written. */
async function enter(draft: Omit<Draft, 'held' | 'entries' | 'counts' | 'files'>, verdict: Verdict): Promise<Entry> {
  const mark = randomUUID();
  const staying = stayingRejects(verdict);
  const come = await writeRejects(draft, { write: verdict.write, stages: comingStages(verdict) }, mark);
  return {
    verdict,
    row: ledgerRow(verdict, draft.load, mark),
    rejects: (await countRejects(draft, staying)) + come.rows,
    rejectFiles: [...staying, ...come.files],
  };
}

/** What became of a write: what the ledger says of its slice. */
function resultOf({ write: { key }, accepted, before }: Verdict, files: readonly PendingFile[]): Committed {
  if (!accepted) return { key, result: 'superseded', rows: before?.rows ?? 0, rejects: before?.rejects ?? 0 };
  const { slices } = files.find(({ footer }) => footer.ledger)!.footer;
  const { rows, rejects } = slices.find(({ slice }) => slice === key.slice)!;
  return { key, result: 'committed', rows, rejects };
}

/** Writes one table's files: one a write, or one for all where rows are merged by key. */
async function writeTable(draft: Draft, table: Table): Promise<void> {
  const files = groupBy(draft.entries, ({ verdict: { write } }) => placeOf(table, write.key, write.currentState).file);
  for (const sharing of files.values()) await writeFile(draft, table, sharing);
}

async function writeFile(draft: Draft, table: Table, entries: readonly Entry[]): Promise<void> {
  const { verdict } = entries[0]!;
  const { key, currentState, schema } = verdict.write;
  const place = placeOf(table, key, currentState);
  const base = draft.held.files.get(place.file);
  const shares = entries.map(({ verdict }) => ({
    write: verdict.write,
    stages: comingStages(verdict).filter((stage) => stage.table.name === table.name),
  }));
  const kept = keptOf(draft, table, verdict, base);
  const columns = columnsOf(draft, table, entries, place, kept?.columns);
  const { query, checked } = await rowsOf(draft, table, shares, columns, place, kept);

  const fresh = entries.map(({ row, rejects, rejectFiles }) => ({
    ...row,
    rows: ledgerCount(draft, table, row.slice),
    rejects,
    reject_files: [...rejectFiles],
  }));
  const counts = draft.counts.get(table.name)!;
  const footer: Footer = {
    id: randomUUID(),
    schema,
    dataset: key.dataset,
    table: table.name,
    ledger: table.name === draft.ledgerTable.name,
    scope: key.scope,
    scope_column: table.scopeColumn,
    report_date: place.reportDate,
    current_state: currentState,
    file: place.file,
    columns,
    slices: [...(table.mode === 'upsert' && !currentState ? stayingRows(base, fresh, counts) : []), ...fresh],
    ...(table.mode === 'append' && kept ? { grows_on: { commit: verdict.before!.commit, rows: kept.rows } } : {}),
  };
  const pending = await writePending(draft.database, draft.root, place.file, query, [footerOption(footer)]);
  crashPoint('parquet.data.written');
  draft.files.push({ temporary: pending.temporary, file: place.file, footer });
  if (!checked) checkCount(shares, table, pending.rows);
  else await draft.database.run('DROP TABLE IF EXISTS merged');
}

/** The file whose rows stay beside those that come, and how many of one slice they are. */
function keptOf(
  { root }: Draft,
  table: Table,
  { before, grows, older }: Verdict,
  base: Footer | undefined,
): (OldFile & { readonly rows: number }) | undefined {
  if (!base) return undefined;
  const old = { file: absolute(root, base.file), columns: base.columns, rows: base.slices[0]!.rows };
  if (table.mode === 'upsert') return old;
  if (!grows || !before) return undefined;
  if (table.mode === 'replace') return older ? old : undefined;
  if (base.slices[0]!.commit === before.commit) return old;
  // A commit that was cut off put this file here before the ledger's.
  const { grows_on } = base;
  return grows_on?.commit === before.commit ? { ...old, firstRows: grows_on.rows, rows: grows_on.rows } : undefined;
}

/** The rows of one file, whose count by slice is known from here on. */
async function rowsOf(
  draft: Draft,
  table: Table,
  shares: readonly Share[],
  columns: readonly FileColumn[],
  place: Place,
  kept: OldFile | undefined,
): Promise<{ readonly query: string; readonly checked: boolean }> {
  const { database, counts } = draft;
  if (kept && table.mode === 'replace') {
    counts.set(table.name, await countBySlice(database, oldRows(columns, kept)));
    return { query: oldRows(columns, kept), checked: true };
  }
  // Where nothing can meet its like, there is nothing to merge.
  const alone = table.mode === 'append' && !kept && (table.key.length === 0 || countedRows(shares) <= 1);
  if (table.mode === 'replace' || alone) {
    counts.set(table.name, new Map(shares.map((share) => [share.write.key.slice, countedRows([share])] as const)));
    return { query: stagedRows(shares, columns, place, draft.load), checked: false };
  }
  const staged = stagedRows(shares, columns, place, draft.load, true);
  const [found] = await database.rows(`CREATE OR REPLACE TEMP TABLE staged AS ${staged}`);
  checkCount(shares, table, Number(found?.Count));
  await database.run(
    `CREATE OR REPLACE TEMP TABLE merged AS ${mergedRows(table, columns, 'FROM staged', kept)}; DROP TABLE staged`,
  );
  counts.set(table.name, await countBySlice(database, 'FROM merged'));
  return { query: 'FROM merged', checked: true };
}

async function countBySlice(database: Database, query: string): Promise<ReadonlyMap<string, number>> {
  const counts = await database.rows(`SELECT _slice, count(*) AS n FROM (${query}) GROUP BY ALL`);
  return new Map(counts.map(({ _slice, n }) => [String(_slice), Number(n)] as const));
}

/** Rows of a slice as its file's footer says them: those of the table, but the ledger's own file knows the dataset's. */
function ledgerCount({ ledgerTable, entries, counts }: Draft, table: Table, slice: string): number {
  const count = (name: string) => counts.get(name)?.get(slice) ?? 0;
  const isOwn = entries.some(({ verdict }) => verdict.write.key.dataset === ledgerTable.name);
  if (table.name !== ledgerTable.name || isOwn) return count(table.name);
  return [...counts.keys()].reduce((total, name) => total + count(name), 0);
}

function columnsOf(
  draft: Draft,
  table: Table,
  entries: readonly Entry[],
  place: Place,
  old: readonly FileColumn[] | undefined,
): FileColumn[] {
  const sources = entries.flatMap(({ verdict }) =>
    verdict.write.stages
      .filter((stage) => stage.table.name === table.name)
      .map(({ columns }) => columns.map(({ name, type }): FileColumn => ({ name, type }))),
  );
  const inPath = [table.scopeColumn.name, ...(place.reportDate === null ? [] : [DATE_COLUMN])];
  return fileColumns(table.name, old ? [...sources, old] : sources, inPath, draft.held.types(table.name));
}

function checkCount(shares: readonly Share[], table: Table, found: number): void {
  const counted = countedRows(shares);
  if (counted === found) return;
  const keys = shares.map(({ write }) => formatSliceKey(write.key)).join(', ');
  throw new MillpondError(
    'E_COUNT_MISMATCH',
    `${keys}: ${counted} rows of ${table.name} were counted, ${found} are staged for it`,
    { at: { ...shares[0]!.write.key, table: table.name } },
  );
}
