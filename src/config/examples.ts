import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** `millpond.schema.json` of this package: beside `package.json`, whether built or not. */
const SCHEMA_FILE = fileURLToPath(new URL('../../millpond.schema.json', import.meta.url));

/**
 * The commented `millpond.yaml` that `millpond init` writes.
 * @param options.sandbox one that runs at once against `millpond sandbox`.
 * @param options.file where it will stand: the line for editors then names the schema of this
 *   Millpond, relative where it lies below (`node_modules`), else absolute.
 */
export function exampleYaml(options: { readonly sandbox: boolean; readonly file?: string }): string {
  return editorLine(options.file) + (options.sandbox ? SANDBOX : REAL);
}

function editorLine(file: string | undefined): string {
  let schema = './node_modules/millpond/millpond.schema.json';
  if (file !== undefined) {
    const relative = path.relative(path.dirname(path.resolve(file)), SCHEMA_FILE);
    schema = relative.startsWith('..') ? SCHEMA_FILE : `./${relative.split(path.sep).join('/')}`;
  }
  return `# yaml-language-server: $schema=${schema}\n`;
}

const REAL = `# Configuration of Millpond; every key is explained in docs/configuration.md.
# \`millpond check --offline\` reads this file, \`millpond check\` tries the credentials,
# \`millpond plan\` shows what a run would ask for, \`millpond run\` loads it.
version: 1

connections:
  ads_na:
    connector: amazon-ads
    region: na                               # na | eu | fe
    client_id: \${env:ADS_CLIENT_ID}          # or \${file:./secrets/client_id}
    client_secret: \${env:ADS_CLIENT_SECRET}
    refresh_token: \${env:ADS_REFRESH_TOKEN}
    # profiles:                              # all that the credentials see, unless narrowed:
    #   ids: [1234567890123456]
    #   exclude: [9876543210987654]
    #   countries: [US, CA]
    #   types: [seller, vendor]
    # schema: amazon_ads                     # the warehouse schema of its tables
    # poll: { first: 5s, max: 2m, deadline: 6h, give_up: 24h }
    # limits: { requests_per_second: 5, jobs_in_flight: 50 }

  # partners:                                # AWS Partner Central, beside Amazon Ads or instead
  #   connector: partner-central
  #   catalog: AWS                           # AWS | Sandbox
  #   profile: acme                          # or role_arn and external_id, or nothing: what the AWS SDK finds
  #   schema: partner_central                # a second account of the same catalog needs another one

# Files as they came, and what is in flight. Keep it: it is what a run resumes from.
landing: { path: ./landing, keep: 30d }

# Budget of one process.
memory: 1GB

sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  # lake: { sink: parquet, path: ./lake }    # a folder of Parquet files beside it, or instead

pipelines:
  ads_daily:
    connection: ads_na
    sinks: [warehouse]
    since: 30d                               # or a day: 2026-10-01
    lookback: auto                           # load days again when Amazon restates them; or 14d, or none
    # schedule: { cron: "15 6 * * *", timezone: America/Los_Angeles }   # for \`millpond schedule\`
    # max_rejects: 50%                       # more than that fails a slice, and the old data stay
    # Names, globs and !exclusions; \`millpond datasets\` lists them all. Amazon has switched its
    # v2 snapshots and reports off: \`millpond check\` says which of these it still serves.
    datasets:
      - profiles
      - "sp_*_snapshot"
      - sp_campaigns_report_v2
      - { name: sp_keywords_report_v2, columns: [impressions, clicks, cost] }

  # partners:
  #   connection: partners
  #   datasets: [resource_snapshots, opportunities]
  #   # Snapshots made before each run, where the opportunity has changed. They stay for ever.
  #   snapshots:
  #     create: [{ engagement: eng-0123456789abcd, resource: O1234567, template: OpportunitySummaryView }]
  #     max: 20
`;

const SANDBOX = `# A configuration that runs at once, without an account: start \`millpond sandbox\` in another
# terminal, then \`millpond check\`, \`millpond run\`, \`millpond sql "from amazon_ads.profiles"\`.
version: 1

connections:
  ads_na:
    connector: amazon-ads
    region: na
    # The sandbox knows these; they open nothing else.
    client_id: \${env:ADS_CLIENT_ID:-amzn1.application-oa2-client.sandbox}
    client_secret: \${env:ADS_CLIENT_SECRET:-sandbox-client-secret}
    refresh_token: \${env:ADS_REFRESH_TOKEN:-Atzr|sandbox-refresh-token}
    endpoints:
      api: http://127.0.0.1:8701
      token: http://127.0.0.1:8701/auth/o2/token
    download_hosts: ["127.0.0.1:8702"]       # where a link in an answer may lead
    poll: { first: 200ms, max: 5s, deadline: 10m, give_up: 1h }
    limits: { requests_per_second: 50, jobs_in_flight: 50 }

  partners:
    connector: partner-central
    catalog: Sandbox
    endpoint: http://127.0.0.1:8703
    # The keys of the sandbox's first partner; they open nothing else.
    access_key_id: AKIAIOSFODNN7EXAMPLE
    secret_access_key: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY

landing: ./landing

sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }      # the same rows as Parquet files

pipelines:
  # What there is: campaigns, keywords, ads … as they are today.
  entities:
    connection: ads_na
    datasets:
      - "*_snapshot"
      - { name: sp_campaigns_snapshot, filter: { state: [enabled, paused] } }

  # What happened, day by day, for all three products.
  performance:
    connection: ads_na
    since: 14d
    lookback: auto
    schedule: { cron: "15 6 * * *", timezone: America/Los_Angeles }
    datasets:
      - sp_campaigns_report_v2
      - sp_keywords_query_report_v2
      - { name: sp_product_ads_report_v2, columns: [impressions, clicks, cost, attributedSales14d] }
      - sb_campaigns_report_v2
      - sd_campaigns_report_v2
      - { name: sd_targets_report_v2, filter: { tactic: [T00020] } }

  # What partners and AWS share: every revision of every snapshot, opportunities, engagements.
  partners:
    connection: partners
    datasets:
      - resource_snapshots
      - opportunities
      - "engagement*"
`;
