import { throwIfAborted } from '../../base/retry.js';
import type { ConnectionSettings, Ctx, ScopeList, Source } from '../../contracts/index.js';
import { checkConnection } from './check.js';
import { openClient, type Tuning } from './client.js';
import { ENDPOINT, type PartnerCentralConfig, REGION } from './config.js';
import { datasetsOf } from './datasets.js';
import { openMaking } from './making/index.js';

/** Opens a connection to Partner Central. Nothing is asked before the first call. */
export async function openSource(
  settings: ConnectionSettings,
  config: PartnerCentralConfig,
  tuning?: Tuning,
): Promise<Source> {
  const client = openClient(settings, config, tuning);
  const endpoint = new URL(config.endpoint ?? ENDPOINT);
  const { catalog } = config;
  return {
    datasets: datasetsOf(client),
    official: config.endpoint === undefined || endpoint.host === new URL(ENDPOINT).host,
    identity: `${REGION} ${endpoint.host}`,
    async scopes(ctx: Ctx): Promise<ScopeList> {
      throwIfAborted(ctx.signal);
      const label = catalog === 'AWS' ? 'Partner Central' : "Partner Central's own sandbox";
      return { scopes: [{ id: catalog, timezone: 'UTC', label, facts: {} }], missing: [], visible: [catalog] };
    },
    check: (ctx) => checkConnection(client, endpoint.host, ctx),
    making: (folder) => openMaking(client, folder),
    close: () => client.close(),
  };
}
