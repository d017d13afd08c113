import type { Sandbox } from '../../sandbox/index.js';

/** Datasets that the demo loads and then compares with the truth. */
export const DEMO_DATASETS = [
  'sp_campaigns_snapshot',
  'sb_campaigns_snapshot',
  'sd_campaigns_snapshot',
  'sp_campaigns_report_v2',
  'sb_campaigns_report_v2',
  'sd_campaigns_report_v2',
] as const;

/** The configuration of the demo: the sandbox as it listens now, three weeks, both sinks. */
export function demoYaml(sandbox: Sandbox, days: { readonly since: string; readonly until: string }): string {
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
landing: ./landing
memory: 1GB
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  demo:
    connection: ads
    sinks: [warehouse, lake]
    since: ${days.since}
    until: ${days.until}
    datasets:
${DEMO_DATASETS.map((name) => `      - ${name}`).join('\n')}
`;
}
