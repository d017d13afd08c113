import { addDays, dayIn, isDay } from '../base/days.js';
import { MillpondError } from '../base/errors.js';
import { loadConfig } from '../config/index.js';
import type { Config } from '../config/types.js';
import type { Log } from '../contracts/index.js';
import { makeCtx, type RunEvent, type RunResult, runPipelines } from '../pipelines/index.js';

/** How another scheduler calls a pipeline. */
export interface RunPipelineOptions {
  /** A configuration, or the path of one; absent: `./millpond.yaml`. */
  readonly config?: string | Config;
  readonly pipeline: string;
  /**
   * The interval the scheduler speaks of: `[start, end)`, as instants or as days. Absent: what
   * the configuration says. The same interval again does nothing but what became due.
   */
  readonly dataIntervalStart?: string | Date;
  readonly dataIntervalEnd?: string | Date;
  /** Zone in which instants become days; absent: the pipeline's schedule's, else UTC. */
  readonly timezone?: string;
  readonly datasets?: readonly string[];
  readonly scopes?: readonly string[];
  /** Ask again for what is held. */
  readonly reload?: boolean;
  /** `false`: request, commit what is ready, and return with status `waiting`. */
  readonly wait?: boolean;
  /** The scheduler's own id of this task, kept in `millpond.runs`. */
  readonly parent?: string;
  readonly signal?: AbortSignal;
  readonly log?: Log;
  onEvent?(event: RunEvent): void;
}

/**
 * Runs one pipeline as `millpond run` would.
 * @returns summary and exit code; a failed slice is told there, not thrown.
 * @throws MillpondError where the configuration cannot be read or does not have the pipeline.
 */
export async function runPipeline(options: RunPipelineOptions): Promise<RunResult> {
  const config =
    typeof options.config === 'object' ? options.config : await loadConfig(options.config ?? 'millpond.yaml');
  const zone = options.timezone ?? config.pipelines[options.pipeline]?.schedule?.timezone ?? 'UTC';
  const from = firstDay(options.dataIntervalStart, zone);
  const to = lastDay(options.dataIntervalEnd, zone);
  if (from !== undefined && to !== undefined && from > to) {
    throw new MillpondError('E_USAGE', `The interval from ${from} to ${to} holds no day`, {
      hint: 'The end is exclusive: an interval of one day ends at the next midnight.',
    });
  }
  const ctx = makeCtx({
    signal: options.signal ?? new AbortController().signal,
    log: options.log ?? SILENT,
    memoryBytes: config.memoryBytes,
  });
  return runPipelines(
    {
      config,
      pipelines: [options.pipeline],
      datasets: options.datasets ?? [],
      scopes: options.scopes ?? [],
      slices: [],
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      reload: options.reload ?? false,
      noWait: options.wait === false,
      trigger: 'operator',
      parent: options.parent ?? null,
      onEvent: (event) => options.onEvent?.(event),
    },
    ctx,
  );
}

const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };

function firstDay(start: string | Date | undefined, zone: string): string | undefined {
  if (start === undefined) return undefined;
  return typeof start === 'string' && isDay(start) ? start : dayIn(zone, instant(start));
}

/** The last day that begins before `end`. */
function lastDay(end: string | Date | undefined, zone: string): string | undefined {
  if (end === undefined) return undefined;
  if (typeof end === 'string' && isDay(end)) return addDays(end, -1);
  return dayIn(zone, new Date(instant(end).getTime() - 1));
}

function instant(value: string | Date): Date {
  const date = typeof value === 'string' ? new Date(value) : value;
  if (!Number.isNaN(date.getTime())) return date;
  throw new MillpondError('E_USAGE', `${String(value)} is neither a day nor an instant`);
}
