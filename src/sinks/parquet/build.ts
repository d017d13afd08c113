import { randomUUID } from 'node:crypto';
import { crashPoint } from '../../base/crash-points.js';
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
import { type Footer, type FooterSlice, footerOption } from './footer.js';
import type { Workbench } from './open.js';
import { absolute, DATE_COLUMN, type Place, placeOf } from './paths.js';
import { writeRejects } from './rejects.js';
import { countedRows, groupBy, type Load, mergedRows, type Share, stagedRows, sum, totalsOf } from './rows.js';
import { byTable, type Held, isOlder, ledgerTable, type PendingFile, type Replaced, type Unit } from './unit.js';
import { discardAll, type Pending, writePending } from './write-file.js';

/** What building needs besides the writes. */
export interface Builder {
  readonly root: string;
  readonly bench: Workbench;
}

/**
 * Writes the files of slices that are to be replaced, beside the ones in force.
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
  const first = writes[0]!;
  const table = ledgerTable(first);
  const home = (write: SliceWrite) => placeOf(table, write.key, write.currentState).file;
  const verdicts = writes.map((write) => judge(write, writes, held.files.get(home(write))));
  const accepted = writes.filter((_, i) => verdicts[i]!.result === 'committed');
  const load: Load = { runId: run.runId, at: ctx.now().toISOString() };
  const commits = new Map(accepted.map((write) => [write, randomUUID()] as const));
  const rejects: Pending[] = [];
  const files: PendingFile[] = [];
  const counts = new Map<string, number>();
  const bases = new Map(writes.map((write) => [home(write), held.files.get(home(write))?.id ?? null] as const));

  await builder.bench.use(ctx.signal, async (database) => {
    try {
      for (const write of accepted) {
        await writeRejects(
          database,
          builder.root,
          table,
          { write, stages: write.stages },
          load,
          commits.get(write)!,
          rejects,
        );
      }
      for (const { table: own } of byTable(accepted).values()) {
        const shares = accepted.map((write) => ({
          write,
          stages: write.stages.filter((stage) => stage.table.name === own.name),
        }));
        for (const [file, sharing] of groupBy(
          shares,
          ({ write }) => placeOf(own, write.key, write.currentState).file,
        )) {
          const base = held.files.get(file);
          bases.set(file, base?.id ?? null);
          await writeTable(file, own, sharing, base);
        }
      }
    } catch (error) {
      await discardAll([...rejects, ...files]);
      throw error;
    }

    async function writeTable(file: string, own: Table, shares: readonly Share[], base: Footer | undefined) {
      const { key, currentState, schema } = shares[0]!.write;
      const place = placeOf(own, key, currentState);
      const merging = own.mode === 'upsert';
      const old = merging && base ? { file: absolute(builder.root, file), columns: base.columns } : undefined;
      const columns = columnsOf(own, shares, place, old?.columns, held);
      const staged = stagedRows(shares, columns, place, load, merging);
      const counted = countedRows(shares);
      let query = staged;
      if (merging) {
        const [found] = await database.rows(`SELECT count(*) AS n FROM (${staged})`);
        checkCount(shares, own, counted, Number(found?.n));
        await database.run(`CREATE OR REPLACE TEMP TABLE merged AS ${mergedRows(own, columns, staged, old)}`);
        query = 'SELECT * FROM merged';
        for (const { _slice, n } of await database.rows('SELECT _slice, count(*) AS n FROM merged GROUP BY ALL')) {
          add(String(_slice), Number(n));
        }
      } else {
        for (const share of shares) add(share.write.key.slice, countedRows([share]));
      }
      const fresh = shares.map(({ write }) =>
        footerSlice(write, commits.get(write)!, load, counts.get(write.key.slice) ?? 0, rejects, base),
      );
      const footer: Footer = {
        id: randomUUID(),
        schema,
        dataset: key.dataset,
        table: own.name,
        ledger: own.name === table.name,
        scope: key.scope,
        scope_column: own.scopeColumn,
        report_date: place.reportDate,
        current_state: currentState,
        file,
        columns,
        slices: [...(merging && !currentState ? staying(base, fresh, counts) : []), ...fresh],
      };
      const pending = await writePending(database, builder.root, file, query, [footerOption(footer)]);
      crashPoint('parquet.data.written');
      files.push({ temporary: pending.temporary, file, footer });
      if (merging) await database.run('DROP TABLE merged');
      else checkCount(shares, own, counted, pending.rows);
    }

    function add(slice: string, rows: number) {
      counts.set(slice, (counts.get(slice) ?? 0) + rows);
    }
  });
  return { writes, results: verdicts, bases, replaces: replacedBy(files, held), rejects, files };
}

/** Whether a write shall be: against what is held, and against the others of its batch. */
function judge(write: SliceWrite, others: readonly SliceWrite[], base: Footer | undefined): Committed {
  if (base && base.schema !== write.schema) {
    throw new MillpondError(
      'E_CONFLICT',
      `${formatSliceKey(write.key)} is held for schema ${base.schema}; a connection with schema ${write.schema} would replace it`,
      { at: { ...write.key, path: base.file }, hint: 'Give each schema a lake of its own.' },
    );
  }
  const same = (slice: string) => write.currentState || slice === write.key.slice;
  const held = base?.slices.find(({ slice }) => same(slice));
  if (held && isOlder(write.asOf, held.as_of)) {
    return { key: write.key, result: 'superseded', rows: held.rows, rejects: held.rejects };
  }
  const newest = others
    .filter((other) => same(other.key.slice))
    .reduce((a, b) => (isOlder(b.asOf, a.asOf) ? a : b), write);
  const totals = write.stages.map((stage) => totalsOf(stage, write.key));
  return {
    key: write.key,
    result: newest === write ? 'committed' : 'superseded',
    rows: sum(totals.map(({ rows }) => rows)),
    rejects: sum(totals.map(({ rejects }) => rejects)),
  };
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

function checkCount(shares: readonly Share[], table: Table, counted: number, found: number): void {
  if (counted === found) return;
  const keys = shares.map(({ write }) => formatSliceKey(write.key)).join(', ');
  throw new MillpondError(
    'E_COUNT_MISMATCH',
    `${keys}: ${counted} rows of ${table.name} were counted, ${found} are staged for it`,
    { at: { ...shares[0]!.write.key, table: table.name } },
  );
}

function footerSlice(
  write: SliceWrite,
  commit: string,
  load: Load,
  rows: number,
  rejects: readonly Pending[],
  base: Footer | undefined,
): FooterSlice {
  const before = base?.slices.find(({ slice }) => write.currentState || slice === write.key.slice);
  const artifacts = [...groupBy(write.stages, (stage) => stage.artifact.id).values()].map((stages) => {
    const { sha256, contentSha256, path, bytes, asOf } = stages[0]!.artifact;
    const totals = stages.map((stage) => totalsOf(stage, write.key));
    return {
      sha256,
      content_sha256: contentSha256,
      path,
      bytes,
      rows: sum(totals.map((total) => total.rows)),
      rejects: sum(totals.map((total) => total.rejects)),
      as_of: asOf,
    };
  });
  return {
    slice: write.key.slice,
    rows,
    rejects: sum(artifacts.map((artifact) => artifact.rejects)),
    artifacts: artifacts.sort((a, b) => Date.parse(a.as_of) - Date.parse(b.as_of)),
    request_fingerprint: write.requestFingerprint,
    as_of: write.asOf,
    run_id: load.runId,
    committed_at: load.at,
    final: write.final,
    reject_files: rejects.map(({ file }) => file).filter((file) => file.endsWith(`-${commit}.parquet`)),
    commit,
    replaced_sha256: before?.artifacts.at(-1)?.sha256 ?? null,
  };
}

/** Slices that a merged file keeps, with what is left of their rows. */
function staying(base: Footer | undefined, fresh: readonly FooterSlice[], counts: ReadonlyMap<string, number>) {
  const again = new Set(fresh.map(({ slice }) => slice));
  return (base?.slices ?? [])
    .filter(({ slice }) => !again.has(slice))
    .map((slice) => ({ ...slice, rows: counts.get(slice.slice) ?? 0 }));
}

function replacedBy(files: readonly PendingFile[], held: Held): Replaced[] {
  return files.flatMap(({ file, footer }) => {
    const base = held.files.get(file);
    if (!base?.ledger) return [];
    const kept = new Set(footer.slices.map(({ commit }) => commit));
    return base.slices.filter(({ commit }) => !kept.has(commit)).map((slice) => ({ footer: base, slice }));
  });
}
