import { asMillpondError, type MillpondError } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import { type DirectFetch, formatSliceKey, type JournalEntry, type SliceKey } from '../contracts/index.js';
import { narrowAsk } from './asks.js';
import { commitSlices, commitTouches, isUnchanged } from './commit-slices.js';
import { heldBy } from './held.js';
import { EVERYTHING } from './judge.js';
import type { WorkItem } from './plan.js';
import { closeWriters, keptArtifact, landBody, rewrite, type Written } from './stage-artifacts.js';
import type { WorkEnv } from './work-env.js';

/** Artifacts between landing and commit before the source has to wait. */
const UNDER_WAY = 64;

/**
 * Reads a direct source: every body that comes is landed, put into the journal, staged and
 * committed by itself, so that what a crash leaves behind is what had not come yet.
 */
export async function workDirect(env: WorkEnv, item: WorkItem, fetch: DirectFetch): Promise<void> {
  const under = new Set<Promise<void>>();
  const nothingNew: SliceKey[] = [];
  const fresh = new Set<string>();
  const failures: { readonly key: SliceKey; readonly error: MillpondError }[] = [];
  let bodies = 0;
  let newestAsOf = '';
  try {
    if (item.entry) return await resume(env, item, item.entry);
    for await (const found of fetch.read(item.ask, heldBy(env), env.ctx)) {
      for (const { key, reason, message } of found.gaps) env.report.gap(key, reason, message);
      for (const { code, message } of found.warnings ?? []) env.report.warn(code, message);
      failures.push(...(found.failures ?? []));
      if (!found.body || found.slices.length === 0) {
        found.body?.stream.destroy();
        nothingNew.push(...found.slices);
        newestAsOf = found.asOf;
        continue;
      }
      for (const key of found.slices) fresh.add(formatSliceKey(key));
      bodies += 1;
      const ask = narrowAsk(item.ask, found.slices, `${found.asOf} ${bodies}`);
      const source = { ask, body: found.body, asOf: found.asOf };
      const written = await env.lanes.landing(() => landBody(env, item.selected, source));
      const entry = await journalled(env, written);
      const work = env.lanes
        .staging(() => deliver(env, item, written, entry))
        .catch((error: unknown) => fail(env, found.slices, error))
        .finally(() => under.delete(work));
      under.add(work);
      if (under.size >= UNDER_WAY) await Promise.race(under);
    }
    for (const { key } of item.slices) if (key.slice === EVERYTHING) env.report.over(key);
  } catch (error) {
    fail(
      env,
      item.slices.map(({ key }) => key),
      error,
    );
  }
  await Promise.all(under);
  throwIfAborted(env.ctx.signal);
  // Last: a slice of which one part was committed and another failed has failed.
  for (const { key, error } of failures) fail(env, [key], error);
  const touched = nothingNew.filter((key) => !fresh.has(formatSliceKey(key)));
  if (touched.length > 0) await commitTouches(env, touched, newestAsOf);
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
    const delivery = { selected, ask: artifact.ask, artifacts, stages };
    const { doneIn, isRefused } = await commitSlices(env, delivery);
    // What is not taken as it came would not be taken the next time either: then the source is read again.
    if (isRefused || env.sinks.every(({ id }) => doneIn.includes(id))) await env.journal.end(entry);
  } finally {
    await Promise.all(stages.map((stage) => stage.discard()));
  }
}

function fail(env: WorkEnv, keys: readonly SliceKey[], thrown: unknown): void {
  if (!env.ctx.signal.aborted) env.report.failed(keys, asMillpondError(thrown));
}
