import { MillpondError } from '../base/errors.js';
import { lockOwner } from '../base/process-lock.js';
import type { PipelineConfig } from '../config/types.js';
import type { Ctx, JournalEntry, LedgerSlice, RunRecord, Sink, Source } from '../contracts/index.js';
import { KeptFiles } from './kept-files.js';
import type { Landing } from './landing.js';
import type { PlanInput, PlanSource } from './plan.js';
import { type Selected, selectDatasets } from './select.js';
import { SinkHoldings, type SinkState } from './sink-state.js';
import { sinkId } from './workspace.js';

/** Reads what a sink holds of these datasets, and what it knows of former runs. */
export async function readHoldings(
  sink: Sink,
  datasets: readonly string[],
  ctx: Ctx,
): Promise<{ holdings: SinkHoldings; lastRuns: readonly RunRecord[] }> {
  const { slices, outcomes, lastRuns } = await sink.ledger.look({ datasets: [...new Set(datasets)] }, ctx);
  return { holdings: new SinkHoldings(sinkId(sink), slices, outcomes), lastRuns };
}

/** What a plan starts from: what is known already, and whatever the landing folder adds to it. */
export async function planInput(
  known: Pick<PlanInput, 'pipeline' | 'sources' | 'sinks' | 'journal'>,
  landing: Landing,
  options: PlanInput['filters'] & Pick<PlanInput, 'reload'>,
  ctx: Ctx,
): Promise<PlanInput> {
  return {
    ...known,
    foreign: await foreignEntries(landing, known.pipeline.name, known.journal),
    kept: new KeptFiles(landing),
    filters: options,
    reload: options.reload,
    now: ctx.now(),
  };
}

/** Which entries belong to another process that is alive. */
async function foreignEntries(
  landing: Landing,
  pipeline: string,
  entries: readonly JournalEntry[],
): Promise<Set<string>> {
  const alive = new Map<string, boolean>();
  const foreign = new Set<string>();
  for (const entry of entries) {
    if (entry.owner === pipeline) continue;
    if (!alive.has(entry.owner)) alive.set(entry.owner, (await lockOwner(landing.lock(entry.owner))) !== undefined);
    if (alive.get(entry.owner)) foreign.add(entry.id);
  }
  return foreign;
}

/** A connection's scopes and datasets, and what the configuration names that is not there. */
export async function readSource(
  pipeline: PipelineConfig,
  { name: connection, schema }: { readonly name: string; readonly schema: string },
  source: Source,
  onlyDatasets: readonly string[],
  ctx: Ctx,
): Promise<{
  planSource: PlanSource;
  retired: readonly Selected[];
  missing: readonly string[];
  visible: ReadonlySet<string>;
}> {
  const all = selectDatasets(pipeline, source.datasets, onlyDatasets);
  const isOff = ({ dataset }: Selected) => source.official && dataset.state.kind === 'retired';
  const { scopes, missing, visible } = await source.scopes(ctx);
  return {
    planSource: { connection, schema, identity: source.identity, scopes, selected: all.filter((one) => !isOff(one)) },
    retired: all.filter(isOff),
    missing,
    visible: new Set(visible),
  };
}

/** What the user hears of a dataset that the vendor switched off. */
export function retiredError({ dataset }: Selected): MillpondError {
  if (dataset.state.kind !== 'retired') throw new RangeError(`${dataset.name} is not retired`);
  const { since, successor } = dataset.state;
  return new MillpondError(
    'E_RETIRED',
    `${dataset.name} was switched off${since ? ` on ${since}` : ''}; its successor is ${successor}`,
    {
      hint: `Use ${successor} instead. Sandboxes and other endpoints still serve it.`,
    },
  );
}

/** A scope that a ledger knows. */
export function everHeld(states: readonly SinkState[], scope: string): LedgerSlice | undefined {
  for (const state of states) {
    for (const slice of state.slices) if (slice.scope === scope) return slice;
  }
  return undefined;
}
