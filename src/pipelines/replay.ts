import { throwIfAborted } from '../base/retry.js';
import { settleAll } from '../base/settle.js';
import type { Config, PipelineConfig } from '../config/types.js';
import { type Ctx, formatSliceKey, type SliceKey } from '../contracts/index.js';
import { choosePipelines } from './choose.js';
import type { RunEvent, RunResult } from './events.js';
import { passes } from './filters.js';
import type { Filters } from './index.js';
import { readAnswers } from './landed-files.js';
import { Landing } from './landing.js';
import { oneByOne } from './one-by-one.js';
import { ownersOf, selectOwned } from './owners.js';
import { planReplay, type ReplayInput, type ReplayItem, type ReplayPlan, type ReplaySource } from './replay-plan.js';
import { replayItem } from './replay-work.js';
import { namesOf } from './select.js';
import { Session } from './session.js';
import { catalogueOf, openSinks } from './workspace.js';

/** How a replay is called. */
export interface ReplayOptions extends Filters {
  readonly config: Config;
  readonly lockWaitMs?: number;
  /** Id of whatever called it, for `millpond.runs`. */
  readonly parent: string | null;
  onEvent(event: RunEvent): void;
}

/** What a replay would do. */
export interface ReplayReport {
  readonly slices: readonly {
    /** `DATASET:SCOPE:SLICE` */
    readonly key: string;
    /** `replay`: its files are kept; `no_artifact`: they are past their keeping. */
    readonly action: 'replay' | 'no_artifact';
  }[];
  /** Files that would be read, and their size. */
  readonly files: number;
  readonly bytes: number;
}

/**
 * Commits kept files again, under today's catalogue, types and policy: those that the sinks are
 * made of, those that no sink holds (yet, or any more), and those that failed. No source is asked,
 * no secret is needed. Pipelines go one after the other; what is told is as of `runPipelines`.
 * @throws MillpondError `E_NOT_FOUND` for a pipeline that the configuration does not have.
 */
export async function replayPipelines(options: ReplayOptions, ctx: Ctx): Promise<RunResult> {
  return oneByOne(choosePipelines(options.config, options.pipelines), options, ctx, replayPipeline);
}

/**
 * Replays these slices of one pipeline, whatever its sinks hold of them: what `verify --repair`
 * calls. Takes the pipeline's lock: whoever calls it must not hold it.
 * @returns a summary whatever happened; slices without a file count as `skipped`. Throws nothing.
 */
export function replaySlices(
  pipeline: PipelineConfig,
  keys: readonly SliceKey[],
  options: Omit<ReplayOptions, keyof Filters>,
  ctx: Ctx,
): Promise<RunResult> {
  const datasets = [...new Set(keys.map(({ dataset }) => dataset))];
  const filters: Filters = { pipelines: [pipeline.name], datasets, scopes: [], slices: [] };
  return replayPipeline(pipeline, { ...options, ...filters }, ctx, new Set(keys.map(formatSliceKey)));
}

/** What {@link replayPipelines} would do; takes no lock, changes nothing. @throws MillpondError as the ledgers do. */
export async function planReplays(options: Filters & { readonly config: Config }, ctx: Ctx): Promise<ReplayReport> {
  const slices: ReplayReport['slices'][number][] = [];
  const files = new Map<string, number>();
  for (const pipeline of choosePipelines(options.config, options.pipelines)) {
    const sources = sourcesOf(options.config, pipeline, options.datasets);
    const landing = await Landing.open(options.config.landing.path);
    const sinks = openSinks(options.config, pipeline, ctx);
    try {
      const datasets = namesIn(sources);
      const held = await Promise.all(sinks.map((sink) => sink.ledger.slices({ datasets }, ctx)));
      const plan = planReplay({
        sources,
        sinks: held,
        answers: await readAnswers(landing, datasets),
        filters: options,
      });
      for (const item of plan.items) {
        for (const file of item.files) files.set(file.path, file.bytes);
        for (const { key } of item.slices) slices.push({ key: formatSliceKey(key), action: 'replay' });
      }
      for (const { key } of plan.gone) slices.push({ key: formatSliceKey(key), action: 'no_artifact' });
    } finally {
      await Promise.all(sinks.map((sink) => sink.close()));
    }
  }
  return { slices, files: files.size, bytes: [...files.values()].reduce((sum, bytes) => sum + bytes, 0) };
}

async function replayPipeline(
  pipeline: PipelineConfig,
  options: ReplayOptions,
  ctx: Ctx,
  only?: ReadonlySet<string>,
): Promise<RunResult> {
  const session = new Session(pipeline, { ...options, trigger: 'replay' }, ctx);
  try {
    const sources = sourcesOf(options.config, pipeline, options.datasets);
    const landing = await session.begin();
    await session.openSinks(datasetsOf(sources));
    session.tellStart();
    const answers = await readAnswers(landing, namesIn(sources));
    const sinks = session.sinks.map(({ holdings }) => holdings.slices);
    const input: ReplayInput = { sources, sinks, answers, filters: options, ...(only ? { only } : {}) };
    await replay(session, planReplay(input), ctx);
  } catch (error) {
    session.fault(error);
  }
  return session.end();
}

async function replay(session: Session, plan: ReplayPlan, ctx: Ctx): Promise<void> {
  const slices = plan.items.reduce((sum, item) => sum + item.slices.length, 0);
  const { name } = session.pipeline;
  session.report.event({
    type: 'planned',
    pipeline: name,
    slices,
    jobs: 0,
    skipped: plan.gone.length,
    estimate_seconds: 0,
  });
  const gone = [...plan.gone];
  // Zones of its scopes are not known: no source was asked.
  const envs = (schema: string) => session.env({ schema, scopes: new Map() });
  const workOn = async (items: readonly ReplayItem[]) => {
    await settleAll(
      items.map(async (item) => {
        const { schema } = item.source;
        const missing = await replayItem(envs(schema), item);
        gone.push(...missing.map(({ key }) => ({ schema, key })));
      }),
    );
  };
  await workOn(plan.items);
  // A newer file that is still no good is told; what is held is made anew all the same.
  await workOn(plan.fallbacks.map((item) => onlyFailed(session, item)).filter((item) => item.slices.length > 0));
  throwIfAborted(ctx.signal);
  tellGone(session, gone);
}

function onlyFailed(session: Session, item: ReplayItem): ReplayItem {
  const report = session.report.of(item.source.schema);
  return { ...item, slices: item.slices.filter(({ key }) => report.hasFailed(key)) };
}

/** Held slices that stay as they are, since their files are past their keeping. */
function tellGone(session: Session, gone: ReplayPlan['gone']): void {
  const message = 'Its artifact is past its keeping: what is held stays as it is';
  for (const { schema, key } of gone) session.report.of(schema).passedOver(key, 'no_artifact', message);
  if (gone.length === 0) return;
  const count = gone.length === 1 ? '1 slice' : `${gone.length} slices`;
  session.report.warn(
    'W_NO_ARTIFACT',
    `${count} of ${session.pipeline.name} stay as they are: the landing folder no longer keeps their files`,
  );
}

/** A pipeline's connections with what may be replayed of them: also datasets that it does not name (any more). */
export function sourcesOf(config: Config, pipeline: PipelineConfig, only: readonly string[]): ReplaySource[] {
  return pipeline.connections.map((connection) => {
    const catalogue = catalogueOf(config, connection).filter(
      (dataset) => only.length === 0 || namesOf(dataset).some((name) => passes(name, only)),
    );
    const byName = new Map(catalogue.map((dataset) => [dataset.name, dataset]));
    return {
      connection,
      schema: config.connections[connection]!.schema,
      datasets: new Map(catalogue.map((dataset) => [dataset.name, selectOwned(pipeline, dataset)])),
      owns(name, imported) {
        const { pipelines, by } = ownersOf(config, connection, byName.get(name)!, imported);
        return pipelines.includes(pipeline) ? by : undefined;
      },
    };
  });
}

/** Names of all datasets that may be replayed. */
export function namesIn(sources: readonly ReplaySource[]): string[] {
  return [...new Set(sources.flatMap(({ datasets }) => [...datasets.keys()]))];
}

function datasetsOf(sources: readonly ReplaySource[]) {
  return sources.flatMap(({ schema, datasets }) => [...datasets.values()].map(({ dataset }) => ({ schema, dataset })));
}
