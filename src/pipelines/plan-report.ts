import { asMillpondError } from '../base/errors.js';
import type { Config, PipelineConfig } from '../config/types.js';
import { type Ctx, formatSliceKey } from '../contracts/index.js';
import type { Filters, PlannedSlice, PlanReport } from './index.js';
import { Journal } from './journal.js';
import { Landing } from './landing.js';
import { estimateSeconds, jobsToAskFor, makePlan, type Plan, type PlanSource } from './plan.js';
import { planInput, readHoldings, readSource, retiredError } from './plan-input.js';
import { openSinks, openSource } from './workspace.js';

/** What a run of this pipeline would do. Calls the source for nothing but the list of scopes. */
export async function planPipeline(
  pipeline: PipelineConfig,
  options: Filters & { readonly config: Config; readonly reload: boolean },
  ctx: Ctx,
): Promise<PlanReport> {
  const notes: string[] = [];
  const sources: PlanSource[] = [];
  let firstPollMs = 0;
  for (const connection of pipeline.connections) {
    const { source, timing } = await openSource(options.config, connection);
    firstPollMs = Math.max(firstPollMs, timing.firstMs);
    try {
      const read = await readSource(pipeline, options.config.connections[connection]!, source, options.datasets, ctx);
      sources.push(read.planSource);
      for (const selected of [...read.retired, ...read.planSource.selected]) {
        if (selected.dataset.state.kind === 'retired') notes.push(retiredError(selected).message);
      }
      for (const id of read.missing) notes.push(`Profile ${id} is not visible with the credentials of ${connection}`);
    } finally {
      await source.close().catch((error: unknown) => ctx.log.warn(asMillpondError(error).message));
    }
  }
  const selected = sources.flatMap((source) => source.selected);
  const sinks = openSinks(options.config, pipeline, ctx);
  try {
    const names = selected.map(({ dataset }) => dataset.name);
    const holdings = await Promise.all(sinks.map(async (sink) => (await readHoldings(sink, names, ctx)).holdings));
    const landing = await Landing.open(options.config.landing.path);
    const { entries } = await (await Journal.open(landing.path)).entries();
    const known = { pipeline, sources, sinks: holdings, journal: entries };
    const plan = makePlan(await planInput(known, landing, options, ctx));
    if (plan.requestChanged.length > 0) {
      notes.push(
        `${plan.requestChanged.length} slices are held with other columns or filters; --reload asks for them again`,
      );
    }
    if (pipeline.snapshots) {
      const { create, max } = pipeline.snapshots;
      notes.push(
        `Before it reads, a run of ${pipeline.name} looks at ${create.length} snapshots to be made, and makes at most ${max} that would be new`,
      );
    }
    return render(plan, notes, firstPollMs);
  } finally {
    await Promise.all(sinks.map((sink) => sink.close()));
  }
}

const ACTIONS = { request: 'request', resume: 'resume', join: 'wait', fill: 'fill' } as const;

function render(plan: Plan, notes: readonly string[], firstPollMs: number): PlanReport {
  const slices: PlannedSlice[] = [];
  for (const item of plan.items) {
    const needsJob = item.selected.dataset.fetch.kind === 'job' && item.action !== 'fill';
    for (const { key, reason } of item.slices) {
      slices.push({
        key: formatSliceKey(key),
        action: ACTIONS[item.action],
        reason,
        job_group: needsJob ? item.ask.fingerprint.slice(0, 12) : null,
      });
    }
  }
  for (const { key, refusal } of plan.skipped) {
    slices.push({ key: formatSliceKey(key), action: 'skip', reason: refusal.reason, job_group: null });
  }
  return {
    slices,
    jobs: jobsToAskFor(plan),
    estimate_seconds: estimateSeconds(plan, firstPollMs),
    notes: [...new Set(notes)],
  };
}
