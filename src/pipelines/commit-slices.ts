import { crashPoint } from '../base/crash-points.js';
import { MillpondError } from '../base/errors.js';
import { grows, stagesInForce } from '../contracts/growth.js';
import {
  type Artifact,
  type Ask,
  type Committed,
  dayOfSlice,
  formatSliceKey,
  type LedgerSlice,
  type SliceKey,
  type Stage,
  type Write,
} from '../contracts/index.js';
import { type Counts, totalsOf } from '../contracts/stage-counts.js';
import { contentOf } from './content.js';
import { isFinal } from './due.js';
import type { Selected } from './select.js';
import { shrinkError, shrinkText, shrunkSlices } from './shrink.js';
import type { CommitEnv, OpenSink, WorkEnv } from './work-env.js';

/** What has landed for an ask, on its way into the sinks. */
export interface Delivery {
  readonly selected: Selected;
  readonly ask: Ask;
  readonly artifacts: readonly Artifact[];
  /** Empty where every write is a touch. */
  readonly stages: readonly Stage[];
  /** Committed also where it is held: a replay, an import. By slice, in the words of {@link formatSliceKey}. */
  readonly again?: ReadonlyMap<string, SliceFacts>;
}

/** What the ledger shall say of a slice, where that is not told by its artifacts. */
export interface SliceFacts {
  readonly asOf: string;
  readonly final: boolean;
}

/** What became of a delivery. */
export interface Fate {
  /** Ids of the sinks that have all of it now. */
  readonly doneIn: readonly string[];
  /** Whether the pipeline does not take all of it as it came. */
  readonly isRefused: boolean;
}

/** What became of a delivery in one sink. */
interface SinkFate {
  readonly sink: OpenSink;
  readonly committed: readonly Committed[];
  readonly error?: MillpondError;
}

/**
 * Brings the slices of a delivery into every sink of the pipeline that lacks them; tells the
 * report what became of each.
 */
export async function commitSlices(env: CommitEnv, delivery: Delivery): Promise<Fate> {
  const tooBad = refusedSlices(env, delivery);
  if (env.pipeline.shrink.action === 'warn') {
    for (const one of shrunkSlices(env, delivery)) {
      if (!tooBad.has(formatSliceKey(one.key))) env.report.warn('W_SHRUNK', shrinkText(one));
    }
  }
  const keys = delivery.ask.slices.filter((key) => !tooBad.has(formatSliceKey(key)));
  const fates = await Promise.all(env.sinks.map((sink) => commitToSink(env, sink, delivery, keys)));
  for (const key of keys) tell(env, delivery, key, fates);
  for (const key of delivery.ask.slices) {
    const error = tooBad.get(formatSliceKey(key));
    if (error) env.report.failed([key], error);
  }
  for (const error of new Set(fates.map((fate) => fate.error).filter((error) => error !== undefined))) {
    env.report.failed(keys, error);
  }
  const isRefused = tooBad.size > 0;
  return { doneIn: isRefused ? [] : fates.filter((fate) => !fate.error).map((fate) => fate.sink.id), isRefused };
}

/** Slices that were looked at and of which nothing is new: where they are held, only `as of` moves. */
export async function commitTouches(env: WorkEnv, keys: readonly SliceKey[], asOf: string): Promise<void> {
  const { schema } = env.connection;
  const failed = await Promise.all(
    env.sinks.map(async ({ state, committer }) => {
      const held = keys.filter((key) => (state.held(key, false)?.asOf ?? asOf) < asOf);
      if (held.length === 0) return undefined;
      const touches = held.map((key) => ({ kind: 'touch', key, schema, asOf, final: false }) as const);
      return committer.submit(touches).then(
        () => undefined,
        (error: unknown) => error,
      );
    }),
  );
  const error = failed.find((one) => one !== undefined);
  if (error) env.report.failed(keys, error);
  else for (const key of keys) env.report.fine(key);
}

/** Whether what landed is what the sinks hold already, asked for in the same words: nothing is to be staged. */
export function isUnchanged(env: WorkEnv, selected: Selected, ask: Ask, artifacts: readonly Artifact[]): boolean {
  if (env.reload && grows(selected.request.tables)) return false;
  const currentState = selected.request.slicing.kind === 'as-of';
  return env.sinks.every(({ state }) =>
    ask.slices.every((key) => {
      const held = state.held(key, currentState);
      return held !== undefined && sameContent(held, selected, artifacts);
    }),
  );
}

/** Whether what is held is made of the same content; of slices that grow: whether it is among it. */
function sameContent(held: LedgerSlice, selected: Selected, artifacts: readonly Artifact[]): boolean {
  if (held.requestFingerprint !== selected.requestFingerprint) return false;
  if (!grows(selected.request.tables)) return contentOf(artifacts) === contentOf(held.artifacts);
  const known = new Set(held.artifacts.map(({ contentSha256 }) => contentSha256));
  const newest = newestOf(artifacts);
  return (
    artifacts.every(({ contentSha256 }) => known.has(contentSha256)) &&
    newest?.contentSha256 === held.artifacts.at(-1)?.contentSha256
  );
}

function newestOf(artifacts: readonly Artifact[]): Artifact | undefined {
  return [...artifacts].sort((a, b) => Date.parse(a.asOf) - Date.parse(b.asOf)).at(-1);
}

async function commitToSink(
  env: CommitEnv,
  sink: OpenSink,
  delivery: Delivery,
  keys: readonly SliceKey[],
): Promise<SinkFate> {
  const writes = keys.map((key) => writeOf(env, sink, delivery, key)).filter((write) => write !== undefined);
  try {
    const committed = writes.length > 0 ? await sink.committer.submit(writes) : [];
    const currentState = delivery.selected.request.slicing.kind === 'as-of';
    for (const fact of committed) {
      if (fact.result === 'committed') sink.state.committed(fact.key, fact.rows, currentState);
      env.report.event({
        type: fact.result,
        sink: sink.sink.name,
        rows: fact.rows,
        rejects: fact.rejects,
        ...fact.key,
      });
    }
    if (writes.length > 0) crashPoint('sink.committed');
    return { sink, committed };
  } catch (error) {
    return { sink, committed: [], error: error as MillpondError };
  }
}

/** What a sink needs of a slice; undefined where it has this delivery, or a newer one, already. */
function writeOf(env: CommitEnv, sink: OpenSink, delivery: Delivery, key: SliceKey): Write | undefined {
  const { selected, artifacts, stages } = delivery;
  const { slicing } = selected.request;
  const currentState = slicing.kind === 'as-of';
  if (delivery.again) return writeAgain(env, sink, delivery, key);
  const asOf = asOfOf(selected, artifacts);
  const held = sink.state.held(key, currentState);
  if (held && (grows(selected.request.tables) ? hasAll(held, artifacts) : held.asOf >= asOf)) return undefined;
  const timezone = env.connection.scopes.get(key.scope)?.timezone ?? 'UTC';
  const facts = { schema: env.connection.schema, asOf, final: isFinal(slicing, dayOfSlice(key.slice), asOf, timezone) };
  if (held && sameContent(held, selected, artifacts)) {
    const { dataset, scope, slice } = held;
    return { kind: 'touch', key: { dataset, scope, slice }, ...facts };
  }
  return { kind: 'replace', key, currentState, stages, requestFingerprint: selected.requestFingerprint, ...facts };
}

/** The slice as these artifacts make it, whole; undefined where the sink has a newer one. */
function writeAgain(env: CommitEnv, sink: OpenSink, delivery: Delivery, key: SliceKey): Write | undefined {
  const { selected, again } = delivery;
  const stages = stagesInForce(delivery.stages);
  const facts = again?.get(formatSliceKey(key));
  const currentState = selected.request.slicing.kind === 'as-of';
  const held = sink.state.held(key, currentState);
  if (!facts || (held && held.asOf > facts.asOf)) return undefined;
  const { schema } = env.connection;
  const { requestFingerprint } = selected;
  return { kind: 'replace', key, schema, currentState, stages, rebuild: true, requestFingerprint, ...facts };
}

function hasAll(held: LedgerSlice, artifacts: readonly Artifact[]): boolean {
  const known = new Set(held.artifacts.map(({ sha256 }) => sha256));
  return artifacts.every(({ sha256 }) => known.has(sha256));
}

/** A slice made of several artifacts is as old as the oldest of them; one that grows as young as the newest. */
function asOfOf(selected: Selected, artifacts: readonly Artifact[]): string {
  return artifacts
    .map((artifact) => artifact.asOf)
    .sort()
    .at(grows(selected.request.tables) ? -1 : 0)!;
}

function tell(env: CommitEnv, delivery: Delivery, key: SliceKey, fates: readonly SinkFate[]): void {
  if (fates.some((fate) => fate.error)) return;
  const name = formatSliceKey(key);
  const counts = sliceCounts(delivery.stages, key);
  const replaced = fates.some((fate) =>
    fate.committed.some((fact) => fact.result === 'committed' && formatSliceKey(fact.key) === name),
  );
  env.report.done(key, replaced ? 'committed' : 'unchanged', counts);
}

/** Rows of the dataset's own table, and rejects of all tables that it fills. */
function sliceCounts(stages: readonly Stage[], key: SliceKey): Counts {
  let rows = 0;
  let rejects = 0;
  for (const stage of stages) {
    const counts = totalsOf(stage, key);
    if (stage.table.name === key.dataset) rows += counts.rows;
    rejects += counts.rejects;
  }
  return { rows, rejects };
}

/** Slices that the pipeline does not take as they came, each with the error that says so: their old data stay. */
export function refusedSlices(env: Omit<CommitEnv, 'report'>, delivery: Delivery): Map<string, MillpondError> {
  const refused = rejectedSlices(env, delivery);
  const { shrink } = env.pipeline;
  for (const one of shrink.action === 'fail' ? shrunkSlices(env, delivery) : []) {
    const name = formatSliceKey(one.key);
    if (!refused.has(name)) refused.set(name, shrinkError(one, shrink));
  }
  return refused;
}

/** Slices with more rejects than the pipeline allows. */
function rejectedSlices(
  env: Pick<CommitEnv, 'pipeline'>,
  { ask, stages }: Pick<Delivery, 'ask' | 'stages'>,
): Map<string, MillpondError> {
  const found = new Map<string, MillpondError>();
  const limit = env.pipeline.maxRejects;
  for (const key of ask.slices) {
    const { rows, rejects } = sliceCounts(stages, key);
    const most = limit.kind === 'count' ? limit.count : limit.share * (rows + rejects);
    if (rejects <= most) continue;
    const allowed = limit.kind === 'count' ? `${limit.count}` : `${limit.share * 100}%`;
    const sample = rejects === rows + rejects ? 'every record' : `${rejects} of ${rows + rejects} records`;
    found.set(
      formatSliceKey(key),
      new MillpondError(
        'E_TOO_MANY_REJECTS',
        `${formatSliceKey(key)}: ${sample} could not be typed; max_rejects allows ${allowed}`,
      ),
    );
  }
  return found;
}
