import { addDays } from '../../../base/days.js';
import { NAMES } from '../../data/text.js';
import { STAGES } from '../types.js';
import { dayOf } from '../wire.js';
import type { Stand, Timeline } from './timeline.js';
import type { PartnerWorld } from './world.js';

const INDUSTRIES = ['Retail', 'Healthcare', 'Energy - Oil and Gas', 'Non-Profit Organization', 'Other'] as const;
const NEEDS = [
  'Co-Sell - Architectural Validation',
  'Co-Sell - Pricing Assistance',
  'Co-Sell - Support for Public Tender / RFx',
] as const;
const CURRENCIES = ['USD', 'EUR', 'JPY', 'INR'] as const;
const MODELS = ['SaaS or PaaS', 'Professional Services', 'BYOL or AMI', 'Managed Services'] as const;
const TYPES = ['Net New Business', 'Flat Renewal', 'Expansion'] as const;

/** Members of an opportunity that UpdateOpportunity may set, or a part of them. */
export interface OpportunityContent {
  readonly Customer: Record<string, unknown> | null;
  readonly LifeCycle: Record<string, unknown> | null;
  readonly Marketing: Record<string, unknown> | null;
  readonly NationalSecurity: string | null;
  readonly OpportunityType: string | null;
  readonly PartnerOpportunityIdentifier: string | null;
  readonly PrimaryNeedsFromAws: readonly string[] | null;
  readonly Project: Record<string, unknown> | null;
  readonly SoftwareRevenue: Record<string, unknown> | null;
}

/** What GetOpportunity says besides, which only associations change. */
export interface OpportunityRelations {
  readonly OpportunityTeam: readonly Record<string, unknown>[];
  readonly RelatedEntityIdentifiers: Record<string, unknown>;
}

/** How often each of the fields that covered changes take turns with has changed. */
function turns(covered: number) {
  const of = (field: number) => Math.floor((covered + 4 - field) / 5);
  return { stage: of(0), spend: of(1), nextSteps: of(2), closeDate: of(3), needs: of(4) };
}

/** An opportunity as its partner keeps it: a pure function of its number and how much it changed. */
export function opportunityContent(
  world: PartnerWorld,
  timeline: Timeline,
  opportunity: number,
  stand: Stand,
): OpportunityContent {
  const hash = (purpose: string) => world.hash('opportunity', opportunity, purpose);
  const pick = <T>(list: readonly T[], purpose: string): T => list[hash(purpose) % list.length] as T;
  const count = turns(stand.covered);
  const stage = STAGES[(hash('stage') + count.stage) % STAGES.length] as string;
  const created = dayOf(timeline.created(opportunity));
  const name = NAMES[hash('name') % NAMES.length]?.raw ?? '';
  const silent = opportunity % 6 === 4 && count.nextSteps % 2 === 0;
  const nextSteps = silent ? null : `${pick(NAMES, 'steps').raw} (${count.nextSteps})`.trim();
  return {
    Customer: {
      Account: {
        Address: {
          City: opportunity % 4 === 0 ? null : 'São Paulo',
          CountryCode: pick(['US', 'BR', 'LT', 'IN'], 'country'),
          PostalCode: `0${1000 + (hash('postal') % 9000)}`,
          StateOrRegion: null,
          StreetAddress: null,
        },
        AwsAccountId: opportunity % 3 === 0 ? `0${String(10_000_000_000 + hash('aws account')).slice(-11)}` : null,
        CompanyName: `${name.trim()} ${opportunity}`,
        Duns: opportunity % 7 === 2 ? String(100_000_000 + (hash('duns') % 900_000_000)).slice(0, 9) : null,
        Industry: pick(INDUSTRIES, 'industry'),
        OtherIndustry: pick(INDUSTRIES, 'industry') === 'Other' ? 'Umbrellas 日傘' : null,
        WebsiteUrl: `www.customer-${opportunity}.example`,
      },
      Contacts: [
        {
          BusinessTitle: 'VP of Engineering',
          Email: `contact-${opportunity}@customer.example`,
          FirstName: 'Eleonore',
          LastName: "O'Neil",
          Phone: '+14164208519',
        },
      ],
    },
    LifeCycle: {
      ClosedLostReason: stage === 'Closed Lost' ? 'Lost to Competitor - Other' : null,
      NextSteps: nextSteps,
      NextStepsHistory: history(timeline, opportunity, count.nextSteps),
      ReviewComments: null,
      ReviewStatus: reviewStatus(world, opportunity),
      ReviewStatusReason: null,
      Stage: stage,
      TargetCloseDate: addDays(created, 90 + (hash('close') % 300) + count.closeDate * 7),
    },
    Marketing:
      opportunity % 3 === 1
        ? { AwsFundingUsed: 'No', CampaignName: null, Channels: ['Email'], Source: 'Marketing Activity', UseCases: [] }
        : null,
    NationalSecurity: opportunity % 9 === 0 ? 'No' : null,
    OpportunityType: pick(TYPES, 'type'),
    PartnerOpportunityIdentifier: opportunity % 2 === 0 ? `CRM-${opportunity}-${stand.other}` : null,
    PrimaryNeedsFromAws: NEEDS.slice(0, 1 + ((hash('needs') + count.needs) % NEEDS.length)),
    Project: {
      AdditionalComments: null,
      ApnPrograms: [],
      AwsPartition: null,
      CompetitorName: opportunity % 4 === 3 ? '*Other' : null,
      CustomerBusinessProblem: 'Access is managed region by region, with no single view of it.',
      CustomerUseCase: 'Security & Compliance',
      DeliveryModels: opportunity % 11 === 5 ? null : [pick(MODELS, 'model')],
      ExpectedContractDuration: opportunity % 5 === 1 ? { Term: 'Months', Value: '36' } : null,
      ExpectedCustomerSpend: spend(hash('amount'), opportunity, count.spend),
      OtherCompetitorNames: null,
      OtherSolutionDescription: opportunity % 8 === 6 ? 'Line one\nline two' : null,
      RelatedOpportunityIdentifier: null,
      SalesActivities: ['Initialized discussions with customer'],
      Title: `Project ${opportunity}, edition ${stand.other}`,
    },
    SoftwareRevenue:
      opportunity % 10 === 9
        ? {
            DeliveryModel: 'Subscription',
            EffectiveDate: created,
            ExpirationDate: addDays(created, 365),
            Value: { Amount: '120000.00', CurrencyCode: 'USD' },
          }
        : null,
  };
}

/** Team and associated entities, which stay as they are. */
export function opportunityRelations(opportunity: number): OpportunityRelations {
  return {
    OpportunityTeam:
      opportunity % 3 === 0
        ? []
        : [
            {
              BusinessTitle: 'OpportunityOwner',
              Email: `seller-${opportunity % 4}@partner.example`,
              FirstName: 'नमस्ते',
              LastName: null,
              Phone: null,
            },
          ],
    RelatedEntityIdentifiers: {
      AwsMarketplaceOfferSets: null,
      AwsMarketplaceOffers: [],
      AwsProducts: ['AmazonEC2Linux', 'AWSLambda'].slice(0, opportunity % 3),
      Solutions: [`S-00${10_000 + (opportunity % 50)}`],
    },
  };
}

/** One in twelve waits to be submitted: AWS has nothing to say about it yet. */
export function reviewStatus(world: PartnerWorld, opportunity: number): string {
  if (world.quirks && opportunity % 12 === 11) return 'Pending Submission';
  return opportunity % 12 === 5 ? 'In review' : 'Approved';
}

/** One monthly spend, or two; amounts with no, one or two decimals, now and then empty or of 31 digits. */
function spend(hash: number, opportunity: number, changes: number): Record<string, unknown>[] {
  const units = 100 + (hash % 90_000) + changes * 25;
  const amount = opportunity % 3 === 0 ? `${units}` : `${units}.${opportunity % 3 === 1 ? '5' : '67'}`;
  const first = {
    Amount:
      opportunity % 29 === 13 ? `1234567890123456789012345678${String(units).padStart(6, '0').slice(-3)}.99` : amount,
    CurrencyCode: CURRENCIES[opportunity % CURRENCIES.length],
    EstimationUrl: null,
    Frequency: 'Monthly',
    TargetCompany: 'AWS',
  };
  if (opportunity % 4 !== 2) return [first];
  return [first, { ...first, Amount: opportunity % 8 === 2 ? '' : '0.10', TargetCompany: 'Sandbox Partner' }];
}

/** The next steps of before, newest first, at most fifty. */
function history(timeline: Timeline, opportunity: number, changes: number): Record<string, unknown>[] {
  return Array.from({ length: Math.min(3, changes) }, (_, back) => ({
    Time: new Date(timeline.created(opportunity) + (changes - back) * 1000).toISOString().replace('.000Z', 'Z'),
    Value: `Step ${changes - back - 1}`,
  }));
}
