import { ownedArn } from '../data/ids.js';
import { SUMMARY_VIEW } from '../data/world.js';
import { invalid, ServiceError } from '../errors.js';
import type { SnapshotJob } from '../state/snapshot-jobs.js';
import type { Tag } from '../state/tags.js';
import { nanos } from '../wire.js';
import { type Context, engagementIn, isDescending, notFound, type Operation, pageOf, textOf } from './context.js';
import { makeable, opportunityArn } from './snapshots.js';

/** Jobs of the caller; newest first unless asked otherwise. */
export const listResourceSnapshotJobs: Operation = (context) => {
  const { jobs, world } = context.state;
  const only = textOf(context, 'EngagementIdentifier');
  const engagement = only === undefined ? undefined : engagementIn(context, only);
  const status = textOf(context, 'Status');
  const items = jobs
    .ownedBy(context.owner)
    .filter((job) => engagement === undefined || job.engagement === engagement)
    .filter((job) => status === undefined || status === statusOf(job))
    .map((job) => ({
      key: `${String(job.created).padStart(15, '0')} ${job.id}`,
      write: () => ({
        Arn: arnOf(context, job),
        EngagementId: world.engagements[job.engagement],
        Id: job.id,
        Status: statusOf(job),
      }),
    }));
  return pageOf(context, 'ResourceSnapshotJobSummaries', items, 1000, isDescending(context, true));
};

export const getResourceSnapshotJob: Operation = (context) => {
  const { world } = context.state;
  const job = ownJob(context);
  return {
    Arn: arnOf(context, job),
    Catalog: world.catalog,
    CreatedAt: nanos(job.created, job.id),
    EngagementId: world.engagements[job.engagement],
    Id: job.id,
    LastFailure: job.failure,
    LastSuccessfulExecutionDate: job.succeeded === null ? null : nanos(job.succeeded, job.id),
    ResourceArn: opportunityArn(context.state, job.opportunity),
    ResourceId: world.opportunities[job.opportunity],
    ResourceSnapshotTemplateName: SUMMARY_VIEW,
    ResourceType: 'Opportunity',
    Status: statusOf(job),
  };
};

/** Makes a job that is stopped. @throws ServiceError ConflictException where the resource has one. */
export const createResourceSnapshotJob: Operation = (context) =>
  context.tokens.once(context.account.accountId, context.operation, context.request, () => {
    const { engagement, opportunity } = makeable(context);
    const { jobs } = context.state;
    if (jobs.behind(engagement, opportunity)) {
      throw new ServiceError('ConflictException', 'A resource snapshot job for this resource and template exists.');
    }
    const job = jobs.create(context.owner, engagement, opportunity);
    context.tags.set(arnOf(context, job), (context.request.Tags as readonly Tag[] | undefined) ?? []);
    return { Arn: arnOf(context, job), Id: job.id };
  });

/** Starts a job, which executes it once. Without a role for it, that execution fails. */
export const startResourceSnapshotJob: Operation = (context) => {
  const job = ownJob(context);
  const unset = context.state.roles[context.owner] === null;
  const failure = unset ? 'No role is set for resource snapshot jobs.' : context.jobFailure();
  context.state.jobs.start(job, failure);
  return null;
};

export const stopResourceSnapshotJob: Operation = (context) => {
  const job = ownJob(context);
  if (!job.running) throw wrongState('The job must be started before it can be stopped.');
  context.state.jobs.stop(job);
  return null;
};

export const deleteResourceSnapshotJob: Operation = (context) => {
  const job = ownJob(context);
  if (job.running) throw new ServiceError('ConflictException', 'The job must be stopped before it can be deleted.');
  context.state.jobs.delete(job);
  return null;
};

/** @throws ServiceError ResourceNotFoundException for a job of somebody else, too. */
function ownJob(context: Context): SnapshotJob {
  const id = textOf(context, 'ResourceSnapshotJobIdentifier') as string;
  const job = context.state.jobs.get(id);
  if (job?.owner !== context.owner) throw notFound(`Resource snapshot job with identifier ${id} was not found`);
  return job;
}

function wrongState(message: string): ServiceError {
  const error = {
    FieldName: 'ResourceSnapshotJobIdentifier',
    Message: message,
    Code: 'INVALID_RESOURCE_STATE',
  } as const;
  return invalid([error], 'BUSINESS_VALIDATION_FAILED');
}

const statusOf = (job: SnapshotJob): 'Running' | 'Stopped' => (job.running ? 'Running' : 'Stopped');

const arnOf = ({ state, account }: Context, job: SnapshotJob): string =>
  ownedArn(state.world.catalog, account.accountId, 'resource-snapshot-job', job.id);
