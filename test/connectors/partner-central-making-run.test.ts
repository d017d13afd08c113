import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Making } from '../../src/contracts/index.js';
import type { Filters, RunEvent } from '../../src/pipelines/index.js';
import { makeSnapshots } from '../../src/pipelines/make.js';
import { openMaking } from '../../src/pipelines/makers.js';
import { RunReport } from '../../src/pipelines/report.js';
import { openSource } from '../../src/pipelines/workspace.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { disarm, madeOf, ownViews, Partner, partnerYaml } from '../support/partner-central.js';
import { EVERYTHING, Workspace } from '../support/workspace.js';

let sandbox: Sandbox;
let partner: Partner;
let w: Workspace;
let views: ReturnType<typeof ownViews>;

/** Three views of opportunities that have changed since their newest snapshot. */
beforeAll(async () => {
  const quotas = { readPerSecond: 1000, writePerSecond: 1000 };
  sandbox = await startSandbox({
    profiles: 1,
    days: 3,
    rows: 3,
    jobSeconds: 0.02,
    partnerCentral: { engagements: 4, opportunities: 6, snapshots: 30, quirks: false, quotas },
  });
  partner = new Partner(sandbox);
  const resources = new Set<string>();
  views = ownViews(sandbox)
    .filter(({ resource }) => !resources.has(resource) && resources.add(resource))
    .slice(0, 3);
  w = await Workspace.make(yaml('[resource_snapshots]'));
  const { making, close } = await openMaking(await w.config(), undefined);
  await disarmAll(making);
  await close();
});
afterAll(async () => {
  await sandbox.close();
  await w.remove();
});
afterEach(() => sandbox.faults.clear());

async function disarmAll(making: Making): Promise<void> {
  for (const view of views) await disarm(making, view, w.ctx());
}

const entry = ({ engagement, resource, template }: (typeof views)[number]) =>
  `{ engagement: ${engagement}, resource: ${resource}, template: ${template} }`;

function yaml(datasets: string, connections = 'partners'): string {
  return `
version: 1
connections:
  partners: ${partnerYaml(sandbox)}
  ads:
    { connector: amazon-ads, region: na, client_id: "${sandbox.clientId}", client_secret: "${sandbox.clientSecret}",
      refresh_token: "${sandbox.refreshToken}", endpoints: { api: "${sandbox.apiUrl}", token: "${sandbox.tokenUrl}" },
      download_hosts: ["${sandbox.downloadHost}"], poll: { first: 20ms, max: 50ms } }
sinks: { warehouse: { sink: duckdb, path: ./warehouse.duckdb } }
pipelines:
  daily:
    connection: ${connections}
    datasets: ${datasets}
    snapshots: { create: [${views.map(entry).join(', ')}], max: 2 }
`;
}

const NONE = { made: 0, recovered: 0, skipped_unchanged: 0, left: 0, failed: 0 };
const made = () => views.map((view) => madeOf(sandbox, view).length);

/** What a run does before it reads. */
async function make(filters: Partial<Filters> = {}) {
  const config = await w.config();
  const { source } = await openSource(config, 'partners');
  const events: RunEvent[] = [];
  const report = new RunReport('test', (event) => events.push(event));
  const sources = new Map([['partners', source]]);
  await makeSnapshots(config.pipelines.daily!, { ...EVERYTHING, ...filters, config }, sources, report, w.ctx());
  await source.close();
  const { summary, exit } = report.result({ interrupted: false, rowsTotal: 0, seconds: 0 });
  return { summary, exit, events };
}

it('what has changed is made, at most `max` of it, the oldest first; the next run makes the rest', async () => {
  for (const { resource } of views) await partner.changes(resource, 'begin');
  const first = await make();
  expect(first.exit, JSON.stringify(first.summary.errors)).toBe(0);
  expect(first.summary).toMatchObject({ status: 'succeeded', snapshots: { ...NONE, made: 2, left: 1 } });
  expect(first.summary.warnings).toMatchObject([{ code: 'W_SNAPSHOTS_LEFT' }]);
  expect(first.events.filter(({ type }) => type === 'snapshot_made')).toHaveLength(2);

  for (const { resource } of views) await partner.changes(resource, 'all again');
  const left = made().indexOf(0);
  expect((await make()).summary.snapshots).toEqual({ ...NONE, made: 2, left: 1 });
  expect(made()[left]).toBe(1);
  expect((await make()).summary.snapshots).toEqual({ ...NONE, made: 1, skipped_unchanged: 2 });
  const last = await make();
  expect(last.summary).toMatchObject({ status: 'nothing_to_do', snapshots: { ...NONE, skipped_unchanged: 3 } });
  expect(last.events[0]).toMatchObject({ type: 'snapshot_skipped', reason: 'unchanged' });
});

it('what a run does not read, it does not make', async () => {
  const { resource, engagement } = views[0]!;
  await partner.changes(resource, 'filters');
  for (const filter of [{ datasets: ['engagements'] }, { scopes: ['AWS'] }, { slices: ['resource_snapshots:AWS:*'] }]) {
    expect((await make(filter)).summary.snapshots).toEqual(NONE);
  }
  const slices = [`resource_snapshots:Sandbox:${engagement}`];
  const { summary } = await make({ slices, datasets: ['opportunity_summary_snapshots'] });
  expect(summary.snapshots?.made).toBe(1);
});

it('one that is refused leaves the others', async () => {
  const before = made();
  for (const { resource } of views.slice(0, 2)) await partner.changes(resource, 'refused');
  sandbox.faults.add({ kind: 'AccessDeniedException', route: 'CreateResourceSnapshot', count: 1 });
  const { summary, exit } = await make();
  expect(exit).toBe(1);
  expect(summary).toMatchObject({
    status: 'partial',
    snapshots: { ...NONE, made: 1, failed: 1, skipped_unchanged: 1 },
    errors: [{ code: 'E_ACCESS_DENIED', hint: expect.stringContaining('partnercentral:CreateResourceSnapshot') }],
  });
  expect((await make()).summary.snapshots).toEqual({ ...NONE, made: 1, skipped_unchanged: 2 });
  expect(made().map((count, i) => count - before[i]!)).toEqual([1, 1, 0]);
});

it('a run over two connectors makes before it plans what to read', async () => {
  await w.write(yaml('[profiles, resource_snapshot_jobs]', '[ads, partners]'));
  await partner.changes(views[0]!.resource, 'both worlds');
  const events: RunEvent[] = [];
  const { summary } = await w.run({}, events);
  expect(summary).toMatchObject({
    status: 'succeeded',
    errors: [],
    snapshots: { ...NONE, made: 1, skipped_unchanged: 2 },
  });
  const order = events.map(({ type }) => type).filter((type) => type === 'snapshot_made' || type === 'planned');
  expect(order).toEqual(['snapshot_made', 'planned']);
  const tables = ['amazon_ads.profiles', 'partner_central.resource_snapshot_jobs'];
  for (const table of tables) expect(await w.sql(`SELECT 1 AS held FROM ${table} LIMIT 1`), table).toHaveLength(1);
});
