import type { Ask, Job } from './ask.js';

/**
 * Where an ask stands.
 * - `intent`: the call may have been made, its answer is not here.
 * - `asked`: all its jobs exist. What of them has landed, the artifacts' own records say.
 * - `landed`: all artifacts are on disk; `doneIn` names the sinks that have committed them. An ask by
 *   job comes here only where a sink could not take them.
 */
export type Phase =
  | { readonly phase: 'intent'; readonly token: string; readonly jobs: readonly Job[] }
  | {
      readonly phase: 'asked';
      readonly token: string;
      readonly jobs: readonly Job[];
    }
  | {
      readonly phase: 'landed';
      readonly jobs: readonly Job[];
      /** Paths of artifacts, relative to the landing folder. */
      readonly artifacts: readonly string[];
      readonly doneIn: readonly string[];
    };

/** An ask in flight. */
export interface JournalEntry {
  /** The ask's fingerprint. */
  readonly id: string;
  /** Counts the moves; a move from any but the newest is refused. */
  readonly revision: number;
  readonly ask: Ask;
  /** Who works on it: the pipeline's name; another may take over once that pipeline's lock is free. */
  readonly owner: string;
  /** ISO instant of the first intent: deadlines count from here. */
  readonly askedAt: string;
  /** How many jobs were given up for it so far. */
  readonly attempts: number;
  readonly state: Phase;
}
