import type { Column } from '../../../contracts/index.js';
import { column, field, id, money, required, text } from './fields.js';

/** What `/v2/profiles` says of an advertiser's account in one marketplace. */
export const PROFILE_COLUMNS: readonly Column[] = [
  required(id('profileId')),
  text('countryCode'),
  text('currencyCode'),
  { ...money('dailyBudget'), description: "A seller's budget for all Sponsored Products campaigns together." },
  { ...text('timezone'), description: "IANA zone in which this profile's days begin and end." },
  column('accountInfo', {
    struct: [
      field('marketplaceStringId', 'varchar'),
      field('id', 'varchar'),
      field('type', 'varchar'),
      field('name', 'varchar'),
      field('subType', 'varchar'),
      field('validPaymentMethod', 'boolean'),
    ],
  }),
];
