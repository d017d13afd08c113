import { ERRORS, type ErrorCode, MillpondError } from '../base/errors.js';
import type { RunSummary } from '../pipelines/index.js';
import { type RunPipelineOptions, runPipeline } from './run-pipeline.js';

/** What a scheduler hands a task: every member optional, names as Airflow's. */
export interface OperatorContext {
  readonly data_interval_start?: string | Date;
  readonly data_interval_end?: string | Date;
  readonly run_id?: string;
  readonly signal?: AbortSignal;
}

/** A pipeline as a scheduler's task. Idempotent for an interval: a retry does only what is missing. */
export class MillpondOperator {
  readonly #options: RunPipelineOptions;

  constructor(options: RunPipelineOptions) {
    this.#options = options;
  }

  /**
   * Runs the pipeline for the context's interval.
   * @returns the run's summary, where everything was had or there was nothing to do.
   * @throws MillpondError the run's first error, `E_JOB_WAITING` where jobs are pending: call again.
   */
  async execute(context: OperatorContext = {}): Promise<RunSummary> {
    const { data_interval_start: start, data_interval_end: end, run_id: parent, signal } = context;
    const { summary, exit } = await runPipeline({
      ...this.#options,
      ...(start === undefined ? {} : { dataIntervalStart: start }),
      ...(end === undefined ? {} : { dataIntervalEnd: end }),
      ...(parent === undefined ? {} : { parent }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (exit === 0) return summary;
    if (summary.status === 'interrupted')
      throw new MillpondError('E_INTERRUPTED', `Run ${summary.run_id} was interrupted`);
    const [first] = summary.errors;
    if (!first)
      throw new MillpondError(
        'E_JOB_WAITING',
        `Run ${summary.run_id}: ${summary.slices.waiting} slices wait for their jobs`,
      );
    const code = first.code in ERRORS ? (first.code as ErrorCode) : 'E_BUG';
    const more = summary.errors_total > 1 ? ` (and ${summary.errors_total - 1} more errors)` : '';
    throw new MillpondError(code, `Run ${summary.run_id}: ${first.message}${more}`, { hint: first.hint });
  }
}
