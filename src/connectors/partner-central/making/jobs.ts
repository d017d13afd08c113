import { crashPoint } from '../../../base/crash-points.js';
import { asMillpondError, MillpondError } from '../../../base/errors.js';
import type { Ctx, SnapshotJob, SnapshotJobs, SnapshotJobWanted } from '../../../contracts/index.js';
import type { Caller } from '../caller.js';
import { type JobMarks, markOf } from './job-marks.js';
import { waitForJob } from './job-wait.js';
import { textOf, viewOf } from './look.js';
import type { Identity, MakingRecord, MakingRecords } from './records.js';
import { isRefused, sentence } from './refusals.js';

type Created = Awaited<ReturnType<SnapshotJobs['create']>>;

/** The snapshot jobs of a connection. */
export function snapshotJobs(caller: Caller, records: MakingRecords, marks: JobMarks): SnapshotJobs {
  const get = (id: string, ctx: Ctx) => getJob(caller, id, ctx);
  return {
    get,
    create: (wanted, ctx) => createJob(caller, records, wanted, ctx),
    async start(id, ctx) {
      const job = await get(id, ctx);
      if (job.status !== 'Running') await marks.keep(id, markOf(job));
      await caller.call('StartResourceSnapshotJob', { ResourceSnapshotJobIdentifier: id }, ctx);
    },
    async stop(id, ctx) {
      await caller.call('StopResourceSnapshotJob', { ResourceSnapshotJobIdentifier: id }, ctx);
    },
    async delete(id, ctx) {
      await deleteJob(caller, id, ctx);
      await marks.drop(id);
    },
    list: (filter, ctx) => listJobs(caller, filter, ctx),
    wait: (id, patience, ctx) => waitForJob(id, { get: () => get(id, ctx), marks }, patience, ctx),
  };
}

async function createJob(
  caller: Caller,
  records: MakingRecords,
  wanted: SnapshotJobWanted,
  ctx: Ctx,
): Promise<Created> {
  const identity = identityOf(caller, wanted);
  const earlier = await records.find(identity);
  if (earlier?.made?.id !== undefined) {
    const job = await unlessGone(getJob(caller, earlier.made.id, ctx));
    if (job) return { job, outcome: 'existing' };
    await records.forget(identity); // It was deleted: this is another making.
  }
  const { record, resumed } = await records.begin(identity, wanted.clientToken, ctx);
  crashPoint('making.begun');
  const { job, outcome } = await ask(caller, records, wanted, { record, resumed }, ctx);
  crashPoint('making.answered');
  await records.settle(record, { arn: job.arn, id: job.id }, ctx);
  crashPoint('making.recorded');
  return { job, outcome };
}

async function ask(
  caller: Caller,
  records: MakingRecords,
  wanted: SnapshotJobWanted,
  { record, resumed }: { readonly record: MakingRecord; readonly resumed: boolean },
  ctx: Ctx,
): Promise<Created> {
  const tags = Object.entries(wanted.tags).map(([Key, Value]) => ({ Key, Value }));
  const input = { ...viewOf(wanted), ClientToken: record.token, ...(tags.length > 0 ? { Tags: tags } : {}) };
  try {
    const { json } = await caller.call('CreateResourceSnapshotJob', input, ctx);
    const id = textOf(json.Id);
    if (id === '') throw new MillpondError('E_PROTOCOL', 'CreateResourceSnapshotJob was answered without an id');
    const job = { id, arn: textOf(json.Arn), engagement: wanted.engagement, status: 'Stopped' };
    return { job, outcome: 'made' };
  } catch (thrown) {
    const error = asMillpondError(thrown);
    if (error.code !== 'E_RESOURCE_CONFLICT') {
      if (isRefused(error)) await records.forget(record);
      throw error;
    }
    const standing = await jobOfView(caller, wanted, ctx);
    // The service has forgotten our token, but not the job that it made for it.
    if (standing && resumed) return { job: standing, outcome: 'existing' };
    await records.forget(record);
    throw explained(error, standing);
  }
}

/** A conflict, with what stands there and what to do. */
function explained(error: MillpondError, standing: SnapshotJob | undefined): MillpondError {
  const message = standing
    ? `${sentence(error)}; the job ${standing.id} (${standing.status}) stands there already`
    : error.message;
  const hint = standing
    ? `Use it: \`millpond partner-central job ${standing.status === 'Running' ? 'wait' : 'start'} ${standing.id}\`; or stop and delete it first.`
    : 'If the client token was used for something else, take another one.';
  return new MillpondError('E_RESOURCE_CONFLICT', message, { hint, at: error.at, cause: error });
}

/** The job that makes the same snapshots, if the caller owns one. */
async function jobOfView(caller: Caller, wanted: SnapshotJobWanted, ctx: Ctx): Promise<SnapshotJob | undefined> {
  for (const { id } of await listJobs(caller, { engagement: wanted.engagement }, ctx)) {
    const job = await unlessGone(getJob(caller, id, ctx));
    if (job?.details?.resource === wanted.resource && job.details.template === wanted.template) return job;
  }
  return undefined;
}

async function deleteJob(caller: Caller, id: string, ctx: Ctx): Promise<void> {
  try {
    await caller.call('DeleteResourceSnapshotJob', { ResourceSnapshotJobIdentifier: id }, ctx);
  } catch (thrown) {
    const error = asMillpondError(thrown);
    if (error.code !== 'E_RESOURCE_CONFLICT') throw error;
    const { status } = await getJob(caller, id, ctx);
    throw new MillpondError('E_RESOURCE_CONFLICT', `${sentence(error)}; the job is ${status}`, {
      hint: `A job must be stopped before it is deleted: \`millpond partner-central job stop ${id}\`.`,
      at: error.at,
      cause: error,
    });
  }
}

async function getJob(caller: Caller, id: string, ctx: Ctx): Promise<SnapshotJob> {
  const { json } = await caller.call('GetResourceSnapshotJob', { ResourceSnapshotJobIdentifier: id }, ctx);
  return {
    ...summaryOf(json),
    details: {
      resource: textOf(json.ResourceId),
      template: textOf(json.ResourceSnapshotTemplateName),
      createdAt: textOf(json.CreatedAt),
      lastSuccess: textOf(json.LastSuccessfulExecutionDate) || null,
      lastFailure: textOf(json.LastFailure) || null,
    },
  };
}

async function listJobs(
  caller: Caller,
  { engagement, status }: { readonly engagement?: string; readonly status?: string },
  ctx: Ctx,
): Promise<SnapshotJob[]> {
  const filter = {
    ...(engagement === undefined ? {} : { EngagementIdentifier: engagement }),
    ...(status === undefined ? {} : { Status: status }),
  };
  const jobs: SnapshotJob[] = [];
  for await (const text of caller.items('ListResourceSnapshotJobs', filter, ctx)) {
    jobs.push(summaryOf(JSON.parse(text) as Record<string, unknown>));
  }
  return jobs;
}

function summaryOf(json: Readonly<Record<string, unknown>>): SnapshotJob {
  return {
    id: textOf(json.Id),
    arn: textOf(json.Arn),
    engagement: textOf(json.EngagementId),
    status: textOf(json.Status),
  };
}

async function unlessGone(job: Promise<SnapshotJob>): Promise<SnapshotJob | undefined> {
  return job.catch((error: unknown) => {
    if (error instanceof MillpondError && error.code === 'E_RESOURCE_NOT_FOUND') return undefined;
    throw error;
  });
}

function identityOf(caller: Caller, { engagement, resource, template, clientToken }: SnapshotJobWanted): Identity {
  return {
    subject: { kind: 'job', catalog: caller.catalog, engagement, resource, template },
    of: clientToken === undefined ? 'state any' : `token ${clientToken}`,
  };
}
