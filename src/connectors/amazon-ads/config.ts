import { z } from 'zod';
import { addressSetting } from '../../base/addresses.js';
import { parseDuration } from '../../base/units.js';
import { REGIONS } from './hosts.js';

/** A duration as text; milliseconds once read. */
function duration(fallback: string) {
  return z
    .string()
    .transform((text, ctx) => {
      const ms = parseDuration(text);
      if (ms !== undefined) return ms;
      ctx.addIssue({ code: 'custom', message: `'${text}' is no duration; write one such as 30s, 5m, 6h or 2d` });
      return z.NEVER;
    })
    .prefault(fallback);
}

/** Digits, whether written as number or text; a number that JavaScript has rounded already is refused. */
const profileId = z
  .unknown()
  .transform((value, ctx) => {
    const digits = typeof value === 'number' && !Number.isSafeInteger(value) ? '' : String(value).trim();
    if (/^\d+$/.test(digits)) return digits;
    ctx.addIssue({ code: 'custom', message: 'A profile id is a whole number, or its digits in quotes' });
    return z.NEVER;
  })
  .meta({ type: ['integer', 'string'] });

/** Amazon says UK where the world says GB; both are understood. */
export function oneCountry(code: string): string {
  const upper = code.toUpperCase();
  return upper === 'GB' ? 'UK' : upper;
}

const secretText = (what: string) => z.string().trim().min(1, `${what} is empty`).describe(what);

const profiles = z
  .strictObject({
    ids: z.array(profileId).min(1).optional().describe('Only these profiles, by id.'),
    exclude: z.array(profileId).optional().describe('All but these profiles, by id.'),
    countries: z
      .array(z.string().trim().min(2).transform(oneCountry))
      .min(1)
      .optional()
      .describe('Only profiles of these countries, such as US or DE.'),
    types: z
      .array(z.enum(['seller', 'vendor', 'agency']))
      .min(1)
      .optional()
      .describe('Only profiles of these kinds of account.'),
  })
  .describe('Which advertiser profiles to load; without it, all that the account may view.');

/** What a connection of `amazon-ads` may say beyond `connector` and `schema`. */
export const amazonAdsConfig = z.strictObject({
  client_id: secretText('Client id of your Login with Amazon application.'),
  client_secret: secretText('Client secret of that application. Better read from the environment or a file.'),
  refresh_token: secretText('Refresh token (Atzr|…) of the user who granted access to the profiles.'),
  region: z.enum(REGIONS).describe('Where the profiles are: na (North America), eu (Europe), fe (Far East).'),
  profiles: profiles.prefault({}),
  endpoints: z
    .strictObject({
      api: addressSetting('endpoints.api').describe('Root of the advertising API.'),
      token: addressSetting('endpoints.token').describe('Address that gives access tokens.'),
    })
    .prefault({})
    .describe("Other hosts than Amazon's own: a sandbox, a proxy, a test."),
  download_hosts: z
    .array(z.string().regex(/^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d+)?$/, 'A host, or host:port'))
    .min(1)
    .optional()
    .describe("Hosts that a link in an answer may lead to; by default Amazon's own storage, over https."),
  poll: z
    .strictObject({
      first: duration('5s').describe('Wait before a job is looked after for the first time.'),
      max: duration('2m').describe('Longest wait between two looks.'),
      deadline: duration('6h').describe('How long a run waits for a job before it leaves it pending.'),
      give_up: duration('24h').describe('Age at which a job is given up and asked for anew.'),
    })
    .prefault({})
    .describe('How patiently jobs are waited for.'),
  limits: z
    .strictObject({
      requests_per_second: z.number().positive().max(1000).default(5).describe('Pace of calls to one endpoint.'),
      jobs_in_flight: z.number().int().positive().max(10_000).default(50).describe('Jobs under way at once.'),
    })
    .prefault({})
    .describe('How hard Amazon is asked; it publishes no numbers, so keep it modest.'),
});

export type AmazonAdsConfig = z.output<typeof amazonAdsConfig>;
export type ProfileFilter = AmazonAdsConfig['profiles'];

/** Only what a login needs: read again each time, from whatever the configuration holds by then. */
export const credentialsConfig = amazonAdsConfig
  .pick({ client_id: true, client_secret: true, refresh_token: true })
  .strip();
export type Credentials = z.output<typeof credentialsConfig>;
