import type { PipelineConfig } from '../config/types.js';
import type { Ctx } from '../contracts/index.js';
import type { RunResult } from './events.js';
import { mergeResults } from './report.js';
import { newRunId } from './run-id.js';

/**
 * Executes pipelines one after the other; after an abort no further one begins.
 * @returns of one pipeline its own result; of several the sums, under an id that their runs name as `parent`.
 */
export async function oneByOne<Options extends { readonly parent: string | null }>(
  pipelines: readonly PipelineConfig[],
  options: Options,
  ctx: Ctx,
  execute: (pipeline: PipelineConfig, options: Options, ctx: Ctx) => Promise<RunResult>,
): Promise<RunResult> {
  if (pipelines.length === 1) return execute(pipelines[0]!, options, ctx);
  const parent = options.parent ?? newRunId(ctx.now());
  const results: RunResult[] = [];
  for (const pipeline of pipelines) {
    if (ctx.signal.aborted && results.length > 0) break;
    results.push(await execute(pipeline, { ...options, parent }, ctx));
  }
  return mergeResults(parent, results);
}
