import { MillpondError } from '../../base/errors.js';
import { isGrowing } from '../../contracts/growth.js';
import {
  type Committed,
  formatSliceKey,
  type SliceKey,
  type SliceTouch,
  type SliceWrite,
  type Write,
} from '../../contracts/index.js';
import { merged, type Replacement, replacementOf } from './replacement.js';

/** What a ledger row tells a commit. */
export interface Held extends SliceKey {
  readonly schema: string;
  readonly rows: number;
  readonly rejects: number;
  readonly bytes: number;
  readonly asOf: string;
  readonly currentState: boolean;
  readonly requestFingerprint: string;
  readonly final: boolean;
  /** sha256 of the artifacts, the newest last. */
  readonly artifacts: readonly string[];
  /** `as of` of the newest artifact: a touch moves the slice's alone. */
  readonly newestArtifactAsOf: string;
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
  /** Rows that stand where something is written. */
  readonly rowsBefore: number;
  /** In the order of the writes. */
  readonly results: readonly Planned[];
}

/** What becomes of a write. */
export interface Planned extends Committed {
  /** What it went into; where that is `measured`, its counts are known once it is written. */
  readonly into?: Replacement;
}

/**
 * Decides write by write: a later `asOf` wins, whether it is held or stands in the same commit;
 * of equal ones the last write. Current state competes within dataset × scope. What goes into
 * tables of mode `append` never loses: such writes of one slice go into it together.
 * @throws MillpondError `E_BUG` for a touch of what is not held.
 */
export function planCommit(writes: readonly Write[], held: readonly Held[]): CommitPlan {
  const holdings = new Holdings(held);
  const into = new Map<Write, Replacement>();
  const winningTouches = new Set<Write>();
  let rowsBefore = 0;
  for (const rivals of contests(writes)) {
    const before = holdings.rivalsOf(rivals.find((write) => write.kind === 'replace') ?? rivals[0]!);
    const winner = rivals.findLast((write) => write.kind === 'touch' || !isGrowing(write));
    if (winner?.kind === 'touch') winningTouches.add(winner);
    const wins = winner !== undefined && before.every((row) => !isOlder(winner, row));
    const parts = rivals.filter(
      (write) => write.kind === 'replace' && (isGrowing(write) || (write === winner && wins)),
    ) as SliceWrite[];
    const replacement = parts.length > 0 ? replacementOf(merged(parts), before) : undefined;
    if (!replacement) continue;
    for (const write of parts) into.set(write, replacement);
    for (const row of before) rowsBefore += row.rows;
  }
  const touches: Touch[] = [];
  const results = writes.map((write): Planned => {
    const replacement = into.get(write);
    if (replacement) {
      const { rows, rejects } = replacement;
      return { key: write.key, result: 'committed', rows, rejects, into: replacement };
    }
    const rivals = holdings.rivalsOf(write);
    const newer = rivals.find((row) => isOlder(write, row));
    if (newer || write.kind === 'replace' || !winningTouches.has(write)) {
      return { key: write.key, result: 'superseded', rows: newer?.rows ?? 0, rejects: newer?.rejects ?? 0 };
    }
    const target = holdings.get(write) ?? rivals.find((rival) => rival.currentState);
    if (!target) throw new MillpondError('E_BUG', `${formatSliceKey(write.key)} was touched but is not held`);
    touches.push({ write, held: target });
    return { key: write.key, result: 'unchanged', rows: target.rows, rejects: target.rejects };
  });
  return { replacements: [...new Set(into.values())], touches, rowsBefore, results };
}

/** What is held, by slice and by schema × dataset × scope. */
class Holdings {
  readonly #bySlice = new Map<string, Held>();
  readonly #byScope = new Map<string, Held[]>();

  constructor(held: readonly Held[]) {
    for (const row of held) {
      this.#bySlice.set(sliceId(row.schema, row), row);
      const scope = scopeId(row.schema, row);
      const list = this.#byScope.get(scope);
      if (list) list.push(row);
      else this.#byScope.set(scope, [row]);
    }
  }

  get({ schema, key }: Write): Held | undefined {
    return this.#bySlice.get(sliceId(schema, key));
  }

  /** What the write would replace. */
  rivalsOf(write: Write): readonly Held[] {
    const own = this.get(write);
    const scope = this.#byScope.get(scopeId(write.schema, write.key)) ?? [];
    if (write.kind === 'replace' && write.currentState) return scope;
    if (own) return [own];
    return write.kind === 'touch' ? scope.filter((row) => row.currentState) : [];
  }
}

/** Writes of one commit that are after the same rows, the newest last. */
function contests(writes: readonly Write[]): Iterable<readonly Write[]> {
  const byPlace = new Map<string, Write[]>();
  for (const write of writes) {
    const { schema, key } = write;
    const place = write.kind === 'replace' && write.currentState ? scopeId(schema, key) : sliceId(schema, key);
    const rivals = byPlace.get(place);
    if (rivals) rivals.push(write);
    else byPlace.set(place, [write]);
  }
  for (const rivals of byPlace.values()) rivals.sort((a, b) => Date.parse(a.asOf) - Date.parse(b.asOf));
  return byPlace.values();
}

function isOlder(write: Write, held: Held): boolean {
  return Date.parse(write.asOf) < Date.parse(held.asOf);
}

/** One text for one slice of one schema. */
export function sliceId(schema: string, { dataset, scope, slice }: SliceKey): string {
  return JSON.stringify([schema, dataset, scope, slice]);
}

function scopeId(schema: string, { dataset, scope }: SliceKey): string {
  return JSON.stringify([schema, dataset, scope]);
}
