import { MillpondError } from '../../base/errors.js';
import { isAppend, isGrowing } from '../../contracts/growth.js';
import { formatSliceKey, type SliceWrite, type Stage } from '../../contracts/index.js';
import { totalsOf } from '../../contracts/stage-counts.js';
import type { Footer, FooterArtifact, FooterSlice } from './footer.js';
import { groupBy, type Load, sum } from './rows.js';
import { isOlder, type PendingFile, type Replaced } from './unit.js';

/** What becomes of a write, against what is held and against the others of its unit. */
export interface Verdict {
  readonly write: SliceWrite;
  /** Whether anything is to be written at all. */
  readonly accepted: boolean;
  /** The slice of the ledger in whose place the write comes, if there is one. */
  readonly before: FooterSlice | undefined;
  /** What is there stays: its artifacts, and the rows and rejects of tables of mode `append`. */
  readonly grows: boolean;
  /** What is held is of a later `as of`: tables that are replaced stay as they are. */
  readonly older: boolean;
}

/** A row of the ledger before it is known how much there is. */
export type LedgerRow = Omit<FooterSlice, 'rows' | 'rejects' | 'reject_files'>;

/**
 * Judges a write. Current state competes with whatever day is held of its scope; what is added to
 * tables of mode `append` is never too old.
 * @param schema of the lake's files of this dataset and scope, if there are any.
 * @throws MillpondError `E_CONFLICT` where another schema has this place in the lake.
 */
export function judge(
  write: SliceWrite,
  others: readonly SliceWrite[],
  base: Footer | undefined,
  schema: string | undefined,
): Verdict {
  if (schema !== undefined && schema !== write.schema) {
    const { dataset, scope } = write.key;
    throw new MillpondError(
      'E_CONFLICT',
      `${formatSliceKey(write.key)}: the lake holds ${dataset} of ${scope} for schema ${schema}, and has no room for that of schema ${write.schema} beside it`,
      {
        at: { ...write.key, schema },
        hint: 'Give the second account a lake of its own: another sink with another path.',
      },
    );
  }
  const before = base?.slices.find(({ slice }) => write.currentState || slice === write.key.slice);
  const grows = isGrowing(write);
  const older = before !== undefined && isOlder(write.asOf, before.as_of);
  const newest = others
    .filter((other) => write.currentState || other.key.slice === write.key.slice)
    .reduce((a, b) => (isOlder(b.asOf, a.asOf) ? a : b), write);
  const accepted = grows ? !older || newStages(write, before).length > 0 : !older && newest === write;
  return { write, accepted, before, grows, older };
}

/** The stages whose rows and rejects come; of those that are added the oldest first. */
export function comingStages({ write, before, grows, older }: Verdict): Stage[] {
  const added = (grows ? newStages(write, before) : write.stages).filter(isAppend);
  added.sort((a, b) => Date.parse(a.artifact.asOf) - Date.parse(b.artifact.asOf));
  return [...added, ...(older ? [] : write.stages.filter((stage) => !isAppend(stage)))];
}

/** Stages of artifacts that the ledger does not name for the slice yet. */
function newStages(write: SliceWrite, before: FooterSlice | undefined): Stage[] {
  const known = new Set(before?.artifacts.map(({ sha256 }) => sha256));
  return write.stages.filter(({ artifact }) => !known.has(artifact.sha256));
}

/** Files of rejects that stay: those of tables that are not replaced. Their names end with their table's. */
export function stayingRejects({ write, before, grows, older }: Verdict): string[] {
  if (!grows || !before) return [];
  const replaced = older ? [] : write.stages.filter((stage) => !isAppend(stage)).map(({ table }) => table.name);
  return before.reject_files.filter((file) => !replaced.some((table) => file.endsWith(`-${table}.parquet`)));
}

/**
 * A write's row of the ledger, but for its counts, which are known once its files are written. All
 * files of the write carry it, and so its mark: by that a file beside the ledger's is known to count.
 * @param mark names this commit, unless it is the very one that is held, written again.
 */
export function ledgerRow(verdict: Verdict, load: Load, mark: string): LedgerRow {
  const { write, before, grows, older } = verdict;
  const kept = grows ? (before?.artifacts ?? []) : [];
  const shares = sharesOf(write, grows ? newStages(write, before) : write.stages);
  const row: LedgerRow = {
    slice: write.key.slice,
    artifacts: [...kept, ...shares].sort((a, b) => Date.parse(a.as_of) - Date.parse(b.as_of)),
    request_fingerprint: older ? before!.request_fingerprint : write.requestFingerprint,
    as_of: older ? before!.as_of : write.asOf,
    run_id: load.runId,
    committed_at: load.at,
    final: older ? before!.final : write.final,
    commit: mark,
    replaced_sha256: before?.artifacts.at(-1)?.sha256 ?? null,
  };
  if (!before || !isSame(row, before)) return row;
  return { ...row, commit: before.commit, replaced_sha256: before.replaced_sha256 };
}

/** What each artifact brings: rows of the dataset's own table, where there is one, and rejects of all. */
function sharesOf(write: SliceWrite, stages: readonly Stage[]): FooterArtifact[] {
  const hasOwn = write.stages.some(({ table }) => table.name === write.key.dataset);
  return [...groupBy(stages, (stage) => stage.artifact.id).values()].map((own) => {
    const { sha256, contentSha256, path, bytes, asOf } = own[0]!.artifact;
    const counted = own.filter(({ table }) => !hasOwn || table.name === write.key.dataset);
    return {
      sha256,
      content_sha256: contentSha256,
      path,
      bytes,
      rows: sum(counted.map((stage) => totalsOf(stage, write.key).rows)),
      rejects: sum(own.map((stage) => totalsOf(stage, write.key).rejects)),
      as_of: asOf,
    };
  });
}

/** The same artifacts, asked for and typed the same way: a commit that was there, once more. */
function isSame(row: LedgerRow, before: LedgerRow): boolean {
  const facts = ({ slice, artifacts, request_fingerprint, as_of }: LedgerRow) =>
    JSON.stringify([slice, artifacts, request_fingerprint, Date.parse(as_of)]);
  return facts(row) === facts(before);
}

/** Rows of a merged file that no write of the unit replaces, with what is left of their rows. */
export function stayingRows(
  base: Footer | undefined,
  fresh: readonly FooterSlice[],
  counts: ReadonlyMap<string, number>,
): FooterSlice[] {
  const again = new Set(fresh.map(({ slice }) => slice));
  return (base?.slices ?? [])
    .filter(({ slice }) => !again.has(slice))
    .map((slice) => ({ ...slice, rows: counts.get(slice.slice) ?? 0 }));
}

/** The commits that end when these files take the places of those held. */
export function replacedBy(files: readonly PendingFile[], held: ReadonlyMap<string, Footer>): Replaced[] {
  return files.flatMap(({ file, footer }) => {
    const base = held.get(file);
    if (!base?.ledger) return [];
    const kept = new Set(footer.slices.map(({ commit }) => commit));
    return base.slices.filter(({ commit }) => !kept.has(commit)).map((slice) => ({ footer: base, slice }));
  });
}
