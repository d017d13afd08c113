import { Lane } from '../../base/limits.js';
import type { PartnerCentralConfig } from './config.js';
import type { QuotaGroup } from './operations.js';

/** Calls of one group under way at once: enough to keep 10 a second busy at a second's latency each. */
const AT_ONCE = 16;

/** One lane per endpoint × account × group in this process: AWS counts by account, whoever asks. */
const lanes = new Map<string, Lane>();

/**
 * The lane that a call queues at. Connections of one account share it, at the pace of the first.
 * @param account the account's id, or the access key's where that is all that is known.
 */
export function laneFor(
  host: string,
  account: string,
  group: QuotaGroup,
  limits: PartnerCentralConfig['limits'],
): Lane {
  const name = `${host} ${account} ${group}`;
  let lane = lanes.get(name);
  if (!lane) {
    const perSecond = group === 'write' ? limits.writes_per_second : limits.reads_per_second;
    lane = new Lane({ perSecond, concurrency: AT_ONCE });
    lanes.set(name, lane);
  }
  return lane;
}
