import type { Sandbox } from '../../src/sandbox/index.js';

/** A configuration that loads from a sandbox; secrets come from the environment, as users write them. */
export function sandboxYaml(
  sandbox: Pick<Sandbox, 'apiUrl' | 'tokenUrl' | 'downloadHost'>,
  options: {
    readonly datasets: readonly string[];
    readonly pipeline?: string;
    readonly connection?: string;
    readonly sinks?: string;
  },
): string {
  return `
version: 1
connections:
  ads:
    connector: amazon-ads
    client_id: \${env:ADS_CLIENT_ID}
    client_secret: \${env:ADS_CLIENT_SECRET}
    refresh_token: \${env:ADS_REFRESH_TOKEN}
    region: na
    endpoints: { api: "${sandbox.apiUrl}", token: "${sandbox.tokenUrl}" }
    download_hosts: ["${sandbox.downloadHost}"]
    poll: { first: 50ms, max: 200ms, deadline: 60s, give_up: 1h }
    limits: { requests_per_second: 200, jobs_in_flight: 50 }
    ${options.connection ?? ''}
landing: ./landing
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  daily:
    connection: ads
    sinks: ${options.sinks ?? '[warehouse, lake]'}
    since: 3d
    ${options.pipeline ?? ''}
    datasets: [${options.datasets.map((name) => `"${name}"`).join(', ')}]
`;
}

/** The environment in which that configuration finds its secrets. */
export function sandboxEnv(
  sandbox: Pick<Sandbox, 'clientId' | 'clientSecret' | 'refreshToken'>,
): Record<string, string> {
  return {
    ADS_CLIENT_ID: sandbox.clientId,
    ADS_CLIENT_SECRET: sandbox.clientSecret,
    ADS_REFRESH_TOKEN: sandbox.refreshToken,
  };
}
