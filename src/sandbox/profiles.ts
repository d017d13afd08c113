import { json, refusal } from './answers.js';
import type { Answer, Call } from './http.js';
import type { SandboxProfile } from './types.js';
import type { World } from './world.js';

const PROGRAMS = ['billing', 'campaign', 'paymentMethod', 'store', 'report', 'account', 'posts'];
/** "At most 5000" (Amazon's OpenAPI document). */
const MOST = 5000;

/** GET /v2/profiles. Without `accessLevel` it lists as for `edit`, so view-only profiles are missing. */
export function listProfiles(call: Call, world: World): Answer {
  const { query } = call;
  const program = query.get('apiProgram');
  if (program !== null && !PROGRAMS.includes(program)) return refusal(400, `Invalid apiProgram: ${program}`);
  const level = query.get('accessLevel') ?? 'edit';
  if (level !== 'edit' && level !== 'view') return refusal(400, `Invalid accessLevel: ${level}`);
  const types = query.get('profileTypeFilter')?.split(',') ?? null;
  const wrong = types?.find((type) => !['seller', 'vendor', 'agency'].includes(type));
  if (wrong !== undefined) return refusal(400, `Invalid profileTypeFilter: ${wrong}`);
  const payment = query.get('validPaymentMethodFilter');
  if (payment !== null && payment !== 'true' && payment !== 'false') {
    return refusal(400, `Invalid validPaymentMethodFilter: ${payment}`);
  }
  const listed = world.profiles
    .filter((profile) => level === 'view' || profile.access === 'edit')
    .filter((profile) => types?.includes(profile.type) ?? true)
    // `true` keeps those that have no such field too, `false` only those where it is false.
    .filter((profile) => payment === null || (profile.validPaymentMethod !== false) === (payment === 'true'))
    .slice(0, MOST);
  return json(200, `[${listed.map(profileText).join(',')}]`);
}

/** GET /v2/profiles/{profileId}. */
export function getProfile(profileId: string, world: World): Answer {
  const profile = world.profile(profileId);
  return profile ? json(200, profileText(profile)) : refusal(404, `Profile ${profileId} not found`);
}

/** JSON written by hand: the id is a number that JavaScript cannot hold. */
function profileText(profile: SandboxProfile): string {
  const { profileId, dailyBudget, countryCode, currencyCode, timezone } = profile;
  const accountInfo = {
    marketplaceStringId: profile.marketplaceStringId,
    id: profile.accountId,
    type: profile.type,
    name: profile.name,
    ...(profile.subType && { subType: profile.subType }),
    ...(profile.validPaymentMethod !== undefined && { validPaymentMethod: profile.validPaymentMethod }),
  };
  const rest = JSON.stringify({ countryCode, currencyCode, timezone, accountInfo }).slice(1);
  return `{"profileId":${profileId},${dailyBudget === undefined ? '' : `"dailyBudget":${dailyBudget},`}${rest}`;
}
