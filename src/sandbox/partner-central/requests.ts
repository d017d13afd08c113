import type { FieldError } from './errors.js';
import { invalid, ServiceError } from './errors.js';
import { anyObject, instant, integer, listOf, type Members, oneOf, required, structure, text } from './shapes.js';
import { CATALOGS, STAGES } from './types.js';

/** The members of every request, with the patterns and bounds of the service's model (2022-07-26). */

const catalog = required(text(/[a-zA-Z]+/));
const account = text(/([0-9]{12}|\w{1,12})/);
const date = text(/[1-9][0-9]{3}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])/);
const engagement = text(/eng-[0-9a-z]{14}/);
const engagementOrArn = text(/(arn:.*|eng-[0-9a-z]{14})/);
const invitationOrArn = text(/(?=.{1,255}$)(arn:.*|engi-[0-9a-z]{13})/);
const opportunity = text(/O[0-9]{1,19}/);
const job = required(text(/job-[0-9a-z]{13}/));
const resourceType = oneOf('Opportunity');
const template = text(/[a-zA-Z0-9]{3,80}/);
const clientToken = required(text(/.{1,255}/));
const taggable = required(
  text(
    /(?=.{1,1000}$)arn:[\w+=/,.@-]+:partnercentral:[\w+=/,.@-]*:[0-9]{12}:catalog\/([a-zA-Z]+)\/[\w+=,.@-]+(\/[\w+=,.@-]+)*/,
  ),
);
const tagKey = required(text(/(?=.{1,128}$)([\p{L}\p{Z}\p{N}_.:/=+\-@]*)/u));
const tagValue = required(text(/(?=.{0,256}$)([\p{L}\p{Z}\p{N}_.:/=+\-@]*)/u));
const tags = listOf(structure({ Key: tagKey, Value: tagValue }), 1, 200);
const contexts = listOf(oneOf('CustomerProject', 'Lead', 'ProspectingResult'), 0, 5);
const reviews = ['Pending Submission', 'Submitted', 'In review', 'Approved', 'Rejected', 'Action Required'];
const anyText = text(/[\s\S]*/);

const paged = (greatest: number): Members => ({ MaxResults: integer(1, greatest), NextToken: anyText });

const sorted = (...by: readonly string[]) =>
  structure({ SortBy: required(oneOf(...by)), SortOrder: required(oneOf('ASCENDING', 'DESCENDING')) });

const resource: Members = {
  Catalog: catalog,
  EngagementIdentifier: required(engagement),
  ResourceType: required(resourceType),
  ResourceIdentifier: required(opportunity),
  ResourceSnapshotTemplateIdentifier: required(template),
};

const opportunityMembers: Members = {
  PrimaryNeedsFromAws: listOf(anyText, 0, 100),
  NationalSecurity: oneOf('Yes', 'No'),
  PartnerOpportunityIdentifier: text(/[\s\S]{0,64}/),
  Customer: anyObject,
  Project: anyObject,
  OpportunityType: oneOf('Net New Business', 'Flat Renewal', 'Expansion'),
  Marketing: anyObject,
  SoftwareRevenue: anyObject,
  LifeCycle: structure({ Stage: oneOf(...STAGES), ReviewStatus: oneOf(...reviews), TargetCloseDate: date }),
};

/** Every operation that the sandbox plays, and what it may be asked. */
export const REQUESTS = {
  ListEngagements: {
    Catalog: catalog,
    ...paged(100),
    CreatedBy: listOf(account, 1, 10),
    ExcludeCreatedBy: listOf(account, 1, 10),
    ContextTypes: contexts,
    ExcludeContextTypes: contexts,
    Sort: sorted('CreatedDate'),
    EngagementIdentifier: listOf(engagementOrArn, 1, 10),
  },
  GetEngagement: { Catalog: catalog, Identifier: required(engagementOrArn) },
  ListEngagementMembers: { Catalog: catalog, Identifier: required(engagementOrArn), ...paged(10) },
  ListEngagementResourceAssociations: {
    Catalog: catalog,
    ...paged(1000),
    EngagementIdentifier: engagement,
    ResourceType: resourceType,
    ResourceIdentifier: opportunity,
    CreatedBy: account,
  },
  ListEngagementInvitations: {
    Catalog: catalog,
    ...paged(100),
    ParticipantType: required(oneOf('SENDER', 'RECEIVER')),
    PayloadType: listOf(oneOf('OpportunityInvitation', 'LeadInvitation'), 0, 2),
    Status: listOf(oneOf('ACCEPTED', 'PENDING', 'REJECTED', 'EXPIRED'), 1, 10),
    EngagementIdentifier: listOf(engagementOrArn, 1, 10),
    SenderAwsAccountId: listOf(account, 1, 10),
    Sort: sorted('InvitationDate'),
  },
  GetEngagementInvitation: { Catalog: catalog, Identifier: required(invitationOrArn) },
  ListResourceSnapshots: {
    Catalog: catalog,
    ...paged(1000),
    EngagementIdentifier: required(engagement),
    ResourceType: resourceType,
    ResourceIdentifier: opportunity,
    ResourceSnapshotTemplateIdentifier: template,
    CreatedBy: account,
  },
  GetResourceSnapshot: { ...resource, Revision: integer(1) },
  CreateResourceSnapshot: { ...resource, ClientToken: clientToken },
  ListResourceSnapshotJobs: {
    Catalog: catalog,
    ...paged(1000),
    EngagementIdentifier: engagement,
    Status: oneOf('Running', 'Stopped'),
    Sort: structure({ SortBy: oneOf('CreatedDate'), SortOrder: oneOf('ASCENDING', 'DESCENDING') }),
  },
  GetResourceSnapshotJob: { Catalog: catalog, ResourceSnapshotJobIdentifier: job },
  CreateResourceSnapshotJob: { ...resource, ClientToken: clientToken, Tags: tags },
  StartResourceSnapshotJob: { Catalog: catalog, ResourceSnapshotJobIdentifier: job },
  StopResourceSnapshotJob: { Catalog: catalog, ResourceSnapshotJobIdentifier: job },
  DeleteResourceSnapshotJob: { Catalog: catalog, ResourceSnapshotJobIdentifier: job },
  ListOpportunities: {
    Catalog: catalog,
    ...paged(100),
    Sort: sorted('LastModifiedDate', 'Identifier', 'CustomerCompanyName', 'CreatedDate', 'TargetCloseDate'),
    LastModifiedDate: structure({ AfterLastModifiedDate: instant, BeforeLastModifiedDate: instant }),
    CreatedDate: structure({ AfterCreatedDate: instant, BeforeCreatedDate: instant }),
    TargetCloseDate: structure({ AfterTargetCloseDate: date, BeforeTargetCloseDate: date }),
    Identifier: listOf(opportunity, 0, 20),
    LifeCycleStage: listOf(oneOf(...STAGES), 0, 10),
    LifeCycleReviewStatus: listOf(oneOf(...reviews), 0, 10),
    CustomerCompanyName: listOf(anyText, 0, 10),
  },
  GetOpportunity: { Catalog: catalog, Identifier: required(opportunity) },
  UpdateOpportunity: {
    Catalog: catalog,
    Identifier: required(opportunity),
    LastModifiedDate: required(instant),
    ...opportunityMembers,
  },
  GetAwsOpportunitySummary: { Catalog: catalog, RelatedOpportunityIdentifier: required(opportunity) },
  ListTagsForResource: { ResourceArn: taggable },
  TagResource: { ResourceArn: taggable, Tags: required(tags) },
  UntagResource: { ResourceArn: taggable, TagKeys: required(listOf(tagKey, 1, 200)) },
  GetSellingSystemSettings: { Catalog: catalog },
  PutSellingSystemSettings: {
    Catalog: catalog,
    ResourceSnapshotJobRoleIdentifier: text(
      /(?=.{0,2048}$)(arn:aws:iam::\d{12}:role\/([-+=,.@_a-zA-Z0-9]+\/)*)?[-+=,.@_a-zA-Z0-9]{1,64}/,
    ),
  },
} as const satisfies Readonly<Record<string, Members>>;

export type OperationName = keyof typeof REQUESTS;

export const isOperation = (name: string): name is OperationName => Object.hasOwn(REQUESTS, name);

/**
 * Reads the body of a request and holds it against its shape.
 * @throws ServiceError SerializationException, or ValidationException with every member that is wrong.
 */
export function readRequest(operation: OperationName, body: string): Readonly<Record<string, unknown>> {
  let request: unknown;
  try {
    request = JSON.parse(body);
  } catch {
    throw new ServiceError('SerializationException', 'The request is no JSON');
  }
  const errors: FieldError[] = [];
  structure(REQUESTS[operation]).check(request, '', errors);
  const asked = (request as Record<string, unknown>).Catalog;
  if (typeof asked === 'string' && !(CATALOGS as readonly string[]).includes(asked) && errors.length === 0) {
    const message = `Value "${asked}" at 'Catalog' failed to satisfy constraint: Member must satisfy enum value set: [AWS, Sandbox]`;
    errors.push({ FieldName: 'Catalog', Message: message, Code: 'INVALID_ENUM_VALUE' });
  }
  if (errors.length > 0) throw invalid(errors);
  return request as Readonly<Record<string, unknown>>;
}
