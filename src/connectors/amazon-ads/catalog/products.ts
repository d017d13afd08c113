/** The three advertising products, and where their version 2 endpoints stand. */
export interface Product {
  /** First word of a dataset's name. */
  readonly code: 'sp' | 'sb' | 'sd';
  readonly title: string;
  /** What stands before `/{recordType}/report` and `/{recordType}/snapshot`. */
  readonly path: string;
  /** The day Amazon switched its v2 reports off; null: no date was ever given. */
  readonly reportsOff: string | null;
}

export const PRODUCTS = {
  sp: { code: 'sp', title: 'Sponsored Products', path: '/v2/sp', reportsOff: '2023-03-30' },
  sb: { code: 'sb', title: 'Sponsored Brands', path: '/v2/hsa', reportsOff: null },
  sd: { code: 'sd', title: 'Sponsored Display', path: '/sd', reportsOff: '2024-10-31' },
} as const satisfies Record<string, Product>;

/** The day Amazon switched all v2 snapshots off. */
export const SNAPSHOTS_OFF = '2024-12-15';

/** States of an entity; Amazon may add others. */
export const STATES = ['enabled', 'paused', 'archived'] as const;

/** Tactics of Sponsored Display: contextual and audience targeting. */
export const TACTICS = ['T00020', 'T00030'] as const;

/** Days before today that v2 reports reach back. */
export const REPORT_RETENTION_DAYS = 60;

/** Ages in days at which Amazon has restated a day; {@link THIRTY_DAY_AGE} besides for 30-day metrics. */
export const RESTATEMENT_AGES: readonly number[] = [1, 2, 3, 7, 14, 28, 42];
export const THIRTY_DAY_AGE = 58;
