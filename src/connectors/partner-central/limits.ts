import { Pace } from '../../base/pace.js';
import type { PartnerCentralConfig } from './config.js';
import type { QuotaGroup } from './operations.js';

/** Calls of one group under way at once: enough to keep 10 a second busy at three seconds each. */
const AT_ONCE = 32;

/** One pace per endpoint × account × group in this process: AWS counts by account, whoever asks. */
const paces = new Map<string, Pace>();

/**
 * The pace that a call keeps. Connections of one account share it, at the pace of the first.
 * @param account the account's id, or the access key's where that is all that is known.
 */
export function paceFor(
  host: string,
  account: string,
  group: QuotaGroup,
  limits: PartnerCentralConfig['limits'],
): Pace {
  const name = `${host} ${account} ${group}`;
  let pace = paces.get(name);
  if (!pace) {
    const perSecond = group === 'write' ? limits.writes_per_second : limits.reads_per_second;
    pace = new Pace({ perSecond, concurrency: AT_ONCE });
    paces.set(name, pace);
  }
  return pace;
}
