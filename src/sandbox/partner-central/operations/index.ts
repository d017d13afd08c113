import type { OperationName } from '../requests.js';
import type { Operation } from './context.js';
import * as engagements from './engagements.js';
import * as opportunities from './opportunities.js';
import * as settings from './settings.js';
import * as jobs from './snapshot-jobs.js';
import * as snapshots from './snapshots.js';

/** What plays each operation. */
export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  ListEngagements: engagements.listEngagements,
  GetEngagement: engagements.getEngagement,
  ListEngagementMembers: engagements.listEngagementMembers,
  ListEngagementResourceAssociations: engagements.listEngagementResourceAssociations,
  ListEngagementInvitations: engagements.listEngagementInvitations,
  GetEngagementInvitation: engagements.getEngagementInvitation,
  ListResourceSnapshots: snapshots.listResourceSnapshots,
  GetResourceSnapshot: snapshots.getResourceSnapshot,
  CreateResourceSnapshot: snapshots.createResourceSnapshot,
  ListResourceSnapshotJobs: jobs.listResourceSnapshotJobs,
  GetResourceSnapshotJob: jobs.getResourceSnapshotJob,
  CreateResourceSnapshotJob: jobs.createResourceSnapshotJob,
  StartResourceSnapshotJob: jobs.startResourceSnapshotJob,
  StopResourceSnapshotJob: jobs.stopResourceSnapshotJob,
  DeleteResourceSnapshotJob: jobs.deleteResourceSnapshotJob,
  ListOpportunities: opportunities.listOpportunities,
  GetOpportunity: opportunities.getOpportunity,
  UpdateOpportunity: opportunities.updateOpportunity,
  GetAwsOpportunitySummary: opportunities.getAwsOpportunitySummary,
  ListTagsForResource: settings.listTagsForResource,
  TagResource: settings.tagResource,
  UntagResource: settings.untagResource,
  GetSellingSystemSettings: settings.getSellingSystemSettings,
  PutSellingSystemSettings: settings.putSellingSystemSettings,
};
