import { MillpondError } from '../../base/errors.js';
import { DEFAULT_RETRY, type RetryPolicy, throwIfAborted } from '../../base/retry.js';
import { registerSecret } from '../../base/secrets.js';
import type { ConnectionSettings, Ctx, ScopeList, Source } from '../../contracts/index.js';
import { AdsApi } from './api.js';
import { checkConnection } from './check.js';
import { type AmazonAdsConfig, type Credentials, credentialsConfig } from './config.js';
import { datasetsOf } from './datasets.js';
import { AMAZON, isAmazonApi } from './hosts.js';
import { DEFAULT_TIMEOUTS, Http, type Timeouts } from './http.js';

/** Patience with a slow or failing source. */
export interface Tuning {
  readonly timeouts: Timeouts;
  readonly retry: RetryPolicy;
}

/** Unless a test is in a hurry. */
export const DEFAULT_TUNING: Tuning = { timeouts: DEFAULT_TIMEOUTS, retry: DEFAULT_RETRY };

/** Opens a connection to Amazon Ads. Nothing is asked before the first call. */
export async function openSource(
  settings: ConnectionSettings,
  config: AmazonAdsConfig,
  tuning: Tuning = DEFAULT_TUNING,
): Promise<Source> {
  registerSecret(config.client_secret);
  registerSecret(config.refresh_token);
  const hosts = {
    api: new URL(config.endpoints.api ?? AMAZON[config.region].api),
    token: new URL(config.endpoints.token ?? AMAZON[config.region].token),
  };
  const http = new Http(tuning.timeouts);
  const credentials = () => credentialsFrom(settings);
  const api = new AdsApi(http, { config, ...hosts, credentials, retry: tuning.retry });
  return {
    datasets: datasetsOf(api),
    official: isAmazonApi(hosts.api),
    identity: `${config.region} ${hosts.api.host}`,
    timing: {
      firstMs: config.poll.first,
      maxMs: config.poll.max,
      deadlineMs: config.poll.deadline,
      giveUpMs: config.poll.give_up,
    },
    jobsInFlight: config.limits.jobs_in_flight,
    async scopes(ctx: Ctx): Promise<ScopeList> {
      throwIfAborted(ctx.signal);
      const { profiles, missing, visible } = await api.profiles(ctx);
      return { scopes: profiles.map(({ scope }) => scope), missing, visible };
    },
    check: (ctx) => checkConnection(api, hosts, ctx),
    async close() {
      api.close();
      await http.close();
    },
  };
}

/** The credentials as they stand in the configuration now. @throws MillpondError `E_CONFIG`, without their values. */
function credentialsFrom(settings: ConnectionSettings): Credentials {
  const read = credentialsConfig.safeParse(settings.reload());
  if (read.success) return read.data;
  const what = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new MillpondError('E_CONFIG', `Connection ${settings.name} has no usable credentials: ${what}`);
}
