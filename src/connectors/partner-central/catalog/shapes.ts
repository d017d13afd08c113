import type { Field } from '../../../contracts/index.js';
import { day, instant, money, open, struct, structs, text, texts } from './fields.js';

/** Shapes that several answers share; names, order and types are those of the service's model (2022-07-26). */

/** A person: of the customer, of the partner's team. */
export const CONTACT: readonly Field[] = [
  text('Email'),
  text('FirstName'),
  text('LastName'),
  text('BusinessTitle'),
  text('Phone'),
];

/** The customer of an opportunity. */
export const CUSTOMER: readonly Field[] = [
  struct('Account', [
    text('Industry'),
    text('OtherIndustry'),
    text('CompanyName'),
    text('WebsiteUrl'),
    text('AwsAccountId'),
    struct('Address', [
      text('City'),
      text('PostalCode'),
      text('StateOrRegion'),
      text('CountryCode'),
      text('StreetAddress'),
    ]),
    text('Duns'),
  ]),
  structs('Contacts', CONTACT),
];

/** What the customer is expected to spend: `Frequency` is Monthly so far. */
export const EXPECTED_SPEND: Field = structs('ExpectedCustomerSpend', [
  money('Amount'),
  text('CurrencyCode'),
  text('Frequency'),
  text('TargetCompany'),
  text('EstimationUrl'),
]);

export const MONETARY_VALUE: readonly Field[] = [money('Amount'), text('CurrencyCode')];

export const CONTRACT_DURATION: Field = struct('ExpectedContractDuration', [text('Term'), text('Value')]);

export const NEXT_STEPS_HISTORY: Field = structs('NextStepsHistory', [text('Value'), instant('Time')]);

export const RELATED_ENTITIES: Field = struct('RelatedEntityIdentifiers', [
  texts('AwsMarketplaceOffers'),
  texts('AwsMarketplaceOfferSets'),
  texts('Solutions'),
  texts('AwsProducts'),
  texts('AwsMarketplaceSolutions'),
  texts('AwsMarketplaceProducts'),
]);

const PRODUCT_INSIGHTS: readonly Field[] = [
  text('CurrencyCode'),
  text('Frequency'),
  money('TotalAmount'),
  money('TotalOptimizedAmount'),
  money('TotalPotentialSavingsAmount'),
  open('TotalAmountByCategory'),
  structs('AwsProducts', [
    text('ProductCode'),
    text('ServiceCode'),
    texts('Categories'),
    money('Amount'),
    money('OptimizedAmount'),
    money('PotentialSavingsAmount'),
    structs('Optimizations', [text('Description'), money('SavingsAmount')]),
  ]),
];

/** AWS's own view of an opportunity, in a snapshot (`AwsOpportunitySummaryFullView`) and in GetAwsOpportunitySummary. */
export const AWS_SUMMARY: readonly Field[] = [
  text('RelatedOpportunityId'),
  text('Origin'),
  text('InvolvementType'),
  text('Visibility'),
  struct('LifeCycle', [
    day('TargetCloseDate'),
    text('ClosedLostReason'),
    text('Stage'),
    text('NextSteps'),
    NEXT_STEPS_HISTORY,
  ]),
  structs('OpportunityTeam', [text('Email'), text('FirstName'), text('LastName'), text('BusinessTitle')]),
  struct('Insights', [
    text('NextBestActions'),
    text('EngagementScore'),
    struct('AwsProductsSpendInsightsBySource', [struct('Partner', PRODUCT_INSIGHTS), struct('AWS', PRODUCT_INSIGHTS)]),
    struct('OpportunityQuality', [{ name: 'score', source: 'Score', type: 'bigint' }, text('Trend')]),
    structs('Recommendations', [text('Type'), text('Details'), open('Attributes')]),
  ]),
  text('InvolvementTypeChangeReason'),
  struct('RelatedEntityIds', [
    texts('AwsProducts'),
    texts('Solutions'),
    texts('AwsMarketplaceSolutions'),
    texts('AwsMarketplaceProducts'),
  ]),
  struct('Customer', [structs('Contacts', CONTACT)]),
  struct('Project', [EXPECTED_SPEND, text('AwsPartition')]),
  text('CosellMotion'),
  struct('SoftwareRevenue', [
    struct('Value', MONETARY_VALUE),
    text('Discount'),
    text('EffectiveDate'),
    text('ExpirationDate'),
  ]),
];
