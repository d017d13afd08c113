import type { SliceKey } from '../contracts/index.js';

/** What a run says while it works: one JSON line each under `--json`, a progress line for people. */
export type RunEvent =
  | { readonly type: 'run_started'; readonly run_id: string; readonly pipeline: string; readonly resumed: number }
  | {
      readonly type: 'planned';
      readonly pipeline: string;
      readonly slices: number;
      readonly jobs: number;
      readonly skipped: number;
      readonly estimate_seconds: number;
    }
  | ({ readonly type: 'requested' | 'adopted' | 'resumed' | 'waiting'; readonly job?: string } & AskFacts)
  | ({ readonly type: 'landed'; readonly bytes: number } & AskFacts)
  | ({ readonly type: 'staged'; readonly rows: number; readonly rejects: number } & AskFacts)
  | ({
      readonly type: 'committed' | 'unchanged' | 'superseded';
      readonly sink: string;
      readonly rows: number;
      readonly rejects: number;
    } & SliceKey)
  | ({ readonly type: 'skipped'; readonly reason: string; readonly message: string } & SliceKey)
  | ({ readonly type: 'failed'; readonly code: string; readonly message: string; readonly hint: string } & AskFacts)
  | ({
      readonly type: 'snapshot_made';
      readonly arn: string;
      readonly revision: number;
      readonly recovered: boolean;
    } & ViewFacts)
  | ({ readonly type: 'snapshot_skipped'; readonly reason: 'unchanged'; readonly message: string } & ViewFacts)
  | { readonly type: 'retry'; readonly code: string; readonly message: string; readonly wait_ms: number }
  | { readonly type: 'pruned'; readonly files: number; readonly bytes: number }
  | { readonly type: 'lock_wait'; readonly what: string; readonly pid: string }
  | { readonly type: 'warning'; readonly code: string; readonly message: string };

/** Which view at the source an event speaks of. */
export interface ViewFacts {
  readonly connection: string;
  readonly engagement: string;
  readonly resource: string;
  readonly template: string;
}

/** Snapshots that a run was to make at the source. */
export interface SnapshotCounts {
  made: number;
  /** Found made by an earlier run that was cut short. */
  recovered: number;
  /** Nothing about them would have been new. */
  skipped_unchanged: number;
  /** More than `snapshots.max`: the next run's. */
  left: number;
  failed: number;
}

/** Which ask an event speaks of. */
export interface AskFacts {
  readonly dataset: string;
  readonly scope: string;
  readonly slices: readonly string[];
}

/** The last line of `run --json`, whatever the exit. */
export interface RunSummary {
  readonly run_id: string;
  readonly status: 'succeeded' | 'partial' | 'failed' | 'waiting' | 'nothing_to_do' | 'interrupted';
  readonly slices: {
    readonly committed: number;
    readonly failed: number;
    readonly waiting: number;
    readonly skipped: number;
    readonly unchanged: number;
  };
  /** Typed rows committed, per slice once however many sinks. */
  readonly rows: number;
  /** Rows that the sinks hold for this run's pipelines after it. */
  readonly rows_total: number;
  readonly rejects: number;
  readonly jobs: { readonly requested: number; readonly adopted: number; readonly resumed: number };
  /** Only where a pipeline has snapshots made. */
  readonly snapshots?: Readonly<SnapshotCounts>;
  /** Bytes landed. */
  readonly bytes: number;
  readonly seconds: number;
  /** Grouped; at most 50 of `errors_total`. */
  readonly errors: readonly RunError[];
  readonly errors_total: number;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** Slices that failed for one reason. */
export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly dataset: string | null;
  readonly scope: string | null;
  readonly slices: readonly string[];
}

/** What a command should exit with: a scheduler's words for a summary. */
export interface RunResult {
  readonly summary: RunSummary;
  readonly exit: number;
}
