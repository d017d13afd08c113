import { addDays, dayIn } from '../base/days.js';
import type { ReportKind } from './data/catalog.js';
import { Account } from './data/entities.js';
import { makeProfiles } from './data/profiles.js';
import type { Product, SandboxProfile } from './types.js';

/** Days before today, in the profile's zone, of which a report can still be asked for. */
export const RETENTION_DAYS = 60;

/** All there is, as a function of a few numbers: the profiles and their accounts. */
export class World {
  readonly seed: number;
  readonly profiles: readonly SandboxProfile[];
  /** Reports of earlier days are empty. */
  readonly firstDay: string;
  readonly #rows: number;
  readonly #accounts = new Map<string, Account>();

  constructor(options: {
    readonly seed: number;
    readonly profiles: number;
    readonly rows: number;
    readonly days: number;
    readonly start: Date;
  }) {
    this.seed = options.seed;
    this.profiles = makeProfiles(options.seed, options.profiles);
    this.firstDay = addDays(dayIn('UTC', options.start), -options.days);
    this.#rows = options.rows;
  }

  profile(profileId: string): SandboxProfile | undefined {
    return this.profiles.find((profile) => profile.profileId === profileId);
  }

  account(profile: SandboxProfile, product: Product): Account {
    const key = `${profile.profileId}/${product}`;
    let account = this.#accounts.get(key);
    if (!account) {
      account = new Account(this.seed, profile, product, this.#rows);
      this.#accounts.set(key, account);
    }
    return account;
  }
}

/** A rule by which a profile never has some data: status and words of the refusal. */
export interface Rule {
  readonly status: 400 | 401;
  readonly details: string;
}

/**
 * The rules that follow from what a profile is, for one product, or one report of it.
 * Words as in recorded traffic.
 */
export function ruleAgainst(
  profile: SandboxProfile,
  product: Product,
  report?: Pick<ReportKind, 'recordType'>,
  tactic?: string | null,
): Rule | undefined {
  if (profile.type === 'agency') {
    return { status: 401, details: `No matching advertiser found for scope ${profile.profileId}` };
  }
  if (product === 'sb' && profile.subType === 'KDP_AUTHOR') {
    return { status: 400, details: 'KDP authors do not have access to Sponsored Brands functionality' };
  }
  if (report?.recordType === 'asins' && profile.type === 'vendor') {
    return { status: 400, details: 'Asins reports not available to Vendors' };
  }
  if (product === 'sd' && report && tactic === 'T00020' && profile.countryCode === 'AE') {
    return {
      status: 400,
      details: `Tactic T00020 is not supported for report API in marketplace ${profile.marketplaceStringId}.`,
    };
  }
  return undefined;
}
