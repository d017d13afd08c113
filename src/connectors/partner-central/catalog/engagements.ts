import type { Table } from '../../../contracts/index.js';
import { CATALOG, columns, instant, integer, struct, table, text, texts } from './fields.js';

export const ENGAGEMENTS: Table = table({
  name: 'engagements',
  columns: columns(
    [
      text('Id'),
      text('Arn'),
      text('Title'),
      instant('CreatedAt'),
      text('CreatedBy'),
      integer('MemberCount'),
      instant('ModifiedAt'),
      text('ModifiedBy'),
      texts('ContextTypes'),
    ],
    ['id'],
  ),
  key: ['id'],
  mode: 'replace',
  description: 'Engagements that this account is a member of.',
});

export const ENGAGEMENT_MEMBERS: Table = table({
  name: 'engagement_members',
  columns: columns(
    [text('EngagementId'), text('AccountId'), text('CompanyName'), text('WebsiteUrl')],
    ['engagement_id'],
  ),
  key: ['engagement_id', 'account_id'],
  mode: 'replace',
  sliceOf: 'engagement_id',
  description: 'Companies that take part in each engagement.',
});

export const ENGAGEMENT_RESOURCE_ASSOCIATIONS: Table = table({
  name: 'engagement_resource_associations',
  columns: columns(
    [text('EngagementId'), text('ResourceType'), text('ResourceId'), text('CreatedBy')],
    ['engagement_id', 'resource_id'],
  ),
  key: ['engagement_id', 'resource_type', 'resource_id'],
  mode: 'replace',
  scopeOf: CATALOG,
  description: 'Which opportunities stand in which engagements.',
});

export const ENGAGEMENT_INVITATIONS: Table = table({
  name: 'engagement_invitations',
  columns: columns(
    [
      text('Id'),
      text('Arn'),
      text('ParticipantType'),
      text('PayloadType'),
      text('Status'),
      text('EngagementId'),
      text('EngagementTitle'),
      instant('InvitationDate'),
      instant('ExpirationDate'),
      text('SenderAwsAccountId'),
      text('SenderCompanyName'),
      struct('Receiver', [struct('Account', [text('Alias'), text('AwsAccountId')])]),
    ],
    ['id'],
  ),
  key: ['id'],
  mode: 'replace',
  scopeOf: CATALOG,
  description: 'Invitations to engagements, sent and received.',
});

export const RESOURCE_SNAPSHOT_JOBS: Table = table({
  name: 'resource_snapshot_jobs',
  columns: columns(
    [
      text('Id'),
      text('Arn'),
      text('EngagementId'),
      text('ResourceType'),
      text('ResourceId'),
      text('ResourceArn'),
      text('ResourceSnapshotTemplateName'),
      instant('CreatedAt'),
      text('Status'),
      instant('LastSuccessfulExecutionDate'),
      text('LastFailure'),
    ],
    ['id'],
  ),
  key: ['id'],
  mode: 'replace',
  scopeOf: CATALOG,
  description: 'Snapshot jobs of this account: status, last success, last failure.',
});
