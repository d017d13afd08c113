import { MillpondError } from '../../../base/errors.js';
import { pause } from '../../../base/retry.js';
import type { Ctx, JobPatience, SnapshotJob } from '../../../contracts/index.js';
import { type JobMark, type JobMarks, markOf } from './job-marks.js';

/** Wait before the second look; grows from there. */
const FIRST_MS = 250;
const LONGEST_MS = 15_000;

/**
 * Looks at a job until it shows something new: a later success, or a failure in other words, for
 * failures have no time. What is old was marked when it was started, or stands there at the first look.
 * @throws MillpondError `E_JOB_FAILED`, `E_JOB_WAITING`, `E_INTERRUPTED`, or what a look throws.
 */
export async function waitForJob(
  id: string,
  { get, marks }: { readonly get: () => Promise<SnapshotJob>; readonly marks: JobMarks },
  patience: JobPatience,
  ctx: Ctx,
): Promise<SnapshotJob> {
  const end = performance.now() + patience.deadlineMs;
  let job = await get();
  const standing = await marks.find(id);
  const mark = standing ?? markOf(job);
  if (!standing) await marks.keep(id, mark);
  const old = patience.since === undefined ? mark : { ...mark, lastSuccess: patience.since };
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(LONGEST_MS, waitMs * 1.5)) {
    const news = newsOf(job, old);
    if (news !== undefined) await marks.drop(id);
    if (news === 'success') return job;
    if (news === 'failure') throw failed(job);
    patience.onLook?.(job);
    const left = end - performance.now();
    if (left <= 0) throw stillWaiting(job);
    await pause(Math.min(waitMs, left), ctx.signal);
    job = await get();
  }
}

function newsOf({ details }: SnapshotJob, old: JobMark): 'success' | 'failure' | undefined {
  const { lastSuccess = null, lastFailure = null } = details ?? {};
  if (lastSuccess !== null && (old.lastSuccess === null || Date.parse(lastSuccess) > Date.parse(old.lastSuccess))) {
    return 'success';
  }
  return lastFailure !== null && lastFailure !== old.lastFailure ? 'failure' : undefined;
}

function failed({ id, details }: SnapshotJob): MillpondError {
  return new MillpondError('E_JOB_FAILED', `The snapshot job ${id} has failed: ${details?.lastFailure}`, {
    hint: "The words are the service's own. The job tries again when the opportunity changes next.",
  });
}

function stillWaiting({ id, status }: SnapshotJob): MillpondError {
  return new MillpondError('E_JOB_WAITING', `The snapshot job ${id} (${status}) has done nothing new`, {
    hint:
      status === 'Running'
        ? 'It makes a snapshot when what its template shows changes. Wait again: nothing is missed meanwhile.'
        : `It does nothing while it is ${status}: \`millpond partner-central job start ${id}\`.`,
  });
}
