import { randomUUID } from 'node:crypto';
import { crashPoint } from '../base/crash-points.js';
import { asMillpondError, MillpondError } from '../base/errors.js';
import { lockOwner } from '../base/process-lock.js';
import { backoffMs, pause, throwIfAborted } from '../base/retry.js';
import type { Ask, Job, JobFetch, JournalEntry, Phase } from '../contracts/index.js';
import { factsOf } from './asks.js';
import { commitSlices, type Delivery, refusedSlices } from './commit-slices.js';
import { isSpoilt, obtainWhole } from './obtain.js';
import type { WorkItem } from './plan.js';
import type { WorkEnv } from './work-env.js';

/** Signals that a job is not ready and this run waits no longer. */
class StillWaiting extends Error {}

/**
 * Takes an ask that goes by job from wherever the journal says it stands to all sinks: request,
 * poll, land, stage, commit. What becomes of its slices goes into the report; nothing is thrown
 * but interruption.
 * @returns the entry, untouched, where another live process works on the ask.
 */
export async function workByJob(env: WorkEnv, item: WorkItem, fetch: JobFetch): Promise<JournalEntry | undefined> {
  const keys = item.slices.map(({ key }) => key);
  try {
    return await bringHome(env, item, fetch);
  } catch (thrown) {
    throwIfAborted(env.ctx.signal);
    if (thrown instanceof StillWaiting) {
      env.report.waiting(keys, thrown.message);
      env.report.event({ type: 'waiting', ...factsOf(item.ask) });
      return undefined;
    }
    const error = asMillpondError(thrown);
    if (error.code === 'E_UNREACHABLE' || error.code === 'E_CREDENTIALS') env.outage.error = error;
    if (error.class === 'refused') {
      const reason = error.code === 'E_PAST_RETENTION' ? 'past_retention' : 'not_offered';
      for (const key of keys) env.report.skipped(key, reason, error.message, false);
    } else {
      env.report.failed(keys, error);
    }
    await settle(env, item.ask, error);
    return undefined;
  }
}

/**
 * Job by job to the end; where the source lost a job, or we a file, or a kept file is no good, the ask is made once more.
 * @returns the entry, untouched, where another live process works on the ask.
 */
async function bringHome(env: WorkEnv, item: WorkItem, fetch: JobFetch): Promise<JournalEntry | undefined> {
  let claimed: JournalEntry | undefined;
  for (let round = 1; ; round++) {
    try {
      // Claimed not before its turn: what waits for it is nobody's yet.
      const { ours, theirs } = await env.lanes.jobs(async (): Promise<Claim> => {
        if (env.outage.error) throw env.outage.error;
        const claim = claimed ? { ours: claimed, isNew: true } : await claimEntry(env, item);
        if (!claim.ours) return claim;
        claimed = claim.ours;
        const asked = await makeJobs(env, fetch, claimed);
        const isHere = !claim.isNew && (await hasLanded(env, asked));
        return { ours: isHere ? asked : await awaitJobs(env, fetch, asked) };
      });
      if (!ours) return theirs;
      const delivered = await env.lanes.staging(() => deliver(env, item, fetch, ours));
      await finish(env, ours, delivered);
      return undefined;
    } catch (error) {
      const code = error instanceof MillpondError ? error.code : undefined;
      if (!claimed || round > 1 || code === undefined || !WORTH_ASKING_ANEW.has(code)) throw error;
      env.report.warn('W_ASKED_ANEW', `${item.ask.dataset}: ${(error as MillpondError).message}; asking anew`);
      const newest = (await env.journal.find(claimed.id)) ?? claimed;
      claimed = await askAnew(env, newest);
    }
  }
}

/** Errors after which the same run makes the job once more. */
const WORTH_ASKING_ANEW = new Set<string>(['E_JOB_GONE', 'E_ARTIFACT_MISSING', 'E_TOO_MANY_REJECTS', 'E_SHRUNK']);

/** An entry that we have claimed, or that another live process has. */
type Claim =
  | { readonly ours: JournalEntry; readonly theirs?: undefined; readonly isNew?: boolean }
  | { readonly ours?: undefined; readonly theirs: JournalEntry };

/** Makes the ask's entry ours: a new one, or one whose owner is gone; unless somebody else was first just now. */
async function claimEntry(env: WorkEnv, item: WorkItem): Promise<Claim> {
  const { journal, ctx, pipeline, report } = env;
  let entry = item.entry;
  if (!entry) {
    const claimed = await journal.claim(item.ask, pipeline.name, newIntent(), ctx.now());
    crashPoint('journal.intent.written');
    if (claimed.created) return { ours: claimed.entry, isNew: true };
    entry = claimed.entry;
    if (await isAtWork(env, entry)) return { theirs: entry };
  }
  if (await isGivenUp(env, entry)) {
    const slice = entry.ask.slices[0]?.slice ?? '';
    report.warn(
      'W_JOB_GIVEN_UP',
      `${entry.ask.dataset} ${slice}: the job of ${entry.askedAt} never ended; asking anew`,
    );
    return { ours: await askAnew(env, entry), isNew: true };
  }
  if (entry.owner !== pipeline.name) {
    const taken = await journal.move(entry, { owner: pipeline.name });
    if (!taken) return { theirs: entry };
    entry = taken;
  }
  if (entry.state.jobs.length > 0) {
    report.jobs.resumed += entry.state.jobs.length;
    report.event({ type: 'resumed', job: entry.state.jobs[0]!.id, ...factsOf(entry.ask) });
  }
  return { ours: entry };
}

/** Whether the entry belongs to another pipeline whose process lives. */
async function isAtWork(env: WorkEnv, entry: JournalEntry): Promise<boolean> {
  return entry.owner !== env.pipeline.name && (await lockOwner(env.landing.lock(entry.owner))) !== undefined;
}

function newIntent(): Phase {
  return { phase: 'intent', token: randomUUID(), jobs: [] };
}

/** Back to the start: the jobs made so far are no good. */
async function askAnew(env: WorkEnv, entry: JournalEntry): Promise<JournalEntry> {
  const change = { owner: env.pipeline.name, askedAt: env.ctx.now().toISOString(), attempts: entry.attempts + 1 };
  return moved(env, entry, { ...change, state: newIntent() });
}

/** Jobs older than `poll.give_up` are asked for anew; what {@link hasLanded} is kept, unless it failed before. */
async function isGivenUp(env: WorkEnv, entry: JournalEntry): Promise<boolean> {
  if (ageMs(env, entry) <= env.connection.timing.giveUpMs) return false;
  return entry.attempts > 0 || !(await hasLanded(env, entry));
}

function ageMs(env: WorkEnv, entry: JournalEntry): number {
  return env.ctx.now().getTime() - Date.parse(entry.askedAt);
}

/** Whether the files of all its jobs are here, also where a run ended before it could say so. */
async function hasLanded(env: WorkEnv, { ask, state }: JournalEntry): Promise<boolean> {
  if (state.phase !== 'asked') return state.phase === 'landed';
  const landed = await Promise.all(state.jobs.map((job) => env.landing.artifactOf(ask, job)));
  return landed.every((artifact) => artifact !== undefined);
}

/** Asks the source for every job the ask needs; each is in the journal before the next. */
async function makeJobs(env: WorkEnv, fetch: JobFetch, entry: JournalEntry): Promise<JournalEntry> {
  while (entry.state.phase === 'intent') {
    throwIfAborted(env.ctx.signal);
    const { token, jobs } = entry.state;
    const made = await fetch.request(entry.ask, { token, made: jobs }, env.ctx);
    crashPoint('request.answered');
    env.report.jobs[made.adopted ? 'adopted' : 'requested'] += 1;
    const all = [...jobs, made.job];
    const state: Phase = made.more ? { phase: 'intent', token, jobs: all } : { phase: 'asked', token, jobs: all };
    entry = await moved(env, entry, { state });
    crashPoint('journal.asked.written');
    env.report.event({ type: made.adopted ? 'adopted' : 'requested', job: made.job.id, ...factsOf(entry.ask) });
  }
  return entry;
}

/**
 * Polls until all jobs are ready. Holds nothing while it waits.
 * @throws StillWaiting at the deadline, or at once under `--no-wait`;
 *   MillpondError `E_JOB_FAILED`, `E_JOB_GONE`.
 */
async function awaitJobs(env: WorkEnv, fetch: JobFetch, entry: JournalEntry): Promise<JournalEntry> {
  if (entry.state.phase !== 'asked') return entry;
  const { timing } = env.connection;
  const left = timing.deadlineMs - ageMs(env, entry);
  const started = performance.now();
  const jobs: Job[] = [];
  // A job is not ready the moment it is made; one that a former run left may be.
  const young = timing.firstMs - ageMs(env, entry);
  if (young > 0 && !env.noWait) await pause(Math.min(young, timing.firstMs), env.ctx.signal);
  for (const job of entry.state.jobs) {
    for (let attempt = 1; ; attempt++) {
      throwIfAborted(env.ctx.signal);
      const found = await fetch.poll(entry.ask, job, env.ctx);
      if (found.state === 'ready') {
        jobs.push(found.data ? { ...job, data: { ...job.data, ...found.data } } : job);
        break;
      }
      if (found.state === 'failed') throw new MillpondError('E_JOB_FAILED', `Job ${job.id} failed: ${found.reason}`);
      if (found.state === 'gone') throw new MillpondError('E_JOB_GONE', `Job ${job.id} is gone: ${found.reason}`);
      const waitMs = found.afterMs ?? backoffMs({ tries: 0, firstMs: timing.firstMs, maxMs: timing.maxMs }, attempt);
      const waited = performance.now() - started;
      if (env.noWait || waited + waitMs > left) {
        throw new StillWaiting(`Job ${job.id} is not ready${found.detail ? ` (${found.detail})` : ''}`);
      }
      await pause(waitMs, env.ctx.signal);
    }
  }
  return { ...entry, state: { ...entry.state, jobs } };
}

/** What has been brought into the sinks. */
interface Delivered {
  /** Paths of its artifacts, relative to the landing folder. */
  readonly artifacts: readonly string[];
  /** Ids of the sinks that have all of it. */
  readonly doneIn: readonly string[];
}

/** From files at the source to rows in every sink. */
async function deliver(env: WorkEnv, item: WorkItem, fetch: JobFetch, entry: JournalEntry): Promise<Delivered> {
  const { artifacts, stages } = await obtainWhole(env, item, fetch, entry);
  try {
    const delivery = { selected: item.selected, ask: entry.ask, artifacts, stages };
    if (entry.state.phase === 'landed') refuseOldFile(env, delivery);
    crashPoint('stage.done');
    const { doneIn } = await commitSlices(env, delivery);
    return { artifacts: artifacts.map(({ path }) => path), doneIn };
  } finally {
    await Promise.all(stages.map((stage) => stage.discard()));
  }
}

/**
 * A file that an earlier run could not take gets a second chance, for the limit may be another by
 * now; where it is still no good the source is asked for a better one.
 */
function refuseOldFile(env: WorkEnv, delivery: Delivery): void {
  for (const error of refusedSlices(env, delivery).values()) throw error;
}

/** The entry's end, or what is still to do in it: that its files are here is written down where they are needed again. */
async function finish(env: WorkEnv, entry: JournalEntry, { artifacts, doneIn }: Delivered): Promise<void> {
  if (env.sinks.every(({ id }) => doneIn.includes(id))) return env.journal.end(entry);
  const state: Phase = { phase: 'landed', jobs: entry.state.jobs, artifacts, doneIn };
  await moved(env, entry, { attempts: entry.attempts + 1, state });
}

/** After a failure: an entry that holds nothing worth resuming ends. */
async function settle(env: WorkEnv, ask: Ask, error: MillpondError): Promise<void> {
  const entry = await env.journal.find(ask.fingerprint);
  // What failed before it was claimed is somebody else's.
  if (entry?.owner !== env.pipeline.name) return;
  const nothingMade = entry.state.phase === 'intent' && entry.state.jobs.length === 0;
  const noGood = error.class === 'refused' || isSpoilt(error) || HOPELESS.has(error.code);
  if (nothingMade || noGood) await env.journal.end(entry);
  else if (await hasLanded(env, entry)) await moved(env, entry, { attempts: entry.attempts + 1 });
}

/** Errors after which asking for the same job again is pointless. */
const HOPELESS = new Set<string>(['E_JOB_FAILED', 'E_JOB_GONE', 'E_ARTIFACT_MISSING', 'E_REQUEST_REJECTED']);

/** {@link Journal.move} of an entry that is ours. @throws MillpondError `E_LOCKED` where somebody took it over. */
async function moved(
  env: WorkEnv,
  entry: JournalEntry,
  change: Partial<Pick<JournalEntry, 'owner' | 'askedAt' | 'attempts' | 'state'>>,
): Promise<JournalEntry> {
  const next = await env.journal.move(entry, change);
  if (next) return next;
  throw new MillpondError('E_LOCKED', `${entry.ask.dataset}: another process took this ask over`, {
    hint: 'Its result will be there when the other run ends.',
  });
}
