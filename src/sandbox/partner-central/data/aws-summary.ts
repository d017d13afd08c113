import { addDays } from '../../../base/days.js';
import { dayOf } from '../wire.js';
import type { Stand, Timeline } from './timeline.js';
import type { PartnerWorld } from './world.js';

const SCORES = ['High', 'Medium', 'Low'] as const;
const STAGES = ['Engaged', 'Qualified', 'Technical Validation', 'Committed', 'Launched', 'On-hold'] as const;

const cents = (amount: number): string => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;

/** What AWS itself knows about an opportunity: GetAwsOpportunitySummary without `Catalog`. */
export function awsSummary(
  world: PartnerWorld,
  timeline: Timeline,
  opportunity: number,
  stand: Stand,
): Record<string, unknown> {
  const hash = (purpose: string) => world.hash('aws', opportunity, purpose);
  const closes = addDays(dayOf(timeline.created(opportunity)), 120 + (hash('close') % 200));
  const total = 100_000 + (hash('total') % 1_000_000) + stand.aws * 1_234;
  return {
    CosellMotion: opportunity % 5 === 0 ? 'Partner led' : null,
    Customer: { Contacts: opportunity % 2 === 0 ? [] : [contact(opportunity)] },
    Insights: {
      AwsProductsSpendInsightsBySource: opportunity % 3 === 1 ? null : insights(total),
      EngagementScore: opportunity % 7 === 0 ? null : SCORES[(opportunity + stand.aws) % SCORES.length],
      NextBestActions: null,
      OpportunityQuality: opportunity % 4 === 1 ? { Score: (50 + stand.aws) % 101, Trend: 'Improving' } : null,
      Recommendations: [],
    },
    InvolvementType: 'Co-Sell',
    InvolvementTypeChangeReason: null,
    LifeCycle:
      opportunity % 9 === 8
        ? null
        : {
            ClosedLostReason: null,
            NextSteps: `AWS follows up (${stand.aws})`,
            NextStepsHistory: [],
            Stage: STAGES[(hash('stage') + stand.aws) % STAGES.length],
            TargetCloseDate: closes,
          },
    OpportunityTeam: [
      { BusinessTitle: 'PDM', Email: 'pdm-35@aws.example', FirstName: 'NAMER', LastName: 'SI Partner Manager' },
    ],
    Origin: opportunity % 3 === 2 ? 'AWS Referral' : 'Partner Referral',
    Project: {
      AwsPartition: null,
      ExpectedCustomerSpend: [
        {
          Amount: cents(total),
          CurrencyCode: 'USD',
          EstimationUrl: null,
          Frequency: 'Monthly',
          TargetCompany: 'AWS',
        },
      ],
    },
    RelatedEntityIds: { AwsProducts: [], Solutions: [] },
    RelatedOpportunityId: world.opportunities[opportunity],
    SoftwareRevenue: null,
    Visibility: opportunity % 6 === 3 ? 'Limited' : 'Full',
  };
}

function contact(opportunity: number): Record<string, unknown> {
  return {
    BusinessTitle: null,
    Email: `contact-${opportunity}@customer.example`,
    FirstName: 'Eleonore',
    LastName: 'Cormier',
    Phone: '+14164208519',
  };
}

/** Deal sizing, of two sources; sums agree to the cent. `total` in cents. */
function insights(total: number): Record<string, unknown> {
  const saving = Math.floor(total / 50);
  const lambda = Math.floor(total / 3);
  const product = (code: string, amount: number, saved: number) => ({
    Amount: cents(amount),
    Categories: ['MAP Eligible'],
    Optimizations: saved
      ? [{ Description: 'Use Reserved Instances or Savings Plans', SavingsAmount: cents(saved) }]
      : [],
    OptimizedAmount: cents(amount - saved),
    PotentialSavingsAmount: cents(saved),
    ProductCode: null,
    ServiceCode: code,
  });
  const unpriced = { Amount: null, Categories: [], Optimizations: [], OptimizedAmount: null };
  return {
    AWS: {
      AwsProducts: [{ ...unpriced, PotentialSavingsAmount: null, ProductCode: 'AmazonBedrock', ServiceCode: null }],
      CurrencyCode: 'USD',
      Frequency: 'Monthly',
      TotalAmount: '0',
      TotalAmountByCategory: {},
      TotalOptimizedAmount: '0',
      TotalPotentialSavingsAmount: '0',
    },
    Partner: {
      AwsProducts: [product('aWSLambda', lambda, 0), product('amazonRDSPostgreSQLDB', total - lambda, saving)],
      CurrencyCode: 'USD',
      Frequency: 'Monthly',
      TotalAmount: cents(total),
      TotalAmountByCategory: { 'MAP Eligible': cents(total - saving) },
      TotalOptimizedAmount: cents(total - saving),
      TotalPotentialSavingsAmount: cents(saving),
    },
  };
}
