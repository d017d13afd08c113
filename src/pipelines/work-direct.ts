import { asMillpondError } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import type { DirectFetch, Held, JournalEntry, SliceKey } from '../contracts/index.js';
import { narrowAsk } from './asks.js';
import { commitSlices, isUnchanged } from './commit-slices.js';
import type { WorkItem } from './plan.js';
import { closeWriters, keptArtifact, landBody, rewrite, type Written } from './stage-artifacts.js';
import type { WorkEnv } from './work-env.js';

/**
 * Reads a direct source: every body that comes is landed, put into the journal, staged and
 * committed by itself, so that what a crash leaves behind is what had not come yet.
 */
export async function workDirect(env: WorkEnv, item: WorkItem, fetch: DirectFetch): Promise<void> {
  const under = new Set<Promise<void>>();
  try {
    if (item.entry) return await resume(env, item, item.entry);
    for await (const found of fetch.read(item.ask, heldOf(env), env.ctx)) {
      for (const gap of found.gaps) env.report.gap(gap.key, gap.reason, gap.message);
      if (found.slices.length === 0) {
        found.body.stream.destroy();
        continue;
      }
      const ask = narrowAsk(item.ask, found.slices);
      const written = await env.lanes.landing(() =>
        landBody(env, item.selected, { ask, body: found.body, asOf: found.asOf }),
      );
      const entry = await journalled(env, written);
      const work = env.lanes
        .staging(() => deliver(env, item, written, entry))
        .catch((error: unknown) => fail(env, found.slices, error))
        .finally(() => under.delete(work));
      under.add(work);
    }
  } catch (error) {
    fail(
      env,
      item.slices.map(({ key }) => key),
      error,
    );
  }
  await Promise.all(under);
  throwIfAborted(env.ctx.signal);
}

async function resume(env: WorkEnv, item: WorkItem, entry: JournalEntry): Promise<void> {
  if (entry.state.phase !== 'landed') return env.journal.end(entry);
  env.report.event({
    type: 'resumed',
    dataset: item.ask.dataset,
    scope: '*',
    slices: item.slices.map(({ key }) => key.slice),
  });
  for (const path of entry.state.artifacts) {
    const written = await rewrite(env, item.selected, await keptArtifact(env, path));
    await env.lanes.staging(() => deliver(env, item, written, entry));
  }
}

/** The artifact stands in the journal before anything is done with it. */
async function journalled(env: WorkEnv, { artifact }: Written): Promise<JournalEntry> {
  const state = { phase: 'landed', jobs: [], artifacts: [artifact.path], doneIn: [] } as const;
  const { entry } = await env.journal.claim(artifact.ask, env.pipeline.name, state, env.ctx.now());
  return entry;
}

async function deliver(env: WorkEnv, item: WorkItem, written: Written, entry: JournalEntry): Promise<void> {
  const { artifact, writer } = written;
  const { selected } = item;
  const artifacts = [artifact];
  const unchanged = isUnchanged(env, selected, artifact.ask, artifacts);
  if (unchanged) await writer.abort();
  const stages = unchanged ? [] : await closeWriters(env, selected.dataset.name, [written]);
  try {
    const doneIn = await commitSlices(env, { selected, ask: artifact.ask, artifacts, stages });
    if (env.sinks.every(({ id }) => doneIn.includes(id))) await env.journal.end(entry);
  } finally {
    await Promise.all(stages.map((stage) => stage.discard()));
  }
}

function fail(env: WorkEnv, keys: readonly SliceKey[], thrown: unknown): void {
  if (!env.ctx.signal.aborted) env.report.failed(keys, asMillpondError(thrown));
}

/** What every sink of the run holds. */
function heldOf(env: WorkEnv): Held {
  return {
    async has(key) {
      return env.sinks.every(({ state }) => state.held(key, false) !== undefined);
    },
    async newest(dataset, scope, prefix) {
      const perSink = env.sinks.map(({ state }) => state.newest(dataset, scope, prefix));
      return perSink.some((slice) => slice === undefined) ? undefined : perSink.sort()[0];
    },
  };
}
