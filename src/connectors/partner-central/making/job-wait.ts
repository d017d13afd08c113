import { MillpondError } from '../../../base/errors.js';
import { pause } from '../../../base/retry.js';
import type { Ctx, JobPatience, SnapshotJob } from '../../../contracts/index.js';

/** Wait before the second look; grows from there. */
const FIRST_MS = 500;
const LONGEST_MS = 15_000;

/**
 * Looks at a job until it has succeeded anew. What stood there at the first look is old: its
 * success by the instant, its failure, which has none, by the words.
 * @throws MillpondError `E_JOB_FAILED`, `E_JOB_WAITING`, `E_INTERRUPTED`, or what a look throws.
 */
export async function waitForJob(
  get: () => Promise<SnapshotJob>,
  id: string,
  patience: JobPatience,
  ctx: Ctx,
): Promise<SnapshotJob> {
  const end = performance.now() + patience.deadlineMs;
  let job = await get();
  const since = patience.since ?? job.details?.lastSuccess ?? null;
  const failure = job.details?.lastFailure ?? null;
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(LONGEST_MS, waitMs * 1.5)) {
    const { lastSuccess = null, lastFailure = null } = job.details ?? {};
    if (lastSuccess !== null && (since === null || Date.parse(lastSuccess) > Date.parse(since))) return job;
    if (lastFailure !== null && lastFailure !== failure) {
      throw new MillpondError('E_JOB_FAILED', `The snapshot job ${id} has failed: ${lastFailure}`, {
        hint: "The words are the service's own. The job tries again when the opportunity changes next.",
      });
    }
    patience.onLook?.(job);
    const left = end - performance.now();
    if (left <= 0) {
      throw new MillpondError('E_JOB_WAITING', `The snapshot job ${id} (${job.status}) has done nothing new`, {
        hint:
          job.status === 'Running'
            ? 'It makes a snapshot when what its template shows changes. Wait again, or longer with --deadline.'
            : `It does nothing while it is ${job.status}: \`millpond partner-central job start ${id}\`.`,
      });
    }
    await pause(Math.min(waitMs, left), ctx.signal);
    job = await get();
  }
}
