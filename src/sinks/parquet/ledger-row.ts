import { MillpondError } from '../../base/errors.js';
import { type Committed, formatSliceKey, type SliceWrite } from '../../contracts/index.js';
import type { Footer, FooterSlice } from './footer.js';
import { groupBy, type Load, sum, totalsOf } from './rows.js';
import { isOlder, type PendingFile, type Replaced } from './unit.js';

/**
 * Whether a write shall be, against what is held and against the others of its unit. Current
 * state competes with whatever day is held of its scope.
 * @throws MillpondError `E_CONFLICT` where another schema's slice stands in its place.
 */
export function judge(write: SliceWrite, others: readonly SliceWrite[], base: Footer | undefined): Committed {
  if (base && base.schema !== write.schema) {
    throw new MillpondError(
      'E_CONFLICT',
      `${formatSliceKey(write.key)} is held for schema ${base.schema}; a connection with schema ${write.schema} would replace it`,
      { at: { ...write.key, path: base.file }, hint: 'Give each schema a lake of its own.' },
    );
  }
  const before = heldBefore(write, base);
  if (before && isOlder(write.asOf, before.as_of)) {
    return { key: write.key, result: 'superseded', rows: before.rows, rejects: before.rejects };
  }
  const newest = others
    .filter((other) => write.currentState || other.key.slice === write.key.slice)
    .reduce((a, b) => (isOlder(b.asOf, a.asOf) ? a : b), write);
  const totals = write.stages.map((stage) => totalsOf(stage, write.key));
  return {
    key: write.key,
    result: newest === write ? 'committed' : 'superseded',
    rows: sum(totals.map(({ rows }) => rows)),
    rejects: sum(totals.map(({ rejects }) => rejects)),
  };
}

/**
 * A write's row of the ledger.
 * @param mark names this commit, unless it is the very one that is held, written again.
 */
export function ledgerRow(
  write: SliceWrite,
  base: Footer | undefined,
  load: Load,
  rows: number,
  rejectFiles: readonly string[],
  mark: string,
): FooterSlice {
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
  const before = heldBefore(write, base);
  const row: FooterSlice = {
    slice: write.key.slice,
    rows,
    rejects: sum(artifacts.map((artifact) => artifact.rejects)),
    artifacts: artifacts.sort((a, b) => Date.parse(a.as_of) - Date.parse(b.as_of)),
    request_fingerprint: write.requestFingerprint,
    as_of: write.asOf,
    run_id: load.runId,
    committed_at: load.at,
    final: write.final,
    reject_files: [...rejectFiles],
    commit: mark,
    replaced_sha256: before?.artifacts.at(-1)?.sha256 ?? null,
  };
  if (!before || !isSame(row, before)) return row;
  return { ...row, commit: before.commit, replaced_sha256: before.replaced_sha256 };
}

/** The slice of the ledger that a write replaces. */
function heldBefore(write: SliceWrite, base: Footer | undefined): FooterSlice | undefined {
  return base?.slices.find(({ slice }) => write.currentState || slice === write.key.slice);
}

/** The same artifacts, asked for and typed the same way: a commit that was there, once more. */
function isSame(row: FooterSlice, before: FooterSlice): boolean {
  const facts = ({ slice, rows, rejects, artifacts, request_fingerprint, as_of }: FooterSlice) =>
    JSON.stringify([slice, rows, rejects, artifacts, request_fingerprint, Date.parse(as_of)]);
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
