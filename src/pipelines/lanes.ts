import pLimit from 'p-limit';
import type { Lanes } from './work-env.js';

/** Bodies on their way in at once. */
const LANDING_AT_ONCE = 6;
/** Artifacts between first byte and commit: enough that small ones are staged many to a query. */
const STAGING_AT_ONCE = 256;

/** How much goes on side by side, wherever bytes come from. */
export function makeLanes(): Pick<Lanes, 'landing' | 'staging'> {
  return { landing: pLimit(LANDING_AT_ONCE), staging: pLimit(STAGING_AT_ONCE) };
}
