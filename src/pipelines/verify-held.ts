import type { Config, PipelineConfig } from '../config/types.js';
import {
  type AuditDataset,
  type Ctx,
  formatSliceKey,
  type LedgerSlice,
  type Outcome,
  type Sink,
  type SliceKey,
} from '../contracts/index.js';
import { passes } from './filters.js';
import type { Filters } from './index.js';
import { Journal } from './journal.js';
import { type Answer, readAnswers } from './landed-files.js';
import type { Landing } from './landing.js';
import { isNamed } from './owners.js';
import { namesIn, sourcesOf } from './replay.js';
import { isWanted, planReplay, type ReplaySource } from './replay-plan.js';
import type { Selected } from './select.js';

/** What one sink of a pipeline holds of what is verified. */
export interface SinkView {
  readonly sink: Sink;
  readonly slices: readonly LedgerSlice[];
  readonly outcomes: readonly Outcome[];
}

/** All that a verification starts from. */
export interface View {
  readonly sources: readonly ReplaySource[];
  readonly answers: readonly Answer[];
  readonly sinks: readonly SinkView[];
  /** Slices whose asks are in flight: nothing can be said of them yet. */
  readonly inFlight: ReadonlySet<string>;
  readonly datasets: readonly AuditDataset[];
  /** The dataset of a slice as the pipeline would load it; undefined where the slice is none of it, or filtered out. */
  selected(slice: SliceKey & { readonly schema: string }): Selected | undefined;
}

/** Looks into ledgers, landing folder and journal. */
export async function lookAround(
  config: Config,
  pipeline: PipelineConfig,
  landing: Landing,
  sinks: readonly Sink[],
  filters: Filters,
  ctx: Ctx,
): Promise<View> {
  const sources = sourcesOf(config, pipeline, filters.datasets);
  const names = namesIn(sources);
  const answers = await readAnswers(landing, names);
  const imported = new Map(answers.flatMap(({ files }) => files.map((file) => [file.path, file.imported?.pipeline])));
  const ownerOf = (slice: { readonly schema: string; readonly dataset: string }, path?: string) =>
    sources.find(
      (source) =>
        source.schema === slice.schema &&
        source.datasets.has(slice.dataset) &&
        source.owns(slice.dataset, path === undefined ? undefined : imported.get(path)) !== undefined,
    );
  const selected: View['selected'] = (slice) => {
    const found = sources.find(({ schema }) => schema === slice.schema)?.datasets.get(slice.dataset);
    return found && passes(slice.scope, filters.scopes) && isWanted({ filters }, { selected: found }, slice)
      ? found
      : undefined;
  };
  const views = await Promise.all(
    sinks.map(async (sink): Promise<SinkView> => {
      const { slices, outcomes } = await sink.ledger.look({ datasets: names }, ctx);
      const own = slices.filter((slice) => ownerOf(slice, slice.artifacts[0]?.path) && selected(slice));
      return { sink, slices: own, outcomes };
    }),
  );
  const { entries } = await (await Journal.open(landing.path)).entries();
  const inFlight = new Set(entries.flatMap(({ ask }) => ask.slices.map(formatSliceKey)));
  return { sources, answers, sinks: views, inFlight, selected, datasets: datasetsOf(pipeline, sources, views) };
}

/** Datasets that the pipeline loads or a sink holds. */
function datasetsOf(
  pipeline: PipelineConfig,
  sources: readonly ReplaySource[],
  views: readonly SinkView[],
): AuditDataset[] {
  const held = new Set(views.flatMap(({ slices }) => slices.map(({ schema, dataset }) => `${schema}\0${dataset}`)));
  const found = new Map<string, AuditDataset>();
  for (const { schema, datasets } of sources) {
    for (const { dataset } of datasets.values()) {
      const id = `${schema}\0${dataset.name}`;
      if (!held.has(id) && !isNamed(pipeline, dataset)) continue;
      const currentState = dataset.slicing.kind === 'as-of';
      found.set(id, { schema, dataset: dataset.name, tables: dataset.tables, currentState });
    }
  }
  return [...found.values()];
}

/**
 * Slices that a sink lacks though another one holds them, or though their files have landed and
 * nothing says that they failed.
 */
export function lackingSlices(view: View, { slices, outcomes }: SinkView, filters: Filters): LackingSlice[] {
  const placeOf = (slice: SliceKey & { readonly schema: string }) => {
    const isState = view.selected(slice)?.request.slicing.kind === 'as-of';
    return JSON.stringify([slice.schema, slice.dataset, slice.scope, isState ? '' : slice.slice]);
  };
  const there = new Set([...slices, ...outcomes].map(placeOf));
  const lacking = new Map<string, LackingSlice>();
  const add = (slice: SliceKey & { readonly schema: string }, rows: string) => {
    const place = placeOf(slice);
    if (there.has(place) || view.inFlight.has(formatSliceKey(slice))) return;
    const { schema, dataset, scope, slice: name } = slice;
    lacking.set(place, { schema, dataset, scope, slice: name, expected: rows });
  };
  const plan = planReplay({ sources: view.sources, sinks: [slices], answers: view.answers, filters });
  for (const { source, slices: keys } of plan.items) {
    for (const { key } of keys) add({ ...key, schema: source.schema }, 'what has landed for it');
  }
  for (const other of view.sinks)
    for (const held of other.slices) add(held, `${held.rows} rows, as in ${other.sink.name}`);
  return [...lacking.values()];
}

/** A slice that a sink should hold. */
export interface LackingSlice extends SliceKey {
  readonly schema: string;
  /** What it should hold, in words. */
  readonly expected: string;
}
