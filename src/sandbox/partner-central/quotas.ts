import type { Clock } from '../clock.js';
import { ServiceError } from './errors.js';
import type { OperationName } from './requests.js';
import type { QuotaOptions } from './types.js';

/** Operations whose quotas AWS publishes; all others share one. */
const GROUPS: Partial<Record<OperationName, 'read' | 'write'>> = {
  GetOpportunity: 'read',
  GetAwsOpportunitySummary: 'read',
  ListOpportunities: 'read',
  GetEngagementInvitation: 'read',
  ListEngagementInvitations: 'read',
  UpdateOpportunity: 'write',
};

const HOUR = 3_600_000;

/** A bucket that fills at a rate and holds one second's worth, in real time. */
class Bucket {
  readonly #perSecond: number;
  #tokens: number;
  #filled = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = Math.max(1, perSecond);
  }

  take(): boolean {
    const now = performance.now();
    const filled = this.#tokens + ((now - this.#filled) / 1000) * this.#perSecond;
    this.#tokens = Math.min(Math.max(1, this.#perSecond), filled);
    this.#filled = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}

/** Calls of the last 24 hours of sandbox time, by the hour. */
class Day {
  readonly #most: number;
  #hours: { readonly hour: number; calls: number }[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  take(elapsedMs: number): boolean {
    const hour = Math.floor(elapsedMs / HOUR);
    this.#hours = this.#hours.filter((slot) => slot.hour > hour - 24);
    if (this.#hours.reduce((sum, slot) => sum + slot.calls, 0) >= this.#most) return false;
    const slot = this.#hours.find((known) => known.hour === hour);
    if (slot) slot.calls++;
    else this.#hours.push({ hour, calls: 1 });
    return true;
  }
}

/** What each account may still ask. */
export class Quotas {
  readonly #options: QuotaOptions;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();
  readonly #days = new Map<string, Day>();

  constructor(options: QuotaOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Counts a call. @throws ServiceError ThrottlingException where it is one too many. */
  take(accountId: string, operation: OperationName): void {
    const { readPerSecond = 10, writePerSecond = 1, otherPerSecond } = this.#options;
    const { readPerDay = 100_000, writePerDay = 10_000 } = this.#options;
    const group = GROUPS[operation];
    const rate = group === 'read' ? readPerSecond : group === 'write' ? writePerSecond : otherPerSecond;
    if (rate !== undefined) {
      const bucket = known(this.#buckets, `${accountId}/${group ?? 'other'}`, () => new Bucket(rate));
      if (!bucket.take()) throw tooMany();
    }
    if (group) {
      const most = group === 'read' ? readPerDay : writePerDay;
      const day = known(this.#days, `${accountId}/${group}`, () => new Day(most));
      if (!day.take(this.#clock.elapsed())) throw tooMany();
    }
  }
}

const tooMany = () => new ServiceError('ThrottlingException', 'Rate exceeded');

function known<T>(map: Map<string, T>, key: string, make: () => T): T {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
