import { randomUUID } from 'node:crypto';
import { crashPoint } from '../../base/crash-points.js';
import type { Database } from '../../base/duckdb/database.js';
import { MillpondError } from '../../base/errors.js';
import { type Ctx, formatSliceKey, type RunRecord, type SliceWrite, type Table } from '../../contracts/index.js';
import { type FileColumn, fileColumns } from './ddl.js';
import { type Footer, footerOption } from './footer.js';
import { judge, ledgerRow, replacedBy, stayingRows } from './ledger-row.js';
import type { Workbench } from './open.js';
import { absolute, DATE_COLUMN, type Place, placeOf } from './paths.js';
import { writeRejects } from './rejects.js';
import { countedRows, groupBy, type Load, mergedRows, type Share, stagedRows } from './rows.js';
import { byTable, type Held, ledgerTable, type PendingFile, type Unit } from './unit.js';
import { discardAll, type Pending, writePending } from './write-file.js';

/** What building needs besides the writes. */
export interface Builder {
  readonly root: string;
  readonly bench: Workbench;
}

/** A unit that is being written. */
interface Draft {
  readonly root: string;
  readonly database: Database;
  readonly ledgerTable: Table;
  readonly held: Held;
  readonly load: Load;
  /** What names each write's commit, and its rejects. */
  readonly marks: ReadonlyMap<SliceWrite, string>;
  /** Rows by slice, over the tables written so far. */
  readonly counts: Map<string, number>;
  readonly rejects: Pending[];
  readonly files: PendingFile[];
}

/**
 * Writes the files of slices that are to be replaced, beside the ones in force.
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
  const results = writes.map((write) => judge(write, writes, held.files.get(home(write))));
  const accepted = writes.filter((_, i) => results[i]!.result === 'committed');
  const rejects: Pending[] = [];
  const files: PendingFile[] = [];
  await builder.bench.use(ctx.signal, async (database) => {
    const draft: Draft = {
      root: builder.root,
      database,
      ledgerTable: table,
      held,
      load: { runId: run.runId, at: ctx.now().toISOString() },
      marks: new Map(accepted.map((write) => [write, randomUUID()] as const)),
      counts: new Map(),
      rejects,
      files,
    };
    try {
      for (const write of accepted) await writeRejects(draft, { write, stages: write.stages }, draft.marks.get(write)!);
      for (const own of byTable(accepted).values()) await writeTable(draft, own.table, accepted);
    } catch (error) {
      await discardAll([...rejects, ...files]);
      throw error;
    }
  });
  const judgedFrom = [...writes.map(home), ...files.map(({ file }) => file)];
  return {
    writes,
    results,
    bases: new Map(judgedFrom.map((file) => [file, held.files.get(file)?.id ?? null] as const)),
    replaces: replacedBy(files, held.files),
    rejects,
    files,
  };
}

/** Writes one table's files: one a write, or one for all where rows are merged by key. */
async function writeTable(draft: Draft, table: Table, writes: readonly SliceWrite[]): Promise<void> {
  const shares = writes.map((write) => ({
    write,
    stages: write.stages.filter((stage) => stage.table.name === table.name),
  }));
  const files = groupBy(shares, ({ write }) => placeOf(table, write.key, write.currentState).file);
  for (const sharing of files.values()) await writeFile(draft, table, sharing);
}

async function writeFile(draft: Draft, table: Table, shares: readonly Share[]): Promise<void> {
  const { key, currentState, schema } = shares[0]!.write;
  const place = placeOf(table, key, currentState);
  const base = draft.held.files.get(place.file);
  const merging = table.mode === 'upsert';
  const columns = columnsOf(table, shares, place, merging ? base?.columns : undefined, draft.held);
  const staged = stagedRows(shares, columns, place, draft.load, merging);
  const query = merging ? await merge(draft, table, shares, columns, staged, base) : staged;
  if (!merging) for (const share of shares) count(draft, share.write.key.slice, countedRows([share]));

  const fresh = shares.map(({ write }) => {
    const mark = draft.marks.get(write)!;
    const named = draft.rejects.map(({ file }) => file).filter((file) => file.endsWith(`-${mark}.parquet`));
    return ledgerRow(write, base, draft.load, draft.counts.get(write.key.slice) ?? 0, named, mark);
  });
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
    slices: [...(merging && !currentState ? stayingRows(base, fresh, draft.counts) : []), ...fresh],
  };
  const pending = await writePending(draft.database, draft.root, place.file, query, [footerOption(footer)]);
  crashPoint('parquet.data.written');
  draft.files.push({ temporary: pending.temporary, file: place.file, footer });
  if (merging) await draft.database.run('DROP TABLE merged');
  else checkCount(shares, table, pending.rows);
}

/** Puts old and new rows together by key. @returns the query for them. */
async function merge(
  draft: Draft,
  table: Table,
  shares: readonly Share[],
  columns: readonly FileColumn[],
  staged: string,
  base: Footer | undefined,
): Promise<string> {
  const { database } = draft;
  const [found] = await database.rows(`SELECT count(*) AS n FROM (${staged})`);
  checkCount(shares, table, Number(found?.n));
  const old = base && { file: absolute(draft.root, base.file), columns: base.columns };
  await database.run(`CREATE OR REPLACE TEMP TABLE merged AS ${mergedRows(table, columns, staged, old)}`);
  const counts = await database.rows('SELECT _slice, count(*) AS n FROM merged GROUP BY ALL');
  for (const { _slice, n } of counts) count(draft, String(_slice), Number(n));
  return 'SELECT * FROM merged';
}

function count(draft: Draft, slice: string, rows: number): void {
  draft.counts.set(slice, (draft.counts.get(slice) ?? 0) + rows);
}

function columnsOf(
  table: Table,
  shares: readonly Share[],
  place: Place,
  old: readonly FileColumn[] | undefined,
  held: Held,
): FileColumn[] {
  const sources = shares.flatMap(({ stages }) =>
    stages.map(({ columns }) => columns.map(({ name, type }): FileColumn => ({ name, type }))),
  );
  const inPath = [table.scopeColumn.name, ...(place.reportDate === null ? [] : [DATE_COLUMN])];
  return fileColumns(table.name, old ? [...sources, old] : sources, inPath, held.types(table.name));
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
