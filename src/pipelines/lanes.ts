import pLimit from 'p-limit';
import type { Lanes } from './work-env.js';

/** Bodies on their way in at once. */
const LANDING_AT_ONCE = 8;
/** Artifacts between first byte and commit: enough that small ones go on landing while many are committed. */
const STAGING_AT_ONCE = 512;

/** How much goes on side by side, wherever bytes come from. */
export function makeLanes(): Pick<Lanes, 'landing' | 'staging'> {
  return { landing: pLimit(LANDING_AT_ONCE), staging: pLimit(STAGING_AT_ONCE) };
}
