import { MillpondError } from '../../base/errors.js';
import {
  type Artifact,
  type Committed,
  formatSliceKey,
  type SliceKey,
  type SliceTouch,
  type SliceWrite,
  type Write,
} from '../../contracts/index.js';

/** What a ledger row tells a commit. */
export interface Held extends SliceKey {
  readonly rows: number;
  readonly rejects: number;
  readonly asOfMs: number;
  readonly currentState: boolean;
  /** sha256 of the artifacts, joined by blanks, the newest last. */
  readonly artifacts: string;
  readonly requestFingerprint: string;
}

/** A slice that will be written. */
export interface Replacement {
  readonly write: SliceWrite;
  readonly rows: number;
  readonly rejects: number;
  /** Each once, the newest last. */
  readonly artifacts: readonly ArtifactShare[];
  /** The newest artifact of what it replaces. */
  readonly replacedSha256: string | null;
  /** The very same as what is held: written again, but no new event. */
  readonly again: boolean;
}

/** An artifact's share in a slice, over all tables that it fills. */
export interface ArtifactShare {
  readonly artifact: Artifact;
  readonly rows: number;
  readonly rejects: number;
}

/** A ledger row of which only `as of` and `final` move. */
export interface Touch {
  readonly write: SliceTouch;
  /** The row to move: of current state it can be of an earlier day. */
  readonly held: Held;
}

/** What a commit will do, decided from the writes and from what is held. Pure. */
export interface CommitPlan {
  readonly replacements: readonly Replacement[];
  readonly touches: readonly Touch[];
  /** Rows that come, and rows that go for them. */
  readonly rowsMoved: number;
  /** In the order of the writes. */
  readonly results: readonly Committed[];
}

/**
 * Decides write by write: a later `asOf` wins, whether it is held or stands in the same commit;
 * of equal ones the last write. Current state competes within dataset × scope.
 * @throws MillpondError `E_BUG` for a touch of what is not held.
 */
export function planCommit(writes: readonly Write[], held: readonly Held[]): CommitPlan {
  const holdings = new Holdings(held);
  const winners = newestWrites(writes);
  const replacements: Replacement[] = [];
  const touches: Touch[] = [];
  let rowsMoved = 0;
  const results = writes.map((write): Committed => {
    const rivals = holdings.rivalsOf(write);
    const newer = rivals.find((rival) => rival.asOfMs > Date.parse(write.asOf));
    if (newer || !winners.has(write)) {
      return { key: write.key, result: 'superseded', rows: newer?.rows ?? 0, rejects: newer?.rejects ?? 0 };
    }
    if (write.kind === 'touch') {
      const target = holdings.get(write.key) ?? rivals.find((rival) => rival.currentState);
      if (!target) throw new MillpondError('E_BUG', `${formatSliceKey(write.key)} was touched but is not held`);
      touches.push({ write, held: target });
      return { key: write.key, result: 'unchanged', rows: target.rows, rejects: target.rejects };
    }
    const replacement = replacementOf(write, rivals);
    replacements.push(replacement);
    rowsMoved += replacement.rows + sum(rivals.map((rival) => rival.rows));
    return { key: write.key, result: 'committed', rows: replacement.rows, rejects: replacement.rejects };
  });
  return { replacements, touches, rowsMoved, results };
}

/** What is held, by slice and by dataset × scope. */
class Holdings {
  readonly #bySlice = new Map<string, Held>();
  readonly #byScope = new Map<string, Held[]>();

  constructor(held: readonly Held[]) {
    for (const row of held) {
      this.#bySlice.set(sliceId(row), row);
      const list = this.#byScope.get(scopeId(row)) ?? [];
      list.push(row);
      this.#byScope.set(scopeId(row), list);
    }
  }

  get(key: SliceKey): Held | undefined {
    return this.#bySlice.get(sliceId(key));
  }

  /** What the write would replace. */
  rivalsOf(write: Write): readonly Held[] {
    const own = this.get(write.key);
    const scope = this.#byScope.get(scopeId(write.key)) ?? [];
    if (write.kind === 'replace' && write.currentState) return scope;
    if (own) return [own];
    return write.kind === 'touch' ? scope.filter((row) => row.currentState) : [];
  }
}

/** Of the writes of one commit that are after the same rows, the one that stays. */
function newestWrites(writes: readonly Write[]): ReadonlySet<Write> {
  const best = new Map<string, Write>();
  for (const write of writes) {
    const id = write.kind === 'replace' && write.currentState ? scopeId(write.key) : sliceId(write.key);
    const rival = best.get(id);
    if (!rival || Date.parse(write.asOf) >= Date.parse(rival.asOf)) best.set(id, write);
  }
  return new Set(best.values());
}

function replacementOf(write: SliceWrite, rivals: readonly Held[]): Replacement {
  const shares = new Map<string, ArtifactShare>();
  for (const { artifact, totals } of write.stages) {
    const own = totals.slices.filter((slice) => sliceId(slice.key) === sliceId(write.key));
    const share = shares.get(artifact.id);
    shares.set(artifact.id, {
      artifact,
      rows: (share?.rows ?? 0) + sum(own.map((slice) => slice.rows)),
      rejects: (share?.rejects ?? 0) + sum(own.map((slice) => slice.rejects)),
    });
  }
  const artifacts = [...shares.values()].sort((a, b) => Date.parse(a.artifact.asOf) - Date.parse(b.artifact.asOf));
  const rows = sum(artifacts.map((share) => share.rows));
  const rejects = sum(artifacts.map((share) => share.rejects));
  const newest = [...rivals].sort((a, b) => a.asOfMs - b.asOfMs).at(-1);
  const again =
    newest !== undefined &&
    sliceId(newest) === sliceId(write.key) &&
    newest.asOfMs === Date.parse(write.asOf) &&
    newest.requestFingerprint === write.requestFingerprint &&
    newest.rows === rows &&
    newest.rejects === rejects &&
    newest.artifacts === artifacts.map((share) => share.artifact.sha256).join(' ');
  return { write, rows, rejects, artifacts, replacedSha256: newest?.artifacts.split(' ').at(-1) ?? null, again };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

/** One text for one slice. */
export function sliceId(key: SliceKey): string {
  return JSON.stringify([key.dataset, key.scope, key.slice]);
}

function scopeId(key: SliceKey): string {
  return JSON.stringify([key.dataset, key.scope]);
}
