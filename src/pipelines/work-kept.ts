import { asMillpondError } from '../base/errors.js';
import { lockOwner } from '../base/process-lock.js';
import { pause, throwIfAborted } from '../base/retry.js';
import type { Artifact, JobFetch, JournalEntry } from '../contracts/index.js';
import { commitSlices } from './commit-slices.js';
import type { WorkItem } from './plan.js';
import { closeWriters, keptArtifact, rewrite, type Written } from './stage-artifacts.js';
import { workByJob } from './work.js';
import type { WorkEnv } from './work-env.js';

/** How often to look whether the other process is done. */
const LOOK_EVERY_MS = 500;

/** Fills a sink from artifacts that are kept: the source is not asked. */
export async function workFromKept(env: WorkEnv, item: WorkItem): Promise<void> {
  try {
    const artifacts = await Promise.all((item.artifacts ?? []).map((path) => keptArtifact(env, path)));
    await env.lanes.staging(() => commitKept(env, item, artifacts));
  } catch (error) {
    throwIfAborted(env.ctx.signal);
    env.report.failed(
      item.slices.map(({ key }) => key),
      asMillpondError(error),
    );
  }
}

/**
 * An ask that another live process works on: waits for its files instead of asking again, and
 * takes over if that process dies.
 */
export async function workJoined(env: WorkEnv, item: WorkItem, fetch: JobFetch): Promise<void> {
  const keys = item.slices.map(({ key }) => key);
  const first = item.entry!;
  const until = performance.now() + env.connection.timing.deadlineMs;
  for (;;) {
    throwIfAborted(env.ctx.signal);
    const entry = await env.journal.find(first.id);
    if (!entry || entry.state.phase === 'landed') {
      const artifacts = await landedBy(env, first, entry);
      if (artifacts.length === 0) return workByJob(env, { ...item, action: 'request' }, fetch);
      return workFromKept(env, { ...item, artifacts: artifacts.map(({ path }) => path) });
    }
    if ((await lockOwner(env.landing.lock(entry.owner))) === undefined) {
      return workByJob(env, { ...item, entry, action: 'resume' }, fetch);
    }
    if (env.noWait || performance.now() > until) {
      env.report.waiting(keys, `Pipeline ${entry.owner} waits for this job`);
      return;
    }
    await pause(LOOK_EVERY_MS, env.ctx.signal);
  }
}

/** The files that came of an ask since it was made; the newest of each part. */
async function landedBy(env: WorkEnv, first: JournalEntry, entry: JournalEntry | undefined): Promise<Artifact[]> {
  if (entry?.state.phase === 'landed') {
    return Promise.all(entry.state.artifacts.map((path) => keptArtifact(env, path)));
  }
  const since = (await env.landing.artifactsOf(first.ask)).filter((artifact) => artifact.asOf >= first.askedAt);
  const newest = new Map(since.sort((a, b) => (a.asOf < b.asOf ? -1 : 1)).map((a) => [a.job?.part ?? '', a]));
  return [...newest.values()];
}

async function commitKept(env: WorkEnv, item: WorkItem, artifacts: readonly Artifact[]): Promise<void> {
  const written: Written[] = [];
  try {
    for (const artifact of artifacts) written.push(await rewrite(env, item.selected, artifact));
    const stages = await closeWriters(env, item.ask.dataset, written);
    try {
      const ask = artifacts[0]?.ask ?? item.ask;
      await commitSlices(env, { selected: item.selected, ask, artifacts, stages });
    } finally {
      await Promise.all(stages.map((stage) => stage.discard()));
    }
  } finally {
    await Promise.all(written.map(({ writer }) => writer.abort()));
  }
}
