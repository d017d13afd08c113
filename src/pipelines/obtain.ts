import { crashPoint } from '../base/crash-points.js';
import { asMillpondError, MillpondError } from '../base/errors.js';
import { backoffMs, pause, throwIfAborted } from '../base/retry.js';
import { redact } from '../base/secrets.js';
import type { Artifact, Job, JobFetch, JournalEntry, Stage } from '../contracts/index.js';
import { isUnchanged } from './commit-slices.js';
import type { WorkItem } from './plan.js';
import type { Selected } from './select.js';
import { closeWriters, keptArtifact, landBody, rewrite, setAside, type Written } from './stage-artifacts.js';
import type { WorkEnv } from './work-env.js';

/** Downloads of one file, with a fresh link each, before its job counts as spoilt. */
const DOWNLOAD_RETRY = { tries: 4, firstMs: 500, maxMs: 15_000 };

/** What came of an ask: files, and their rows unless the sinks have just those already. */
export interface Obtained {
  readonly artifacts: readonly Artifact[];
  readonly stages: readonly Stage[];
}

/** {@link obtain}, again where the transfer broke off or the file came damaged. */
export async function obtainWhole(
  env: WorkEnv,
  item: WorkItem,
  fetch: JobFetch,
  entry: JournalEntry,
): Promise<Obtained> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await obtain(env, item, fetch, entry);
    } catch (thrown) {
      throwIfAborted(env.ctx.signal);
      const error = asMillpondError(thrown);
      if (attempt >= DOWNLOAD_RETRY.tries || !(error.class === 'transient' || isSpoilt(error))) throw error;
      const waitMs = backoffMs(DOWNLOAD_RETRY, attempt, error.retryAfterMs);
      env.report.event({
        type: 'retry',
        code: error.code,
        message: redact(error.message),
        wait_ms: Math.round(waitMs),
      });
      await pause(waitMs, env.ctx.signal);
    }
  }
}

/** Lands what has not landed, reads again what has, and types it. */
async function obtain(env: WorkEnv, item: WorkItem, fetch: JobFetch, entry: JournalEntry): Promise<Obtained> {
  const { selected } = item;
  const written: Written[] = [];
  try {
    if (entry.state.phase === 'landed') {
      for (const path of entry.state.artifacts)
        written.push(await rewrite(env, selected, await keptArtifact(env, path)));
    } else {
      for (const job of entry.state.jobs) {
        const there = await env.landing.artifactOf(entry.ask, job);
        written.push(await (there ? rewrite(env, selected, there) : download(env, selected, fetch, entry, job)));
      }
    }
    const artifacts = written.map(({ artifact }) => artifact);
    if (isUnchanged(env, selected, entry.ask, artifacts)) {
      await Promise.all(written.map(({ writer }) => writer.abort()));
      return { artifacts, stages: [] };
    }
    return { artifacts, stages: await closeWriters(env, selected.dataset.name, written) };
  } catch (error) {
    await Promise.all(written.map(({ writer }) => writer.abort()));
    if (isSpoilt(error)) for (const { artifact } of written) await setAside(env, artifact);
    throw error;
  }
}

/** A job's file, landed. */
async function download(
  env: WorkEnv,
  selected: Selected,
  fetch: JobFetch,
  { ask, state }: JournalEntry,
  job: Job,
): Promise<Written> {
  return env.lanes.landing(async () => {
    throwIfAborted(env.ctx.signal);
    const body = await fetch.download(ask, job, env.ctx);
    crashPoint('land.body.opened');
    return landBody(env, selected, { ask, job, jobs: state.jobs.map(({ id }) => id), body, asOf: job.asOf });
  });
}

/** Whether a file came damaged: another download may be better. */
export function isSpoilt(error: unknown): boolean {
  return error instanceof MillpondError && (error.code === 'E_ARTIFACT_CUT' || error.code === 'E_ARTIFACT_CORRUPT');
}
