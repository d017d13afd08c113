import type { Json, MakingRules } from '../../../contracts/index.js';
import { NO_CALLER } from '../caller.js';
import { datasetsOf } from '../datasets.js';
import { iamAction, type OperationName } from '../operations.js';

/** What each dataset calls, by any name that it or one of its tables goes by. */
const READS: ReadonlyMap<string, readonly OperationName[]> = new Map(
  datasetsOf(NO_CALLER).flatMap(({ tables, operations }) => tables.map(({ name }) => [name, operations] as const)),
);

/** What making a snapshot calls: it looks before it asks. */
const MAKES: Readonly<Record<string, readonly OperationName[]>> = {
  OpportunitySummaryView: ['GetOpportunity', 'GetResourceSnapshot', 'CreateResourceSnapshot'],
  AwsOpportunitySummaryFullView: ['GetAwsOpportunitySummary', 'GetResourceSnapshot', 'CreateResourceSnapshot'],
};

/** What the commands call beyond that. */
const BY_HAND: readonly OperationName[] = [
  ...Object.values(MAKES).flat(),
  'ListEngagementMembers',
  'ListResourceSnapshotJobs',
  'GetResourceSnapshotJob',
  'CreateResourceSnapshotJob',
  'StartResourceSnapshotJob',
  'StopResourceSnapshotJob',
  'DeleteResourceSnapshotJob',
];

/** The resource that a statement is about, below `catalog/<name>/`; lists are about none. */
const RESOURCES: Readonly<Partial<Record<OperationName, readonly string[]>>> = {
  GetOpportunity: ['opportunity/*'],
  GetAwsOpportunitySummary: ['opportunity/*'],
  // A snapshot's ARN lies below its engagement's.
  GetResourceSnapshot: ['engagement/*'],
  CreateResourceSnapshot: ['engagement/*', 'opportunity/*'],
  CreateResourceSnapshotJob: ['engagement/*', 'opportunity/*', 'resource-snapshot-job/*'],
  GetResourceSnapshotJob: ['resource-snapshot-job/*'],
  StartResourceSnapshotJob: ['resource-snapshot-job/*'],
  StopResourceSnapshotJob: ['resource-snapshot-job/*'],
  DeleteResourceSnapshotJob: ['resource-snapshot-job/*'],
};

/**
 * The least IAM policy for what is read and made: one statement for each set of resources, all of
 * them held to the catalog. Engagements and snapshots have no account in their ARNs.
 */
export const policy: MakingRules['policy'] = ({ scope: catalog, datasets, templates, byHand }) => {
  const operations = new Set<OperationName>([
    ...datasets.flatMap((name) => READS.get(name) ?? []),
    ...templates.flatMap((name) => MAKES[name] ?? []),
    ...(byHand ? BY_HAND : []),
  ]);
  const statements = new Map<string, { resources: readonly string[]; actions: string[] }>();
  for (const operation of operations) {
    const resources = RESOURCES[operation] ?? [];
    const statement = statements.get(resources.join(' ')) ?? { resources, actions: [] };
    statement.actions.push(iamAction(operation));
    statements.set(resources.join(' '), statement);
  }
  return {
    Version: '2012-10-17',
    Statement: [...statements.values()].map(
      ({ resources, actions }): Json => ({
        Effect: 'Allow',
        Action: actions.toSorted(),
        Resource:
          resources.length === 0
            ? '*'
            : resources.map((resource) => `arn:aws:partnercentral:*:*:catalog/${catalog}/${resource}`),
        Condition: { StringEquals: { 'partnercentral:Catalog': catalog } },
      }),
    ),
  };
};
