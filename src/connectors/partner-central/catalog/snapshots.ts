import type { Field, Table } from '../../../contracts/index.js';
import {
  CATALOG,
  column,
  columns,
  day,
  instant,
  integer,
  open,
  printed,
  required,
  struct,
  structs,
  table,
  text,
  texts,
} from './fields.js';
import { AWS_SUMMARY, CONTACT, CONTRACT_DURATION, CUSTOMER, EXPECTED_SPEND, RELATED_ENTITIES } from './shapes.js';

/** Every snapshot revision, whatever its template, with its payload whole. */
export const RESOURCE_SNAPSHOTS: Table = table({
  name: 'resource_snapshots',
  columns: [
    required(column(text('EngagementId'))),
    column(text('ResourceType')),
    required(column(text('ResourceId'))),
    required(column(text('ResourceSnapshotTemplateName'))),
    required(column(integer('Revision'), 'Counts from 1 within engagement, resource and template.')),
    column(text('Arn')),
    column(instant('CreatedAt')),
    printed('CreatedAt'),
    column(text('CreatedBy')),
    column(texts('TargetMemberAccounts'), 'Accounts that the snapshot is shared with; `aws` is one.'),
    column(open('Payload'), 'The whole payload as the service sent it, nulls and all.'),
  ],
  key: ['engagement_id', 'resource_id', 'resource_snapshot_template_name', 'revision'],
  mode: 'append',
  scopeOf: CATALOG,
  description: 'Every snapshot revision of every engagement, its payload whole. Immutable: each is fetched once.',
});

/** What is shared with all members of an engagement (template `OpportunitySummaryView`); it spells `Lifecycle` so. */
export const OPPORTUNITY_SUMMARY: readonly Field[] = [
  text('OpportunityType'),
  struct('Lifecycle', [day('TargetCloseDate'), text('ReviewStatus'), text('Stage'), text('NextSteps')]),
  structs('OpportunityTeam', CONTACT),
  texts('PrimaryNeedsFromAws'),
  struct('Customer', CUSTOMER),
  struct('Project', [
    texts('DeliveryModels'),
    EXPECTED_SPEND,
    CONTRACT_DURATION,
    text('CustomerUseCase'),
    texts('SalesActivities'),
    text('OtherSolutionDescription'),
  ]),
  RELATED_ENTITIES,
];

/** A payload typed: the members of the union's branch, and which snapshot they are of. */
function payloadTable(name: string, branch: string, fields: readonly Field[], description: string): Table {
  const key = ['engagement_id', 'resource_id', 'revision'];
  const outer = [
    text('EngagementId'),
    text('ResourceId'),
    integer('Revision'),
    instant('CreatedAt'),
    text('CreatedBy'),
  ];
  return table({
    name,
    columns: columns([...outer, ...fields], key),
    key,
    mode: 'append',
    within: { path: ['Payload', branch], outer: outer.map(({ source }) => source) },
    description,
  });
}

export const OPPORTUNITY_SUMMARY_SNAPSHOTS = payloadTable(
  'opportunity_summary_snapshots',
  'OpportunitySummary',
  OPPORTUNITY_SUMMARY,
  'Snapshots of template OpportunitySummaryView, typed: what the members of an engagement see of an opportunity.',
);

export const AWS_OPPORTUNITY_SUMMARY_SNAPSHOTS = payloadTable(
  'aws_opportunity_summary_snapshots',
  'AwsOpportunitySummaryFullView',
  AWS_SUMMARY,
  "Snapshots of template AwsOpportunitySummaryFullView, typed: AWS's own view, shown to the opportunity's owner.",
);

/** Branches of the payload's union that have a table; what comes under another name is kept whole only. */
export const TYPED_PAYLOADS: ReadonlySet<string> = new Set(['OpportunitySummary', 'AwsOpportunitySummaryFullView']);
