import { awsSummary } from '../data/aws-summary.js';
import { type OpportunityContent, opportunityRelations } from '../data/opportunity.js';
import { invalid, ServiceError } from '../errors.js';
import type { CatalogState } from '../state/catalog.js';
import { milliseconds, wholeSeconds } from '../wire.js';
import {
  type Context,
  isDescending,
  listIn,
  notFound,
  type Operation,
  ownOpportunity,
  pageOf,
  textOf,
} from './context.js';
import { opportunityArn } from './snapshots.js';

/** Members that UpdateOpportunity sets. */
const SETTABLE = [
  'Customer',
  'LifeCycle',
  'Marketing',
  'NationalSecurity',
  'OpportunityType',
  'PartnerOpportunityIdentifier',
  'PrimaryNeedsFromAws',
  'Project',
  'SoftwareRevenue',
] as const satisfies readonly (keyof OpportunityContent)[];

type Range = Readonly<Record<string, string | undefined>> | null | undefined;

/** Newest change first, unless asked otherwise. */
export const listOpportunities: Operation = (context) => {
  const { state, owner, request } = context;
  const sortBy = (request.Sort as { SortBy?: string } | null | undefined)?.SortBy ?? 'LastModifiedDate';
  const fits = filterOf(context);
  const items = state.world.opportunities.flatMap((id, number) => {
    if (state.world.ownerOfOpportunity(number) !== owner || !fits(id, number)) return [];
    const key = `${(SORT_KEYS[sortBy] as SortKey)(state, number)} ${id}`;
    return [{ key, write: () => summary(state, number) }];
  });
  return pageOf(context, 'OpportunitySummaries', items, 100, isDescending(context, true));
};

type SortKey = (state: CatalogState, number: number) => string;

const padded = (ms: number): string => String(ms).padStart(15, '0');

const SORT_KEYS: Readonly<Record<string, SortKey>> = {
  LastModifiedDate: (state, number) => padded(state.opportunities.lastModified(number)),
  CreatedDate: (state, number) => padded(state.opportunities.created(number)),
  Identifier: (state, number) => (state.world.opportunities[number] as string).slice(1).padStart(19, '0'),
  CustomerCompanyName: (state, number) => companyOf(state.opportunities.content(number)),
  TargetCloseDate: (state, number) => String(state.opportunities.content(number).LifeCycle?.TargetCloseDate),
};

/** Whether an opportunity is asked for. Bounds are included: "on or after", "on or before". */
function filterOf(context: Context): (id: string, number: number) => boolean {
  const { opportunities } = context.state;
  const { request } = context;
  const modified = range(request.LastModifiedDate as Range, 'LastModifiedDate');
  const created = range(request.CreatedDate as Range, 'CreatedDate');
  const closing = range(request.TargetCloseDate as Range, 'TargetCloseDate');
  const ids = listIn(context, 'Identifier');
  const [stages, reviews] = [listIn(context, 'LifeCycleStage'), listIn(context, 'LifeCycleReviewStatus')];
  const companies = listIn(context, 'CustomerCompanyName');
  const looksInside = stages ?? reviews ?? companies ?? request.TargetCloseDate;
  return (id, number) => {
    if (ids?.includes(id) === false || !created(opportunities.created(number))) return false;
    if (!modified(opportunities.lastModified(number))) return false;
    if (!looksInside) return true;
    const content = opportunities.content(number);
    const { Stage, ReviewStatus, TargetCloseDate } = content.LifeCycle ?? {};
    return (
      (stages?.includes(String(Stage)) ?? true) &&
      (reviews?.includes(String(ReviewStatus)) ?? true) &&
      (companies?.includes(companyOf(content)) ?? true) &&
      closing(Date.parse(String(TargetCloseDate)))
    );
  };
}

export const getOpportunity: Operation = (context) => {
  const number = ownOpportunity(context, textOf(context, 'Identifier') as string);
  return opportunityAnswer(context.state, number);
};

/** The whole of GetOpportunity's answer. */
export function opportunityAnswer(state: CatalogState, number: number): Record<string, unknown> {
  const { world, opportunities } = state;
  return {
    Arn: opportunityArn(state, number),
    Catalog: world.catalog,
    CreatedDate: wholeSeconds(opportunities.created(number)),
    Id: world.opportunities[number],
    LastModifiedDate: milliseconds(opportunities.lastModified(number)),
    ...opportunities.content(number),
    ...opportunityRelations(number),
  };
}

/**
 * Sets the members that it is given, and of objects among them the members that those have; the
 * rest stays as it is.
 * @throws ServiceError ConflictException where `LastModifiedDate` is not that of the newest version.
 */
export const updateOpportunity: Operation = (context) => {
  const { opportunities, views, jobs, world } = context.state;
  const number = ownOpportunity(context, textOf(context, 'Identifier') as string);
  if (Date.parse(textOf(context, 'LastModifiedDate') as string) !== opportunities.lastModified(number)) {
    throw new ServiceError(
      'ConflictException',
      'The opportunity has been modified: LastModifiedDate is not the newest.',
    );
  }
  const stage = (context.request.LifeCycle as { Stage?: string } | undefined)?.Stage;
  const reason = (context.request.LifeCycle as { ClosedLostReason?: string } | undefined)?.ClosedLostReason;
  if (stage === 'Closed Lost' && !reason) {
    const message = 'ClosedLostReason is required where Stage is Closed Lost';
    const error = {
      FieldName: 'LifeCycle.ClosedLostReason',
      Message: message,
      Code: 'REQUIRED_FIELD_MISSING',
    } as const;
    throw invalid([error], 'BUSINESS_VALIDATION_FAILED');
  }
  views.settleAll(number);
  const given = SETTABLE.filter((name) => context.request[name] !== undefined);
  opportunities.update(number, Object.fromEntries(given.map((name) => [name, context.request[name]])));
  jobs.opportunityChanged(number);
  return {
    Id: world.opportunities[number],
    LastModifiedDate: milliseconds(opportunities.lastModified(number)),
  };
};

/** What AWS knows; nothing yet of an opportunity that has not been submitted. */
export const getAwsOpportunitySummary: Operation = (context) => {
  const { world, timeline, opportunities } = context.state;
  const identifier = textOf(context, 'RelatedOpportunityIdentifier') as string;
  const number = ownOpportunity(context, identifier);
  if (opportunities.content(number).LifeCycle?.ReviewStatus === 'Pending Submission') {
    throw notFound(`AWS opportunity summary of ${identifier} was not found`);
  }
  return { ...awsSummary(world, timeline, number, opportunities.state(number).stand), Catalog: world.catalog };
};

const companyOf = (content: OpportunityContent): string =>
  String((content.Customer?.Account as { CompanyName?: string } | undefined)?.CompanyName);

/** The short form of a list: fewer members, no ARN, and amounts with a decimal where there were none. */
function summary(state: CatalogState, number: number): Record<string, unknown> {
  const content = state.opportunities.content(number);
  const account = content.Customer?.Account as Record<string, unknown> | undefined;
  const address = account?.Address as Record<string, unknown> | undefined;
  const project = content.Project as Record<string, unknown> | null;
  const spends = project?.ExpectedCustomerSpend as readonly { Amount: string }[] | null | undefined;
  const of = (members: Record<string, unknown> | null | undefined, names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, members?.[name] ?? null]));
  return {
    Arn: null,
    Catalog: state.world.catalog,
    CreatedDate: wholeSeconds(state.opportunities.created(number)),
    Customer: {
      Account: {
        Address: of(address, ['City', 'CountryCode', 'PostalCode', 'StateOrRegion']),
        ...of(account, ['CompanyName', 'Industry', 'OtherIndustry', 'WebsiteUrl']),
      },
    },
    Id: state.world.opportunities[number],
    LastModifiedDate: milliseconds(state.opportunities.lastModified(number)),
    LifeCycle: of(content.LifeCycle, [
      'ClosedLostReason',
      'NextSteps',
      'ReviewComments',
      'ReviewStatus',
      'ReviewStatusReason',
      'Stage',
      'TargetCloseDate',
    ]),
    OpportunityType: content.OpportunityType,
    PartnerOpportunityIdentifier: content.PartnerOpportunityIdentifier,
    Project: {
      DeliveryModels: project?.DeliveryModels ?? null,
      ExpectedCustomerSpend:
        spends?.map((one) => ({ ...one, Amount: /^\d+$/.test(one.Amount) ? `${one.Amount}.0` : one.Amount })) ?? null,
    },
  };
}

function range(bounds: Range, name: string): (ms: number) => boolean {
  const [after, before] = [bounds?.[`After${name}`], bounds?.[`Before${name}`]];
  return (ms) => (after === undefined || ms >= Date.parse(after)) && (before === undefined || ms <= Date.parse(before));
}
