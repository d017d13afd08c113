import { SANDBOX_AWS_ACCOUNTS } from '../identities.js';
import { nanos } from '../wire.js';
import type { Timeline } from './timeline.js';
import type { Owner, PartnerWorld } from './world.js';

const HOUR = 3_600_000;

/** A member of an engagement; AWS itself is one of many. */
export interface Member {
  readonly AccountId: string;
  readonly CompanyName: string;
  readonly WebsiteUrl: string | null;
}

/** An engagement's own facts. */
export interface Engagement {
  readonly created: number;
  /** Account id, or `aws`. */
  readonly createdBy: string;
  /** Null where it has not been modified. */
  readonly modified: number | null;
  readonly title: string;
  readonly description: string | null;
  readonly members: readonly Member[];
  readonly contexts: readonly Record<string, unknown>[];
}

/** An engagement, as a pure function of its number. */
export function engagementOf(world: PartnerWorld, timeline: Timeline, engagement: number): Engagement {
  const owner = SANDBOX_AWS_ACCOUNTS[world.ownerOfEngagement(engagement)];
  const resources = world.sharedIn(engagement);
  const created = resources.length > 0 ? timeline.created(resources[0] as number) : timeline.created(engagement);
  return {
    created: created + engagement,
    createdBy: engagement % 6 === 5 ? 'aws' : owner.accountId,
    modified: engagement % 3 === 0 ? created + HOUR : null,
    title: `Engagement ${engagement} 🤝`,
    description: engagement % 4 === 3 ? null : 'Two partners, one "customer"',
    members: members(world, engagement),
    contexts: contexts(world, timeline, engagement),
  };
}

/** The accounts of the sandbox that are in it, other partners, and AWS in every second: ten at most. */
function members(world: PartnerWorld, engagement: number): Member[] {
  const ours = ([0, 1] as const).filter((owner: Owner) => world.isMember(engagement, owner));
  const others = engagement % 50 === 7 ? 7 : world.hash('members', engagement) % 3;
  return [
    ...ours.map((owner) => {
      const { accountId, companyName } = SANDBOX_AWS_ACCOUNTS[owner];
      return { AccountId: accountId, CompanyName: companyName, WebsiteUrl: `https://partner-${owner}.example` };
    }),
    ...Array.from({ length: others }, (_, place) => ({
      AccountId: String(700_000_000_000 + (world.hash('member', engagement, place) % 1_000_000)),
      CompanyName: `Third Partner ${place}`,
      WebsiteUrl: null,
    })),
    ...(engagement % 2 === 0 ? [{ AccountId: 'aws', CompanyName: 'AWS', WebsiteUrl: 'https://aws.amazon.com' }] : []),
  ];
}

function contexts(world: PartnerWorld, timeline: Timeline, engagement: number): Record<string, unknown>[] {
  if (world.sharedIn(engagement).length === 0) return [lead(timeline, engagement)];
  const customer = {
    CompanyName: `Willms - Wyman ${engagement}`,
    CountryCode: 'US',
    Industry: 'Retail',
    WebsiteUrl: 'wade.example',
  };
  const project = {
    BusinessProblem: 'Historically taken a regional approach to Access Management',
    TargetCompletionDate: '2027-05-12',
    Title: `Project ${engagement}`,
  };
  const payload = { CustomerProject: { Customer: customer, Project: project } };
  return [{ ...(engagement % 2 === 1 && { Id: '1' }), Payload: payload, Type: 'CustomerProject' }];
}

function lead(timeline: Timeline, engagement: number): Record<string, unknown> {
  const contact = { BusinessTitle: 'CTO', Email: 'lead@customer.example', FirstName: 'A', LastName: 'B', Phone: null };
  const interaction = {
    BusinessProblem: null,
    Contact: contact,
    CustomerAction: 'Downloaded a white paper',
    InteractionDate: nanos(timeline.created(engagement), 'interaction', engagement),
    SourceId: null,
    SourceName: 'Fair',
    SourceType: 'Event',
    Usecase: null,
  };
  const customer = { CompanyName: 'Lead Inc', Industry: null, MarketSegment: 'Enterprise', WebsiteUrl: null };
  const payload = { Lead: { Customer: customer, Interactions: [interaction], QualificationStatus: 'Qualified' } };
  return { Id: '1', Payload: payload, Type: 'Lead' };
}
