/**
 * The operations of AWS Partner Central Selling (API version 2022-07-26) that are used here, as
 * data. Page sizes are the model's greatest; an operation's name is its IAM action as well
 * (`partnercentral:ListEngagements`).
 */

/**
 * Calls that share a quota. AWS publishes 10 a second (100,000 a day) for reads of opportunities
 * and invitations and 1 a second for writes, and nothing for engagements and snapshots.
 */
export type QuotaGroup = 'opportunity_read' | 'engagement_read' | 'write';

export interface Operation {
  readonly group: QuotaGroup;
  /** Of lists: the member that holds the items, and the largest page. */
  readonly list?: { readonly items: string; readonly pageSize: number };
  /** It speaks of an ARN, and takes no catalog. */
  readonly withoutCatalog?: true;
}

const list = (group: QuotaGroup, items: string, pageSize: number): Operation => ({ group, list: { items, pageSize } });
const READ: Operation = { group: 'engagement_read' };
const WRITE: Operation = { group: 'write' };

export const OPERATIONS = {
  ListOpportunities: list('opportunity_read', 'OpportunitySummaries', 100),
  GetOpportunity: { group: 'opportunity_read' },
  GetAwsOpportunitySummary: { group: 'opportunity_read' },
  ListEngagementInvitations: list('opportunity_read', 'EngagementInvitationSummaries', 100),
  ListEngagements: list('engagement_read', 'EngagementSummaryList', 100),
  GetEngagement: READ,
  ListEngagementMembers: list('engagement_read', 'EngagementMemberList', 10),
  ListEngagementResourceAssociations: list('engagement_read', 'EngagementResourceAssociationSummaries', 1000),
  ListResourceSnapshots: list('engagement_read', 'ResourceSnapshotSummaries', 1000),
  GetResourceSnapshot: READ,
  ListResourceSnapshotJobs: list('engagement_read', 'ResourceSnapshotJobSummaries', 1000),
  GetResourceSnapshotJob: READ,
  GetSellingSystemSettings: READ,
  ListTagsForResource: { group: 'engagement_read', withoutCatalog: true },
  CreateResourceSnapshot: WRITE,
  CreateResourceSnapshotJob: WRITE,
  StartResourceSnapshotJob: WRITE,
  StopResourceSnapshotJob: WRITE,
  DeleteResourceSnapshotJob: WRITE,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;

/** What is known of an operation. */
export function operationOf(name: OperationName): Operation {
  return OPERATIONS[name];
}

/** The IAM action that allows an operation. */
export function iamAction(name: OperationName): string {
  return `partnercentral:${name}`;
}
