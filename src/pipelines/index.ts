import type { Config } from '../config/types.js';
import type { Ctx, SliceKey } from '../contracts/index.js';
import type { RunEvent, RunResult } from './events.js';

export type * from './events.js';

/** Narrows what a command looks at; every list takes globs, an empty one means everything. */
export interface Filters {
  readonly pipelines: readonly string[];
  readonly datasets: readonly string[];
  readonly scopes: readonly string[];
  /** `DATASET:SCOPE:SLICE`, globs allowed. */
  readonly slices: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

export interface RunOptions extends Filters {
  readonly config: Config;
  /** Ask again for what is committed and not due. */
  readonly reload: boolean;
  /** Request, commit what is ready, and end. */
  readonly noWait: boolean;
  readonly lockWaitMs?: number;
  readonly trigger: 'manual' | 'schedule' | 'operator';
  /** Id of whatever called it, for `millpond.runs`. */
  readonly parent: string | null;
  onEvent(event: RunEvent): void;
}

/** One line of a plan. */
export interface PlannedSlice {
  /** `DATASET:SCOPE:SLICE` */
  readonly key: string;
  readonly action: 'request' | 'resume' | 'fill' | 'wait' | 'skip';
  /** `missing`, `stale`, `failed`, `pending`, `reload`, or the rule by which it is skipped. */
  readonly reason: string;
  /** Slices of one group share one job; null where no job is needed. */
  readonly job_group: string | null;
}

export interface PlanReport {
  readonly slices: readonly PlannedSlice[];
  readonly jobs: number;
  readonly estimate_seconds: number;
  /** Datasets that Amazon has switched off, request changes not reloaded, missing profiles. */
  readonly notes: readonly string[];
}

export interface StatusReport {
  readonly pipelines: readonly {
    readonly name: string;
    readonly schedule: string | null;
    /** ISO instant of the next scheduled run. */
    readonly next: string | null;
    readonly last: {
      readonly run_id: string;
      readonly status: string;
      readonly started_at: string;
      readonly ended_at: string | null;
      readonly rows: number;
      readonly rejects: number;
      readonly errors: number;
    } | null;
  }[];
  readonly freshness: readonly {
    readonly sink: string;
    readonly dataset: string;
    readonly scope: string;
    readonly first_slice: string;
    readonly last_slice: string;
    readonly slices: number;
    readonly rows: number;
    readonly rejects: number;
    readonly as_of: string;
  }[];
  readonly in_flight: readonly {
    readonly dataset: string;
    readonly scope: string;
    readonly slices: readonly string[];
    readonly phase: string;
    readonly jobs: readonly string[];
    readonly asked_at: string;
    readonly owner: string;
  }[];
  readonly gaps: readonly (SliceKey & {
    readonly sink: string;
    readonly reason: string;
    readonly message: string;
    readonly since: string;
  })[];
  /** Slices held under another request than today's configuration makes. */
  readonly request_changed: number;
  readonly notes: readonly string[];
}

export declare function runPipelines(options: RunOptions, ctx: Ctx): Promise<RunResult>;
export declare function planPipelines(
  options: Filters & { readonly config: Config; readonly reload: boolean },
  ctx: Ctx,
): Promise<PlanReport>;
/** Needs no secret and no network. */
export declare function pipelineStatus(options: Filters & { readonly config: Config }, ctx: Ctx): Promise<StatusReport>;
/** Runs the cron-defined pipelines until the signal aborts; never one beside itself. */
export declare function schedulePipelines(
  options: Filters & {
    readonly config: Config;
    onEvent(event: RunEvent): void;
    onResult(pipeline: string, result: RunResult): void;
  },
  ctx: Ctx,
): Promise<void>;
