import { lockOwner } from '../base/process-lock.js';
import { pause, throwIfAborted } from '../base/retry.js';
import type { Artifact, JobFetch, JournalEntry } from '../contracts/index.js';
import type { WorkItem } from './plan.js';
import { keptArtifact } from './stage-artifacts.js';
import { workByJob } from './work.js';
import type { WorkEnv } from './work-env.js';
import { workFromKept } from './work-kept.js';

/** How often to look whether the other process is done. */
const LOOK_EVERY_MS = 500;

/** An ask that goes by job, whoever works on it: this process, or another that is alive. */
export async function workAsk(env: WorkEnv, item: WorkItem, fetch: JobFetch): Promise<void> {
  for (let next: WorkItem | undefined = item; next; ) {
    if (next.action === 'join') next = await awaitOther(env, next);
    else if (next.action === 'fill') return workFromKept(env, next);
    else {
      const theirs = await workByJob(env, next, fetch);
      next = theirs && { ...next, entry: theirs, action: 'join' };
    }
  }
}

/**
 * Waits for the files of another live process instead of asking again.
 * @returns what to do then: fill our sinks from its files, take over from where it died, or ask;
 *   undefined where this run waits no longer.
 */
async function awaitOther(env: WorkEnv, item: WorkItem): Promise<WorkItem | undefined> {
  const { entry: first, ...anew } = item;
  if (!first) return { ...anew, action: 'request' };
  const until = performance.now() + env.connection.timing.deadlineMs;
  for (;;) {
    throwIfAborted(env.ctx.signal);
    const entry = await env.journal.find(first.id);
    if (!entry || entry.state.phase === 'landed') {
      const artifacts = await landedBy(env, first, entry);
      if (artifacts.length > 0) return { ...item, action: 'fill', artifacts: artifacts.map(({ path }) => path) };
      return { ...anew, action: 'request' };
    }
    if ((await lockOwner(env.landing.lock(entry.owner))) === undefined) return { ...item, entry, action: 'resume' };
    if (env.noWait || performance.now() > until) {
      const keys = item.slices.map(({ key }) => key);
      env.report.waiting(keys, `Pipeline ${entry.owner} waits for this job`);
      return undefined;
    }
    await pause(LOOK_EVERY_MS, env.ctx.signal);
  }
}

/** The files that came of an ask since it was made; the newest of each part. */
async function landedBy(
  env: WorkEnv,
  first: JournalEntry,
  entry: JournalEntry | undefined,
): Promise<readonly Artifact[]> {
  if (entry?.state.phase === 'landed') {
    return Promise.all(entry.state.artifacts.map((path) => keptArtifact(env, path)));
  }
  const since = (await env.landing.artifactsOf(first.ask)).filter((artifact) => artifact.asOf >= first.askedAt);
  const newest = new Map(since.sort((a, b) => (a.asOf < b.asOf ? -1 : 1)).map((a) => [a.job?.part ?? '', a]));
  return [...newest.values()];
}
