import type { ReportKind } from './catalog.js';
import { type Account, dayNumber, type EntityKind } from './entities.js';
import { currencyDigits } from './profiles.js';
import { hashOf, mix } from './random.js';
import { grown, levelAt } from './restatement.js';

/** One report: what was asked, of whom, as of when. */
export interface ReportSpec {
  readonly kind: ReportKind;
  readonly account: Account;
  readonly day: string;
  /** Today in the profile's zone, as of the asking. */
  readonly today: string;
  /** Days before this one have no data. */
  readonly firstDay: string;
  /** `plain` or `video` of Sponsored Brands; `keywords` or `targets` of SP asins; else ``. */
  readonly part: string;
  readonly tactic: string | null;
  /** Only entities in these states; null means all. */
  readonly states: ReadonlySet<string> | null;
}

/**
 * How many different rows of figures a report can have: a larger one repeats them under other ids
 * and names, so that they can be rendered once.
 */
const CLASSES = 8192;

/**
 * Walks a report's rows, one at a time in its own fields: a million rows cost no memory.
 * The figures that other metrics are made of stand here; `metrics.ts` derives the rest.
 */
export class ReportRows {
  readonly spec: ReportSpec;
  readonly level: number;
  readonly dayNumber: number;
  /** Digits of money after the point; of `cost` more, where the product prints more. */
  readonly moneyDigits: number;
  readonly costDigits: number;
  /** What rows are about: the reports of purchased products hang on a keyword or target. */
  readonly entity: EntityKind;

  index = -1;
  segment = 0;
  campaign = 0;
  adGroup = 0;
  ad = 0;
  hash = 0;
  /** In the end, when nothing moves any more. */
  impressions = 0;
  clicks = 0;
  cost = 0;

  readonly #seed: number;
  readonly #last: number;
  readonly #segmented: boolean;
  #segmentsLeft = 0;

  constructor(spec: ReportSpec) {
    const { kind, account, day } = spec;
    this.spec = spec;
    this.level = levelAt(day, spec.today);
    this.dayNumber = dayNumber(day);
    this.moneyDigits = currencyDigits(account.profile.currencyCode);
    this.costDigits = kind.product === 'sd' && this.moneyDigits > 0 ? 4 : this.moneyDigits;
    this.entity = spec.part === 'keywords' ? 'keyword' : spec.part === 'targets' ? 'target' : kind.entity;
    this.#seed = hashOf(account.hash('campaign', 0), kind.dataset, spec.part === 'targets' ? 't' : '', day);
    this.#segmented = kind.segment !== null || kind.recordType === 'asins';
    const quiet = isQuiet(spec, this.#seed) || day < spec.firstDay || day > spec.today;
    this.#last = quiet ? 0 : this.#segmented ? Math.ceil(account.size / 2) : account.size;
  }

  /** Moves to the next row. @returns false after the last. */
  next(): boolean {
    if (this.#segmentsLeft > 0) {
      this.#segmentsLeft--;
      this.segment++;
      this.#figure();
      return true;
    }
    while (++this.index < this.#last) {
      this.hash = mix(this.#seed ^ mix(this.index % CLASSES));
      // An eighth of all entities was not shown that day.
      if (this.hash % 8 === 0 || !this.#belongs()) continue;
      this.segment = 0;
      this.#segmentsLeft = this.#segmented ? (this.hash >>> 3) % 3 : 0;
      this.#figure();
      return true;
    }
    return false;
  }

  /** Chance of this row for one purpose. */
  chance(salt: number): number {
    return mix(this.hash ^ salt);
  }

  #belongs(): boolean {
    const { account, kind, part, tactic, states } = this.spec;
    this.campaign = account.campaignOf(this.entity, this.index);
    this.adGroup = this.entity === 'adGroup' ? this.index : account.parent(this.entity, this.index);
    this.ad = this.entity === 'ad' ? this.index : this.adGroup * 2;
    if (part === 'plain' && account.isVideo(this.campaign)) return false;
    if (part === 'video' && !account.isVideo(this.campaign)) return false;
    if (tactic !== null && account.tactic(this.campaign) !== tactic) return false;
    return states === null || states.has(account.state(kind.entity, this.index, this.dayNumber));
  }

  #figure(): void {
    if (this.segment > 0) this.hash = mix(this.hash + 0x51ed27);
    const { hash } = this;
    this.impressions = 1 + (hash % 5000) * (hash % 16 === 0 ? 40 : 1);
    this.clicks = Math.floor((this.impressions * ((hash >>> 9) % 50)) / 1000);
    const perClick = 15 + ((hash >>> 17) % 200);
    this.cost = this.clicks * perClick;
    if (this.costDigits === 4) this.cost = this.cost * 100 + (this.clicks > 0 ? hash % 100 : 0);
  }

  /** Impressions, clicks or cost as they stand at the report's age. */
  traffic(final: number): number {
    return grown(final, 'traffic', this.level);
  }
}

/** Now and then a day has no data at all, except for the first profile's, on whom others rely. */
function isQuiet(spec: ReportSpec, seed: number): boolean {
  const { countryCode, type } = spec.account.profile;
  return !(countryCode === 'US' && type === 'seller') && seed % 17 === 0;
}
