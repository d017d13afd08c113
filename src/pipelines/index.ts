import { MillpondError } from '../base/errors.js';
import type { Config, PipelineConfig } from '../config/types.js';
import type { Ctx, SliceKey } from '../contracts/index.js';
import { choosePipelines } from './choose.js';
import type { DriftReport } from './drift.js';
import type { RunEvent, RunResult } from './events.js';
import { oneByOne } from './one-by-one.js';
import { planPipeline } from './plan-report.js';
import { runPipeline } from './run.js';
import { keepSchedule } from './schedule.js';
import { readStatus } from './status.js';

export type * from './events.js';
export { type ImportOptions, importFiles } from './import.js';
export { planReplays, type ReplayOptions, type ReplayReport, replayPipelines, replaySlices } from './replay.js';
export { type VerifyOptions, verifyPipelines } from './verify.js';
export type { VerifyDifference, VerifyReport } from './verify-report.js';
export { catalogueOf, makeCtx, openSinks, openSource } from './workspace.js';

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
  /** Takes slices also where they come with so few rows that `shrink` would keep the old ones. */
  readonly allowShrink?: boolean;
  /** Request, commit what is ready, and end. */
  readonly noWait: boolean;
  readonly lockWaitMs?: number;
  readonly trigger: 'manual' | 'schedule' | 'operator';
  /** Id of whatever called it, for `millpond.runs`. */
  readonly parent: string | null;
  onEvent(event: RunEvent): void;
}

/** What a schedule runs, and who hears of it. */
export interface ScheduleOptions extends Filters {
  readonly config: Config;
  onEvent(event: RunEvent): void;
  /** Called when a run has ended. */
  onResult(pipeline: string, result: RunResult): void;
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
  /** Columns that are new to the catalogue, and those that the source has ceased to send. */
  readonly drift: readonly DriftReport[];
  /** What the landing folder keeps: artifacts, and bytes of everything in it but the journal. */
  readonly landing: {
    readonly path: string;
    readonly files: number;
    readonly bytes: number;
    /** ISO instant at which the oldest file was written; null where there is none. */
    readonly oldest: string | null;
    /** `landing.max`; null: no bound. */
    readonly max_bytes: number | null;
  };
  /** Slices held under another request than today's configuration makes. */
  readonly request_changed: number;
  readonly notes: readonly string[];
}

/**
 * Runs pipelines one after the other. One pipeline's summary is its run's; of several, the sums,
 * under an id that their runs name as `parent`.
 * @throws MillpondError `E_NOT_FOUND` for a pipeline that the configuration does not have.
 */
export async function runPipelines(options: RunOptions, ctx: Ctx): Promise<RunResult> {
  const pipelines = choosePipelines(options.config, options.pipelines).map((pipeline) => lenient(pipeline, options));
  return oneByOne(pipelines, options, ctx, runPipeline);
}

/** Under `--allow-shrink` what would fail is only told. */
function lenient(pipeline: PipelineConfig, { allowShrink }: RunOptions): PipelineConfig {
  return allowShrink ? { ...pipeline, shrink: { ...pipeline.shrink, action: 'warn' } } : pipeline;
}

/** What {@link runPipelines} would do. @throws MillpondError as that does, and what the source throws. */
export async function planPipelines(
  options: Filters & { readonly config: Config; readonly reload: boolean },
  ctx: Ctx,
): Promise<PlanReport> {
  const reports: PlanReport[] = [];
  for (const pipeline of choosePipelines(options.config, options.pipelines)) {
    reports.push(await planPipeline(pipeline, options, ctx));
  }
  return {
    slices: reports.flatMap(({ slices }) => slices),
    jobs: reports.reduce((sum, { jobs }) => sum + jobs, 0),
    estimate_seconds: reports.reduce((sum, { estimate_seconds }) => sum + estimate_seconds, 0),
    notes: [...new Set(reports.flatMap(({ notes }) => notes))],
  };
}

/** What is held, in flight and missing. Needs no secret and no network. */
export function pipelineStatus(options: Filters & { readonly config: Config }, ctx: Ctx): Promise<StatusReport> {
  return readStatus(options, ctx);
}

/**
 * Runs the cron-defined pipelines until the signal aborts; never one beside itself.
 * @throws MillpondError `E_CONFIG` where none has a schedule, `E_INTERRUPTED` at the end.
 */
export async function schedulePipelines(options: ScheduleOptions, ctx: Ctx): Promise<void> {
  const scheduled = choosePipelines(options.config, options.pipelines).filter(({ schedule }) => schedule);
  if (scheduled.length === 0) {
    throw new MillpondError('E_CONFIG', 'No pipeline has a schedule', {
      hint: 'Give one a `schedule: { cron: "15 6 * * *", timezone: … }`.',
    });
  }
  return keepSchedule(scheduled, options, ctx);
}
