import type { Sandbox } from '../../sandbox/index.js';

/** Datasets of Amazon Ads that the demo loads and then compares with the truth. */
export const ADS_DATASETS = [
  'sp_campaigns_snapshot',
  'sb_campaigns_snapshot',
  'sd_campaigns_snapshot',
  'sp_campaigns_report_v2',
  'sb_campaigns_report_v2',
  'sd_campaigns_report_v2',
] as const;

/** Those of AWS Partner Central. */
export const PARTNER_DATASETS = ['resource_snapshots', 'resource_snapshot_jobs', 'opportunities'] as const;

/** Where they are read. */
export const PARTNER_CATALOG = 'Sandbox';

/** The configuration of the demo: both worlds of the sandbox as it listens now, and both sinks. */
export function demoYaml(sandbox: Sandbox, days: { readonly since: string; readonly until: string }): string {
  const [partner] = sandbox.partnerCentral.accounts;
  return `# Written by \`millpond demo\`; the sandbox it names ended with the demo.
version: 1
connections:
  ads:
    connector: amazon-ads
    region: na
    client_id: ${JSON.stringify(sandbox.clientId)}
    client_secret: ${JSON.stringify(sandbox.clientSecret)}
    refresh_token: ${JSON.stringify(sandbox.refreshToken)}
    endpoints: { api: "${sandbox.apiUrl}", token: "${sandbox.tokenUrl}" }
    download_hosts: ["${sandbox.downloadHost}"]
    poll: { first: 500ms, max: 2s, deadline: 5m, give_up: 1h }
    limits: { requests_per_second: 200, jobs_in_flight: 100 }
  partners:
    connector: partner-central
    catalog: ${PARTNER_CATALOG}
    endpoint: ${sandbox.partnerCentralUrl}
    access_key_id: ${partner.accessKeyId}
    secret_access_key: ${JSON.stringify(partner.secretAccessKey)}
landing: ./landing
memory: 1GB
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  demo:
    connection: [ads, partners]
    sinks: [warehouse, lake]
    since: ${days.since}
    until: ${days.until}
    datasets:
${[...ADS_DATASETS, ...PARTNER_DATASETS].map((name) => `      - ${name}`).join('\n')}
`;
}
