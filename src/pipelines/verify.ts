import { setMaxListeners } from 'node:events';
import fs from 'node:fs/promises';
import pLimit from 'p-limit';
import { worstExit } from '../base/errors.js';
import type { Config, PipelineConfig } from '../config/types.js';
import { type AuditFinding, type Ctx, formatSliceKey, type SliceKey } from '../contracts/index.js';
import { createStager } from '../transforms/index.js';
import { choosePipelines } from './choose.js';
import type { RunEvent } from './events.js';
import type { Filters } from './index.js';
import { Landing } from './landing.js';
import { lockPipeline } from './pipeline-lock.js';
import { replaySlices } from './replay.js';
import { RunReport } from './report.js';
import { newRunId } from './run-id.js';
import { verifyContents } from './verify-contents.js';
import { lackingSlices, lookAround, type View } from './verify-held.js';
import { afterRepair, distinct, type Found, type VerifyReport } from './verify-report.js';
import type { StagingEnv } from './work-env.js';
import { openSinks } from './workspace.js';

/** How a verification is called. */
export interface VerifyOptions extends Filters {
  readonly config: Config;
  /** Replays what differs from its artifacts, and looks again. */
  readonly repair: boolean;
  readonly lockWaitMs?: number;
  /** Id of whatever called it, for `millpond.runs`. */
  readonly parent: string | null;
  /** What a repair does, and whose lock is waited for. */
  onEvent(event: RunEvent): void;
}

/** What was found of one pipeline, and which slices a replay could mend. */
type Verified = Found & { readonly replays: readonly SliceKey[] };

/** Bodies that are read at once, and artifacts between first byte and comparison. */
const READING_AT_ONCE = 6;
const STAGING_AT_ONCE = 64;

/**
 * Counts every committed slice anew, from its artifact and from each sink, and names what differs.
 * Asks no source and needs no secret; changes nothing unless it is to repair.
 * @returns with the exit code: 1 where a difference is left.
 * @throws MillpondError `E_NOT_FOUND` for a pipeline that the configuration does not have, `E_LOCKED`,
 *   `E_INTERRUPTED`, and what sinks throw that cannot be read.
 */
export async function verifyPipelines(
  options: VerifyOptions,
  ctx: Ctx,
): Promise<{ readonly report: VerifyReport; readonly exit: number }> {
  const reports: (VerifyReport & { readonly exit: number })[] = [];
  for (const pipeline of choosePipelines(options.config, options.pipelines)) {
    const found = await verifyPipeline(pipeline, options, ctx);
    reports.push(options.repair ? await mend(pipeline, found, options, ctx) : untouched(found));
  }
  const sum = (of: (report: VerifyReport) => number) => reports.reduce((total, report) => total + of(report), 0);
  const report: VerifyReport = {
    slices: sum(({ slices }) => slices),
    verified: sum(({ verified }) => verified),
    no_artifact: sum(({ no_artifact }) => no_artifact),
    differences: reports.flatMap(({ differences }) => differences),
    mended: sum(({ mended }) => mended),
    errors: reports.flatMap(({ errors }) => errors),
  };
  return { report, exit: worstExit(reports.map(({ exit }) => exit)) };
}

function untouched({ slices, verified, no_artifact, differences }: Found): VerifyReport & { exit: number } {
  const found = { slices, verified, no_artifact, differences };
  return { ...found, mended: 0, errors: [], exit: found.differences.length > 0 ? 1 : 0 };
}

/** Replays what differs, and looks at it again. */
async function mend(
  pipeline: PipelineConfig,
  { replays, ...found }: Verified,
  options: VerifyOptions,
  ctx: Ctx,
): Promise<VerifyReport & { exit: number }> {
  if (found.differences.length === 0) return untouched(found);
  const { config, parent, lockWaitMs } = options;
  const onEvent = (event: RunEvent) => options.onEvent(event);
  const how = { config, parent, onEvent, lockWaitMs };
  const repair = replays.length > 0 ? await replaySlices(pipeline, replays, how, ctx) : undefined;
  const datasets = [...new Set(found.differences.map(({ dataset }) => dataset))];
  const only = new Set([...replays, ...found.differences.flatMap((one) => keyOf(one) ?? [])].map(formatSliceKey));
  const left = await verifyPipeline(pipeline, { ...options, datasets }, ctx, only);
  return afterRepair(found, left, repair);
}

/**
 * Slices to replay: of current state whatever the scope has, for it takes the place of all other
 * days; where a file is damaged, nothing, for it would mend nothing.
 */
function replaysFor(view: View, findings: readonly (AuditFinding & { readonly sink: string | null })[]): SliceKey[] {
  const keys = new Map<string, SliceKey>();
  const add = (key: SliceKey) => keys.set(formatSliceKey(key), key);
  for (const finding of findings) {
    const key = keyOf(finding);
    if (!key) continue;
    add(key);
    const dataset = view.datasets.find((one) => one.schema === finding.schema && one.dataset === finding.dataset);
    if (!dataset?.currentState) continue;
    for (const { slices } of view.sinks) {
      for (const { schema, dataset: name, scope, slice } of slices) {
        if (schema === finding.schema && name === key.dataset && scope === key.scope)
          add({ dataset: name, scope, slice });
      }
    }
  }
  for (const finding of findings) {
    const key = finding.what === 'artifact' ? keyOf(finding) : undefined;
    if (key) keys.delete(formatSliceKey(key));
  }
  return [...keys.values()];
}

function keyOf({ dataset, scope, slice }: AuditFinding): SliceKey | undefined {
  return scope === null || slice === null ? undefined : { dataset, scope, slice };
}

/**
 * One pipeline under its lock, so that no run of it writes meanwhile.
 * @param only the contents of these slices; of all others the books alone.
 */
async function verifyPipeline(
  pipeline: PipelineConfig,
  options: VerifyOptions,
  ctx: Ctx,
  only?: ReadonlySet<string>,
): Promise<Verified> {
  const { config } = options;
  // Everything that waits listens; a thousand files are no leak.
  setMaxListeners(0, ctx.signal);
  const landing = await Landing.open(config.landing.path);
  const unlock = await lockPipeline(landing, pipeline, {
    config,
    signal: ctx.signal,
    lockWaitMs: options.lockWaitMs,
    onWait: (pid) => options.onEvent({ type: 'lock_wait', what: `pipeline ${pipeline.name}`, pid }),
  });
  const runId = newRunId(ctx.now());
  const folder = landing.staging(runId);
  const sinks = openSinks(config, pipeline, ctx, options.lockWaitMs);
  const stager = createStager({ folder, budget: ctx.budget });
  const env: StagingEnv = {
    landing,
    stager,
    report: new RunReport(runId, () => {}),
    lanes: { landing: pLimit(READING_AT_ONCE), staging: pLimit(STAGING_AT_ONCE) },
    ctx,
  };
  try {
    const view = await lookAround(config, pipeline, landing, sinks, options, ctx);
    const contents = await verifyContents(env, view, only);
    const findings = [...(await verifyBooks(view, options, ctx)), ...contents.findings];
    return {
      slices: view.sinks.reduce((total, { slices }) => total + slices.length, 0),
      verified: contents.verified,
      no_artifact: contents.noArtifact,
      differences: distinct(findings.map((one) => ({ ...one, pipeline: pipeline.name, mended: null }))),
      replays: replaysFor(view, findings),
    };
  } finally {
    await stager.close();
    await Promise.all(sinks.map((sink) => sink.close()));
    await fs.rm(folder, { recursive: true, force: true });
    unlock();
  }
}

/** Each sink's books by themselves, and against the other sinks and the landing folder. */
async function verifyBooks(
  view: View,
  filters: Filters,
  ctx: Ctx,
): Promise<(AuditFinding & { readonly sink: string })[]> {
  const isNarrowed = [filters.scopes, filters.slices].some((globs) => globs.length > 0) || filters.from || filters.to;
  const findings: (AuditFinding & { readonly sink: string })[] = [];
  for (const sinkView of view.sinks) {
    const sink = sinkView.sink.name;
    const lacking = new Map<string, AuditFinding>();
    for (const { expected, ...place } of lackingSlices(view, sinkView, filters)) {
      const finding = { ...place, what: 'not_held' as const, table: null, column: null, expected, found: 'nothing' };
      lacking.set(formatSliceKey(place), finding);
    }
    for (const finding of await sinkView.sink.audit.books(view.datasets, ctx)) {
      const key = keyOf(finding);
      if (key ? !view.selected({ ...key, schema: finding.schema }) : isNarrowed) continue;
      // A slice that is lost is told once, in the words of who knows more.
      if (key && finding.what === 'not_held' && lacking.has(formatSliceKey(key))) continue;
      findings.push({ ...finding, sink });
    }
    for (const finding of lacking.values()) findings.push({ ...finding, sink });
  }
  return findings;
}
