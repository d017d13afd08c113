import { settleAll } from '../base/settle.js';
import type { PipelineConfig } from '../config/types.js';
import type { Ctx } from '../contracts/index.js';
import type { RunResult } from './events.js';
import type { RunOptions } from './index.js';
import { Journal } from './journal.js';
import type { Landing } from './landing.js';
import { makeSnapshots } from './make.js';
import { estimateSeconds, jobsToAskFor, makePlan, type Plan, type WorkItem } from './plan.js';
import { planInput } from './plan-input.js';
import type { RunReport } from './report.js';
import { type OpenedConnection, openConnections, tellMissing } from './run-sources.js';
import { Session } from './session.js';
import { workAsk } from './work-ask.js';
import { workDirect } from './work-direct.js';
import type { WorkEnv } from './work-env.js';
import { workFromKept } from './work-kept.js';

/**
 * Runs one pipeline to the end: plan, request, poll, land, stage, commit.
 * @returns a summary whatever happened; throws nothing.
 */
export async function runPipeline(pipeline: PipelineConfig, options: RunOptions, ctx: Ctx): Promise<RunResult> {
  const session = new Session(pipeline, options, ctx);
  try {
    await execute(session, options, ctx);
  } catch (error) {
    session.fault(error);
  }
  return session.end();
}

async function execute(session: Session, options: RunOptions, ctx: Ctx): Promise<void> {
  const { pipeline, report } = session;
  const landing = await session.begin();
  const journal = await Journal.open(landing.path);
  const connections = await openConnections(session, options, ctx);
  await session.openSinks(
    connections.flatMap(({ planSource: { schema, selected } }) => selected.map(({ dataset }) => ({ schema, dataset }))),
  );
  for (const opened of connections) tellMissing(session, opened);
  const sources = new Map(connections.map(({ connection: { name, source } }) => [name, source]));
  await makeSnapshots(pipeline, options, sources, report, ctx);
  const plan = await planRun(session, landing, journal, connections, options, ctx);
  session.tellStart(plan.items.filter(({ entry }) => entry !== undefined).length);
  tellPlan(session, plan, connections);
  if (plan.items.length === 0) return;
  session.makeSinks();
  const envs = new Map(
    connections.map((opened) => [opened.connection.name, workEnv(session, opened, journal, options)]),
  );
  // What a direct read left behind is committed before the source is listed again: it is not read twice.
  const isLeft = ({ action, selected }: WorkItem) => selected.request.slicing.kind === 'cursor' && action !== 'request';
  await workOn(envs, plan.items.filter(isLeft));
  await workOn(
    envs,
    plan.items.filter((item) => !isLeft(item)),
  );
}

async function planRun(
  { pipeline, report, sinks }: Session,
  landing: Landing,
  journal: Journal,
  connections: readonly OpenedConnection[],
  options: RunOptions,
  ctx: Ctx,
): Promise<Plan> {
  const { entries, damaged } = await journal.entries();
  for (const { file, why } of damaged) {
    const message = `A journal entry was set aside (${why}): ${file}. Its slices are planned anew`;
    report.warn('E_JOURNAL_CORRUPT', message);
  }
  const known = {
    pipeline,
    sources: connections.map(({ planSource }) => planSource),
    sinks: sinks.map(({ holdings }) => holdings),
    journal: entries,
  };
  return makePlan(await planInput(known, landing, options, ctx));
}

function tellPlan(
  { pipeline, report }: { readonly pipeline: PipelineConfig; readonly report: RunReport },
  plan: Plan,
  connections: readonly OpenedConnection[],
): void {
  const firstPollMs = Math.max(0, ...connections.map(({ connection }) => connection.timing.firstMs));
  report.event({
    type: 'planned',
    pipeline: pipeline.name,
    slices: plan.items.reduce((sum, { slices }) => sum + slices.length, 0),
    jobs: jobsToAskFor(plan),
    skipped: plan.skipped.length,
    estimate_seconds: estimateSeconds(plan, firstPollMs),
  });
  for (const { key, schema, refusal, known } of plan.skipped) {
    report.of(schema).skipped(key, refusal.reason, refusal.message, known);
  }
  if (plan.requestChanged.length === 0) return;
  report.warn(
    'W_REQUEST_CHANGED',
    `${plan.requestChanged.length} slices are held with other columns or filters than are configured now; --reload asks for them again`,
  );
}

function workEnv(
  session: Session,
  { connection, jobs }: OpenedConnection,
  journal: Journal,
  options: RunOptions,
): WorkEnv {
  const env = session.env(connection);
  return {
    ...env,
    pipeline: session.pipeline,
    journal,
    lanes: { ...env.lanes, jobs },
    noWait: options.noWait,
    reload: options.reload,
    onlySlices: options.slices,
    outage: {},
  };
}

/** Works on all of them side by side, to the end of each; then throws what the first to fail threw. */
async function workOn(envs: ReadonlyMap<string, WorkEnv>, items: readonly WorkItem[]): Promise<void> {
  await settleAll(items.map((item) => workOnItem(envs.get(item.connection)!, item)));
}

function workOnItem(env: WorkEnv, item: WorkItem): Promise<void> {
  const { fetch } = item.selected.dataset;
  if (item.action === 'fill') return workFromKept(env, item);
  if (fetch.kind === 'direct') return workDirect(env, item, fetch);
  return workAsk(env, item, fetch);
}
