import { z } from 'zod';
import { addressSetting } from '../../base/addresses.js';

/** Where the service is: AWS documents no other region. */
export const REGION = 'us-east-1';

/** The service's own address there. */
export const ENDPOINT = `https://partnercentral-selling.${REGION}.api.aws`;

const text = (what: string) => z.string().trim().min(1, `${what} is empty`).describe(what).optional();

const pace = (what: string, perSecond: number) => z.number().positive().max(1000).default(perSecond).describe(what);

const keys = z.strictObject({
  catalog: z.enum(['AWS', 'Sandbox']).describe("AWS (the real pipeline) or Sandbox (AWS's own, for trying)."),
  region: z
    .literal(REGION, { message: `The service is in ${REGION} only; leave region out` })
    .optional()
    .describe(`Only ${REGION}: the service is nowhere else.`),
  profile: text('Profile of ~/.aws/config and ~/.aws/credentials to take credentials from.'),
  role_arn: z
    .string()
    .regex(/^arn:[\w-]+:iam::\d{12}:role\/.+$/, "A role's ARN: arn:aws:iam::123456789012:role/NAME")
    .optional()
    .describe('Role to take on (through STS) before the service is called.'),
  external_id: text("External id that the role's trust policy asks for."),
  access_key_id: text('Access key id, where credentials stand in the configuration itself.'),
  secret_access_key: text('Secret access key. Better read from the environment or a file.'),
  session_token: text('Session token, of temporary credentials.'),
  endpoint: addressSetting('endpoint').describe("Another address than the service's own: a sandbox, a proxy, a test."),
  sts_endpoint: addressSetting('sts_endpoint').describe("Another address than STS's own, to take on `role_arn` at."),
  limits: z
    .strictObject({
      reads_per_second: pace('Pace of reads, of each quota group.', 10),
      writes_per_second: pace('Pace of calls that make or change something.', 1),
    })
    .prefault({})
    .describe("How fast the service is called; AWS's published quotas unless it says otherwise."),
});

/** What a connection of `partner-central` may say beyond `connector` and `schema`. */
export const partnerCentralConfig = keys.superRefine((config, ctx) => {
  const wrong = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
  const { access_key_id, secret_access_key } = config;
  if ((access_key_id === undefined) !== (secret_access_key === undefined)) {
    wrong('secret_access_key', 'access_key_id and secret_access_key come together');
  }
  if (config.session_token && !access_key_id) wrong('session_token', 'session_token needs access_key_id');
  if (config.profile && access_key_id)
    wrong('profile', 'Credentials come from profile, or from access_key_id: not both');
  for (const key of ['external_id', 'sts_endpoint'] as const) {
    if (config[key] && !config.role_arn) wrong(key, `${key} needs role_arn`);
  }
});

export type PartnerCentralConfig = z.output<typeof partnerCentralConfig>;

/** Only what credentials are found by: read again each time, from whatever the configuration holds by then. */
export const credentialsConfig = keys
  .pick({
    profile: true,
    role_arn: true,
    external_id: true,
    access_key_id: true,
    secret_access_key: true,
    session_token: true,
    sts_endpoint: true,
  })
  .strip();
export type CredentialsConfig = z.output<typeof credentialsConfig>;
