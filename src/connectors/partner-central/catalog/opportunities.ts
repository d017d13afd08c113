import type { Field, Table } from '../../../contracts/index.js';
import { CATALOG, columns, day, instant, struct, structs, table, text, texts } from './fields.js';
import {
  AWS_SUMMARY,
  CONTACT,
  CONTRACT_DURATION,
  CUSTOMER,
  EXPECTED_SPEND,
  MONETARY_VALUE,
  NEXT_STEPS_HISTORY,
  RELATED_ENTITIES,
} from './shapes.js';

/** The answer of GetOpportunity. */
const OPPORTUNITY: readonly Field[] = [
  text('Id'),
  text('Arn'),
  text('PartnerOpportunityIdentifier'),
  text('OpportunityType'),
  instant('CreatedDate'),
  instant('LastModifiedDate'),
  struct('LifeCycle', [
    text('Stage'),
    text('ClosedLostReason'),
    text('NextSteps'),
    day('TargetCloseDate'),
    text('ReviewStatus'),
    text('ReviewComments'),
    text('ReviewStatusReason'),
    NEXT_STEPS_HISTORY,
  ]),
  struct('Customer', CUSTOMER),
  struct('Project', [
    texts('DeliveryModels'),
    EXPECTED_SPEND,
    CONTRACT_DURATION,
    text('Title'),
    texts('ApnPrograms'),
    text('CustomerBusinessProblem'),
    text('CustomerUseCase'),
    text('RelatedOpportunityIdentifier'),
    texts('SalesActivities'),
    text('CompetitorName'),
    text('OtherCompetitorNames'),
    text('OtherSolutionDescription'),
    text('AdditionalComments'),
    text('AwsPartition'),
  ]),
  texts('PrimaryNeedsFromAws'),
  text('NationalSecurity'),
  struct('Marketing', [
    text('CampaignName'),
    text('Source'),
    texts('UseCases'),
    texts('Channels'),
    text('AwsFundingUsed'),
  ]),
  struct('SoftwareRevenue', [
    text('DeliveryModel'),
    struct('Value', MONETARY_VALUE),
    day('EffectiveDate'),
    day('ExpirationDate'),
  ]),
  RELATED_ENTITIES,
  structs('OpportunityTeam', CONTACT),
];

export const OPPORTUNITIES: Table = table({
  name: 'opportunities',
  columns: columns(OPPORTUNITY, ['id', 'last_modified_date']),
  key: ['id'],
  mode: 'replace',
  scopeOf: CATALOG,
  sliceOf: 'id',
  description: 'Opportunities as they stood when they were last fetched: one row each.',
});

export const OPPORTUNITY_VERSIONS: Table = table({
  name: 'opportunity_versions',
  columns: OPPORTUNITIES.columns,
  key: ['id', 'last_modified_date'],
  mode: 'append',
  scopeOf: CATALOG,
  sliceOf: 'id',
  description: 'Every state of an opportunity that was ever fetched, by its date of last modification.',
});

export const AWS_OPPORTUNITY_SUMMARIES: Table = table({
  name: 'aws_opportunity_summaries',
  columns: columns(AWS_SUMMARY, ['related_opportunity_id']),
  key: ['related_opportunity_id'],
  mode: 'replace',
  scopeOf: CATALOG,
  description: "AWS's own view of each opportunity, as it stands now.",
});
