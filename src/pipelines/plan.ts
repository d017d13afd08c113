import { dayIn } from '../base/days.js';
import type { PipelineConfig } from '../config/types.js';
import {
  type Ask,
  dayOfSlice,
  formatSliceKey,
  type JournalEntry,
  type Refusal,
  type Scope,
  type SliceKey,
} from '../contracts/index.js';
import { makeAsk } from './asks.js';
import { isDayDue, isStateDue } from './due.js';
import { passes } from './filters.js';
import { EVERYTHING, judgeScope } from './judge.js';
import type { KeptFiles } from './kept-files.js';
import type { Selected } from './select.js';
import type { SinkHoldings, SinkState } from './sink-state.js';

/** A connection's share of a plan. */
export interface PlanSource {
  readonly connection: string;
  /** The schema that it fills. */
  readonly schema: string;
  readonly identity: string;
  readonly scopes: readonly Scope[];
  readonly selected: readonly Selected[];
}

export interface PlanInput {
  readonly pipeline: PipelineConfig;
  readonly sources: readonly PlanSource[];
  readonly sinks: readonly Pick<SinkHoldings, 'of'>[];
  /** Entries in flight; those of {@link PlanInput.foreign} belong to somebody else alive. */
  readonly journal: readonly JournalEntry[];
  readonly foreign: ReadonlySet<string>;
  /** What the landing folder still keeps. */
  readonly kept: Pick<KeptFiles, 'has' | 'answers'>;
  readonly filters: {
    readonly scopes: readonly string[];
    readonly slices: readonly string[];
    readonly from?: string;
    readonly to?: string;
  };
  readonly reload: boolean;
  readonly now: Date;
}

/** Why a slice is wanted: `pending` speaks of the journal, the others of the ledgers. */
export type WantReason = 'missing' | 'stale' | 'failed' | 'reload' | 'added_sink' | 'pending' | 'list';

/** A slice that something must be done for. */
export interface WantedSlice {
  readonly key: SliceKey;
  readonly reason: WantReason;
}

/** Slices that go through the pipeline together. */
export interface WorkItem {
  readonly connection: string;
  readonly selected: Selected;
  readonly ask: Ask;
  readonly slices: readonly WantedSlice[];
  /**
   * `request` asks the source, `resume` goes on with `entry`, `join` waits for the process that
   * owns it, `fill` stages kept artifacts for a sink that lacks them.
   */
  readonly action: 'request' | 'resume' | 'join' | 'fill';
  readonly entry?: JournalEntry;
  /** For `fill`: paths of the artifacts, relative to the landing folder. */
  readonly artifacts?: readonly string[];
}

/** A slice that cannot be had, by a rule. */
export interface SkippedSlice {
  readonly key: SliceKey;
  readonly connection: string;
  readonly schema: string;
  readonly refusal: Refusal;
  /** It stands in the gaps already. */
  readonly known: boolean;
}

export interface Plan {
  /** Newest day first, fair over scopes. */
  readonly items: readonly WorkItem[];
  readonly skipped: readonly SkippedSlice[];
  /** Slices held under another request than the configuration makes today. */
  readonly requestChanged: readonly SliceKey[];
}

/** What the plan of one connection is made from: the sinks as they are in its schema. */
export type SchemaInput = Omit<PlanInput, 'sinks'> & { readonly sinks: readonly SinkState[] };

/** What is missing or stale, and how to get it. Pure: no network, no clock but `now`. */
export function makePlan(input: PlanInput): Plan {
  const items: WorkItem[] = [];
  const skipped: SkippedSlice[] = [];
  const requestChanged: SliceKey[] = [];
  const taken = new Set<string>();
  for (const source of input.sources) {
    const scopes = source.scopes.filter(({ id }) => passes(id, input.filters.scopes));
    const sinks = input.sinks.map((sink) => sink.of(source.schema));
    for (const selected of source.selected) {
      const missing: WantedSlice[] = [];
      for (const scope of scopes) {
        for (const judged of judgeScope({ ...input, sinks }, selected, scope)) {
          if (judged.kind === 'skip') skipped.push({ ...judged, connection: source.connection, schema: source.schema });
          if (judged.kind === 'want') missing.push(judged);
          if (judged.changed) requestChanged.push(judged.key);
        }
      }
      items.push(...itemsFor({ ...input, sinks }, source, selected, missing, taken));
    }
  }
  items.push(...orphans(input, taken));
  return { items: fairOrder(items), skipped, requestChanged };
}

function* itemsFor(
  input: SchemaInput,
  source: PlanSource,
  selected: Selected,
  missing: readonly WantedSlice[],
  taken: Set<string>,
): Generator<WorkItem> {
  const common = { connection: source.connection, selected };
  const byKey = new Map(missing.map((wanted) => [formatSliceKey(wanted.key), wanted]));
  for (const entry of input.journal) {
    if (entry.ask.connection !== source.connection || entry.ask.dataset !== selected.dataset.name) continue;
    if (entry.ask.requestFingerprint !== selected.requestFingerprint) continue;
    const slices = entry.ask.slices
      .map((key) => byKey.get(formatSliceKey(key)))
      .filter((wanted) => wanted !== undefined);
    if (slices.length === 0) continue;
    for (const { key } of slices) byKey.delete(formatSliceKey(key));
    taken.add(entry.id);
    const action = input.foreign.has(entry.id) ? 'join' : 'resume';
    yield {
      ...common,
      ask: entry.ask,
      entry,
      action,
      slices: slices.map((wanted) => ({ ...wanted, reason: 'pending' })),
    };
  }
  yield* fills(input, source, selected, byKey);
  // What a list finds is not known beforehand: its slices are not asked for one by one.
  const isList = selected.request.slicing.kind === 'cursor';
  const rest = [...byKey.values()].filter(({ key }) => !isList || key.slice === EVERYTHING);
  const direct = selected.dataset.fetch.kind === 'direct';
  const groups = direct ? [rest] : groupBy(rest, ({ key }) => key.scope);
  for (const group of groups) {
    if (group.length === 0) continue;
    const keys = group.map(({ key }) => key);
    for (const draft of selected.dataset.fetch.coalesce(selected.request, keys)) {
      const ask = makeAsk(source, selected, draft);
      const slices = ask.slices.map((key) => byKey.get(formatSliceKey(key))).filter((wanted) => wanted !== undefined);
      const artifacts = direct ? undefined : freshFiles(input, source, selected, ask, slices);
      if (artifacts) yield { ...common, ask, action: 'fill', slices, artifacts };
      else yield { ...common, ask, action: 'request', slices: slices.length > 0 ? slices : group };
    }
  }
}

/** What an added sink lacks and the landing folder still keeps: by the files that hold it. Takes it out of `byKey`. */
function* fills(
  input: SchemaInput,
  source: PlanSource,
  selected: Selected,
  byKey: Map<string, WantedSlice>,
): Generator<WorkItem> {
  const currentState = selected.request.slicing.kind === 'as-of';
  const byFiles = new Map<string, { artifacts: string[]; slices: WantedSlice[] }>();
  for (const [name, wanted] of byKey) {
    if (wanted.reason !== 'added_sink') continue;
    const held = input.sinks
      .map((sink) => sink.held(wanted.key, currentState))
      .filter((slice) => slice !== undefined)
      .sort((a, b) => b.artifacts.length - a.artifacts.length)[0];
    if (!held || held.requestFingerprint !== selected.requestFingerprint) continue;
    const artifacts = held.artifacts.map(({ path }) => path);
    if (!artifacts.every((path) => input.kept.has(path))) continue;
    byKey.delete(name);
    const group = byFiles.get(artifacts.join()) ?? { artifacts, slices: [] };
    byFiles.set(artifacts.join(), group);
    group.slices.push(wanted);
  }
  for (const { artifacts, slices } of byFiles.values()) {
    const draft = {
      slices: slices.map(({ key }) => key),
      columns: selected.request.columns,
      params: {},
      constants: {},
    };
    const ask = makeAsk(source, selected, draft);
    yield { connection: source.connection, selected, ask, action: 'fill', slices, artifacts };
  }
}

/**
 * Files that answered this very ask and that nothing made stale since: another pipeline had them
 * fetched, or the sink lost them. Undefined where the source has to be asked.
 */
function freshFiles(
  input: SchemaInput,
  source: PlanSource,
  selected: Selected,
  ask: Ask,
  slices: readonly WantedSlice[],
): string[] | undefined {
  if (!slices.every(({ reason }) => reason === 'missing' || reason === 'added_sink')) return undefined;
  const files = input.kept.answers(ask);
  if (!files) return undefined;
  const { slicing } = selected.request;
  const isStale = files.some(({ asOf }) =>
    slices.some(({ key }) => {
      const { timezone } = source.scopes.find(({ id }) => id === key.scope)!;
      const today = dayIn(timezone, input.now);
      const day = dayOfSlice(key.slice);
      return slicing.kind === 'day' && day !== undefined
        ? isDayDue(input.pipeline.lookback, slicing, { day, asOf }, today, timezone)
        : isStateDue(asOf, today, timezone);
    }),
  );
  return isStale ? undefined : files.map(({ path }) => path);
}

/** Entries that nobody wants today but that are on their way: what was pending is brought home. */
function* orphans(input: PlanInput, taken: ReadonlySet<string>): Generator<WorkItem> {
  for (const entry of input.journal) {
    if (taken.has(entry.id) || input.foreign.has(entry.id)) continue;
    const source = input.sources.find(({ connection }) => connection === entry.ask.connection);
    const selected = source?.selected.find(({ dataset }) => dataset.name === entry.ask.dataset);
    if (!selected || entry.ask.requestFingerprint !== selected.requestFingerprint) continue;
    const keys = entry.ask.slices;
    if (
      !keys.every((key) => passes(key.scope, input.filters.scopes) && passes(formatSliceKey(key), input.filters.slices))
    ) {
      continue;
    }
    yield {
      connection: entry.ask.connection,
      selected,
      ask: entry.ask,
      entry,
      action: 'resume',
      slices: keys.map((key) => ({ key, reason: 'pending' })),
    };
  }
}

function groupBy<T>(values: readonly T[], by: (value: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(by(value));
    if (group) group.push(value);
    else groups.set(by(value), [value]);
  }
  return [...groups.values()];
}

/** Current state first, then the newest day of every scope, then the day before … */
function fairOrder(items: readonly WorkItem[]): WorkItem[] {
  const rank = (item: WorkItem) => dayOfSlice(item.ask.slices[0]?.slice ?? '') ?? '9999';
  const state = (item: WorkItem) => (item.selected.request.slicing.kind === 'day' ? 1 : 0);
  return [...items].sort((a, b) => state(a) - state(b) || (rank(a) < rank(b) ? 1 : rank(a) > rank(b) ? -1 : 0));
}

/** A connection polls first when its jobs may be ready; as a rule they are after this many times as long. */
const FIRST_POLLS_PER_JOB = 24;
/** What a file takes on its way in: seconds. */
const FILE_SECONDS = 0.1;
const JOBS_SIDE_BY_SIDE = 50;

/** How many asks of a plan make jobs at the source; direct datasets need none. */
export function jobsToAskFor({ items }: Plan): number {
  return items.filter(({ action, selected }) => action === 'request' && selected.dataset.fetch.kind === 'job').length;
}

/**
 * A guess at how long a plan takes: jobs wait side by side, files pass one after the other.
 * @param firstPollMs the connections' patience, `poll.first`; of several, the longest.
 */
export function estimateSeconds(plan: Plan, firstPollMs: number): number {
  const rounds = Math.ceil(jobsToAskFor(plan) / JOBS_SIDE_BY_SIDE);
  return Math.ceil((rounds * FIRST_POLLS_PER_JOB * firstPollMs) / 1000 + plan.items.length * FILE_SECONDS);
}
