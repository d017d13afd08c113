import type { LedgerSlice, SliceKey } from '../contracts/index.js';
import type { Answer } from './landed-files.js';

/** What a sink holds, to be asked about one file after another. */
export class HeldIndex {
  readonly #slices = new Map<string, LedgerSlice>();
  readonly #states = new Map<string, LedgerSlice>();

  constructor(slices: readonly LedgerSlice[]) {
    for (const slice of slices) {
      this.#slices.set([slice.schema, slice.dataset, slice.scope, slice.slice].join('\0'), slice);
      this.#states.set([slice.schema, slice.dataset, slice.scope].join('\0'), slice);
    }
  }

  /** Whether the sink has all that an answer says, or something newer in its place. */
  has(answer: Answer, { schema, fills }: Pick<Filled, 'schema' | 'fills'>): boolean {
    return answer.slices.every((key) => {
      const held = this.#find(schema, key, fills === 'state');
      if (!held) return false;
      return fills === 'growing' ? isMadeOf(held, answer) : held.asOf >= answer.asOf;
    });
  }

  #find(schema: string, { dataset, scope, slice }: SliceKey, isState: boolean): LedgerSlice | undefined {
    return isState
      ? this.#states.get([schema, dataset, scope].join('\0'))
      : this.#slices.get([schema, dataset, scope, slice].join('\0'));
  }
}

/** A slice that grows keeps the names of all that it was made of; equal content need not be added twice. */
function isMadeOf({ artifacts }: LedgerSlice, { files }: Answer): boolean {
  const known = new Set(artifacts.map(({ contentSha256 }) => contentSha256));
  return files.every(({ contentSha256 }) => known.has(contentSha256));
}

/** Which sinks are filled from an answer, and how. */
export interface Filled {
  readonly schema: string;
  /** What one commit replaces: the slice, or all that the scope has; or nothing. */
  readonly fills: 'slice' | 'state' | 'growing';
  /** Names of sinks; none where no pipeline wants it any more. */
  readonly sinks: readonly string[];
}

export interface RetentionInput {
  readonly answers: readonly Answer[];
  filled(answer: Answer): Filled;
  /** By name; a sink that could not be looked into is not there. */
  readonly held: ReadonlyMap<string, HeldIndex>;
  /** Fingerprints of the asks in flight. */
  readonly inFlight: ReadonlySet<string>;
  /** ISO instant: what landed before it is past its keeping. */
  readonly keepSince: string;
  /** Bytes that have to go for `max`. */
  readonly excess: number;
  /** Room that an answer takes, its records included. */
  bytesOf(answer: Answer): number;
}

/**
 * Which answers go: all that are past their keeping, and then the oldest until enough room is made.
 * Never what is in flight, nor what a sink lacks that is filled from it. Pure.
 */
export function choosePruned(input: RetentionInput): Answer[] {
  const free = input.answers
    .filter((answer) => isFree(input, answer))
    .sort((a, b) => (landedOf(a) < landedOf(b) ? -1 : 1));
  const chosen = free.filter((answer) => landedOf(answer) < input.keepSince);
  let left = input.excess - chosen.reduce((sum, answer) => sum + input.bytesOf(answer), 0);
  for (const answer of free.slice(chosen.length)) {
    if (left <= 0) break;
    chosen.push(answer);
    left -= input.bytesOf(answer);
  }
  return chosen;
}

function isFree(input: RetentionInput, answer: Answer): boolean {
  if (answer.files.some(({ fingerprint }) => input.inFlight.has(fingerprint))) return false;
  // A part of an answer that nobody waits for can never be committed.
  if (!answer.isWhole) return true;
  const filled = input.filled(answer);
  return filled.sinks.every((name) => input.held.get(name)?.has(answer, filled) === true);
}

/** When the last of its files landed. */
function landedOf({ files }: Answer): string {
  return (
    files
      .map(({ landedAt }) => landedAt)
      .sort()
      .at(-1) ?? ''
  );
}
