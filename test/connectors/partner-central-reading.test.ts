import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PartnerAccount, type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { Workspace } from '../support/workspace.js';

const FAST = { readPerSecond: 1000, writePerSecond: 1000 };
const SMALL = { profiles: 1, days: 3, rows: 3 };

/** Snapshots that an account may see: name and sha256 of the payload's text. */
function truth(sandbox: Sandbox, { accountId }: PartnerAccount): string[] {
  const { views } = sandbox.partnerCentral.truth({ catalog: 'Sandbox', account: accountId });
  return views
    .flatMap((view) =>
      view.revisions
        .filter(({ revision }) => !view.gone.includes(revision))
        .map(({ revision, createdAt, payloadSha256 }) =>
          [view.engagementId, view.resourceId, view.template, revision, createdAt, payloadSha256].join(' '),
        ),
    )
    .sort();
}

/** The same of a warehouse. */
async function held(w: Workspace, from: string, sql = (query: string) => w.sql(query)): Promise<string[]> {
  const rows = await sql(`SELECT engagement_id, resource_id, resource_snapshot_template_name AS template, revision,
    created_at_text, payload::VARCHAR AS payload FROM ${from}`);
  return rows
    .map(({ engagement_id, resource_id, template, revision, created_at_text, payload }) => {
      const sha256 = createHash('sha256').update(String(payload)).digest('hex');
      return [engagement_id, resource_id, template, revision, created_at_text, sha256].join(' ');
    })
    .sort();
}

const connection = (sandbox: Sandbox, more: string) => `{
      connector: partner-central, catalog: Sandbox, endpoint: "${sandbox.partnerCentral.url}",
      limits: { reads_per_second: 1000 }, ${more} }`;

const keys = ({ accessKeyId, secretAccessKey }: PartnerAccount) =>
  `access_key_id: ${accessKeyId}, secret_access_key: "${secretAccessKey}"`;

describe('two partners, every dataset', () => {
  let sandbox: Sandbox;
  let w: Workspace;
  const calls = (operation: string) => sandbox.partnerCentral.calls()[operation] ?? 0;

  beforeAll(async () => {
    sandbox = await startSandbox({
      ...SMALL,
      partnerCentral: { engagements: 6, opportunities: 8, snapshots: 40, quotas: FAST },
    });
    const [first, second] = sandbox.partnerCentral.accounts;
    w = await Workspace.make(`
version: 1
connections:
  acme: ${connection(sandbox, keys(first))}
  other: ${connection(
    sandbox,
    `${keys(first)}, role_arn: "${second.roleArn}", external_id: ${second.externalId}, schema: other,
      sts_endpoint: "${sandbox.partnerCentral.url}"`,
  )}
landing: ./landing
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  all: { connection: acme, sinks: [warehouse], datasets: ["*"] }
  others: { connection: other, sinks: [warehouse, lake], datasets: [resource_snapshots] }
`);
  });
  afterAll(async () => {
    await sandbox.close();
    await w.remove();
  });

  it('holds every snapshot that each of them may see, byte for byte, and nothing twice', async () => {
    const { summary, exit } = await w.run();
    expect(exit).toBe(1);
    expect(summary.errors).toMatchObject([{ code: 'E_ACCESS_DENIED', dataset: 'engagement_members' }]);
    expect(summary.errors[0]!.hint).toContain('partnercentral:ListEngagementMembers');
    expect(summary.warnings.map(({ code }) => code)).toContain('W_UNKNOWN_TEMPLATE');
    const [first, second] = sandbox.partnerCentral.accounts;
    expect(await held(w, 'partner_central.resource_snapshots')).toEqual(truth(sandbox, first));
    expect(await held(w, 'other.resource_snapshots')).toEqual(truth(sandbox, second));
    const lake = `read_parquet('LAKE/resource_snapshots/**/*.parquet')`;
    expect(await held(w, lake, (query) => w.lakeSql(query))).toEqual(truth(sandbox, second));
  });

  it('types payloads: amounts exact, days, accounts with their zeros', async () => {
    const [row] = await w.sql(`SELECT
        (SELECT count(*) FROM partner_central.resource_snapshots WHERE json_exists(payload, '$.OpportunitySummary'))
          = (SELECT count(*) FROM partner_central.opportunity_summary_snapshots) AS summaries,
        (SELECT count(*) FROM partner_central.resource_snapshots WHERE json_exists(payload, '$.AwsOpportunitySummaryFullView'))
          = (SELECT count(*) FROM partner_central.aws_opportunity_summary_snapshots) AS full_views,
        (SELECT bool_and(json_extract_string(payload, '$.OpportunitySummary.Project.ExpectedCustomerSpend[0].Amount')::DECIMAL(33,2) = amount)
          FROM partner_central.opportunity_expected_spend JOIN partner_central.resource_snapshots USING (engagement_id, resource_id, revision)
          WHERE position = 1 AND resource_snapshot_template_name = 'OpportunitySummaryView') AS amounts,
        (SELECT bool_or('000456789012' IN target_member_accounts) FROM partner_central.resource_snapshots) AS zeros,
        (SELECT typeof(lifecycle.target_close_date) FROM partner_central.opportunity_summary_snapshots LIMIT 1) AS day`);
    expect(row).toMatchObject({ summaries: true, full_views: true, amounts: true, zeros: true, day: 'DATE' });
  });

  it('tells gaps, and lists as the source has them', async () => {
    const gaps = await w.sql(`SELECT dataset, reason, slice FROM millpond.gaps WHERE schema_name = 'partner_central'`);
    expect(gaps.map(({ dataset, reason }) => `${dataset} ${reason}`).sort()).toEqual([
      'engagement_members refused',
      'resource_snapshots revision_missing',
    ]);
    expect(gaps.find(({ reason }) => reason === 'revision_missing')!.slice).toMatch(/^eng-\w+\/O\d+\/\w+\/\d+$/);
    const account = sandbox.partnerCentral.accounts[0].accountId;
    const { engagements, opportunities, jobs } = sandbox.partnerCentral.truth({ catalog: 'Sandbox', account });
    const ids = async (table: string, column = 'id') =>
      (await w.sql(`SELECT ${column} AS id FROM partner_central.${table} ORDER BY 1`)).map(({ id }) => id);
    expect(await ids('engagements')).toEqual(engagements.map(({ id }) => id).sort());
    expect(await ids('resource_snapshot_jobs')).toEqual(jobs.map(({ id }) => id).sort());
    const own = opportunities.map(({ id }) => id).sort();
    expect(await ids('opportunities')).toEqual(own);
    expect(await ids('opportunity_versions')).toEqual(own);
    expect(await ids('aws_opportunity_summaries', 'related_opportunity_id')).toEqual(own);
    const members = await w.sql(`SELECT engagement_id, list(account_id ORDER BY account_id) AS members
      FROM partner_central.engagement_members GROUP BY 1 ORDER BY 1`);
    const refused = gaps.find(({ dataset }) => dataset === 'engagement_members')!.slice;
    const expected = engagements.filter(({ id }) => id !== refused).map((one) => [one.id, [...one.members].sort()]);
    expect(members.map((one) => [one.engagement_id, one.members])).toEqual(expected.sort());
  });

  it('a second run only lists', async () => {
    const before = calls('GetResourceSnapshot');
    const { summary } = await w.run({ datasets: ['resource_snapshots'] });
    expect(summary).toMatchObject({ status: 'succeeded', rows: 0 });
    expect(calls('GetResourceSnapshot')).toBe(before);
  });

  it('what time brings is fetched, each once', async () => {
    const known = calls('GetResourceSnapshot');
    const first = sandbox.partnerCentral.accounts[0];
    const before = truth(sandbox, first);
    sandbox.advance(3 * 86_400_000);
    const after = truth(sandbox, first);
    expect(after.length).toBeGreaterThan(before.length);
    await w.run({ pipelines: ['all'], datasets: ['resource_snapshots', 'opportunities'] });
    expect(calls('GetResourceSnapshot') - known).toBe(after.length - before.length);
    expect(await held(w, 'partner_central.resource_snapshots')).toEqual(after);
    const { opportunities } = sandbox.partnerCentral.truth({ catalog: 'Sandbox', account: first.accountId });
    const dates = await w.sql(`SELECT id, strftime(last_modified_date, '%Y-%m-%dT%H:%M:%S') AS date
      FROM partner_central.opportunities ORDER BY id`);
    expect(dates.map(({ id, date }) => `${id} ${date}`)).toEqual(
      opportunities.map(({ id, lastModifiedDate }) => `${id} ${lastModifiedDate.slice(0, 19)}`).sort(),
    );
  });
});
