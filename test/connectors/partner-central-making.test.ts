import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CRASH_POINTS } from '../../src/base/crash-points.js';
import { MillpondError } from '../../src/base/errors.js';
import type { Answer } from '../../src/connectors/partner-central/caller.js';
import { DEFAULT_TUNING } from '../../src/connectors/partner-central/client.js';
import type { PartnerCentralConfig } from '../../src/connectors/partner-central/config.js';
import { partnerCentral } from '../../src/connectors/partner-central/index.js';
import { openMaking } from '../../src/connectors/partner-central/making/index.js';
import { openSource } from '../../src/connectors/partner-central/source.js';
import type { Ctx, Making, SnapshotWanted, Source } from '../../src/contracts/index.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { disarm, madeOf, ownViews, Partner } from '../support/partner-central.js';

const EXAMPLE = { engagement: 'eng-0123456789abcd', resource: 'O1' };
const CHILD = path.join(import.meta.dirname, 'making-child.mjs');
const FAST = { reads_per_second: 500, writes_per_second: 500 };
const ctx: Ctx = {
  signal: new AbortController().signal,
  now: () => new Date(),
  log: { debug() {}, info() {}, warn() {}, error() {} },
  budget: { memoryBytes: 1e8, threads: 1 },
};

let sandbox: Sandbox;
let source: Source;
let partner: Partner;
let folder: string;
let making: Making;
let config: Record<string, unknown>;
const views: SnapshotWanted[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({
    profiles: 1,
    days: 5,
    partnerCentral: {
      ...{ engagements: 10, opportunities: 14, snapshots: 60, jobSeconds: 0.05 },
      quotas: { readPerSecond: 1000, writePerSecond: 1000 },
    },
  });
  const { accessKeyId, secretAccessKey } = sandbox.partnerCentral.accounts[0];
  config = {
    catalog: 'Sandbox',
    endpoint: sandbox.partnerCentral.url,
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
    limits: FAST,
  };
  const settings = { name: 'partners', schema: 'partner_central', reload: () => config };
  const tuning = { ...DEFAULT_TUNING, retry: { tries: 4, firstMs: 5, maxMs: 20 } };
  source = await openSource(settings, partnerCentral.config.parse(config) as PartnerCentralConfig, tuning);
  partner = new Partner(sandbox);
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-making-'));
  making = source.making!(folder);
  views.push(...ownViews(sandbox).map(({ revisions: _, ...view }) => view));
  for (const view of views.slice(0, 8)) await disarm(making, view, ctx);
});
afterAll(async () => {
  await source.close();
  await sandbox.close();
  await fs.rm(folder, { recursive: true, force: true });
});
beforeEach(() => sandbox.faults.clear());

const records = async () => (await fs.readdir(folder)).filter((name) => name.endsWith('.json'));
const recordOf = async (name: string) => JSON.parse(await fs.readFile(path.join(folder, name), 'utf8'));
/** Makings whose answer is not on disk. */
const unanswered = async () => (await Promise.all((await records()).map(recordOf))).filter(({ made }) => made === null);

describe('a snapshot', () => {
  it('is made of a changed opportunity, and not again', async () => {
    const view = views[0]!;
    await partner.changes(view.resource, 'call the customer');
    expect(await making.outlook(view, ctx)).toMatchObject({
      verdict: 'make',
      reason: expect.stringContaining('changed'),
    });
    const made = await making.create(view, ctx);
    expect(made).toMatchObject({
      outcome: 'made',
      arn: expect.stringMatching(new RegExp(`/snapshot/${made.revision}$`)),
    });
    expect(madeOf(sandbox, view)).toMatchObject([{ revision: made.revision, clientToken: made.clientToken }]);

    const again = await making.create(view, ctx);
    expect(again).toMatchObject({ outcome: 'unchanged', revision: made.revision });
    expect(madeOf(sandbox, view)).toHaveLength(1);
    const [name] = await records();
    expect(await recordOf(name!)).toMatchObject({
      subject: { kind: 'snapshot', catalog: 'Sandbox', ...view },
      token: made.clientToken,
      made: { revision: made.revision },
    });
  });

  it('is another one once the opportunity has changed again; the record of the former goes', async () => {
    const view = views[0]!;
    await partner.changes(view.resource, 'send the offer');
    expect((await making.create(view, ctx)).outcome).toBe('made');
    const tokens = madeOf(sandbox, view).map(({ clientToken }) => clientToken);
    expect(new Set(tokens).size).toBe(2);
    expect(await records()).toHaveLength(1);
  });

  it('is not made for a change that its template does not show', async () => {
    const view = views[1]!;
    await partner.changes(view.resource, 'first');
    await making.create(view, ctx);
    await partner.changesUnseen(view.resource, 'crm-17');
    expect(await making.create(view, ctx)).toMatchObject({
      outcome: 'unchanged',
      reason: expect.stringMatching(/revision \d+ shows all that OpportunitySummaryView would/),
    });
    expect(madeOf(sandbox, view)).toHaveLength(1);
  });

  it('is made once where the answer is lost, and where the landing folder is lost', async () => {
    const view = views[2]!;
    await partner.changes(view.resource, 'lost answer');
    sandbox.faults.add({ kind: 'lost_answer', route: 'CreateResourceSnapshot', count: 1 });
    expect((await making.create(view, ctx)).outcome).toBe('made');
    const elsewhere = source.making!(path.join(folder, 'elsewhere'));
    expect((await elsewhere.create(view, ctx)).outcome).toBe('unchanged');
    expect(madeOf(sandbox, view)).toHaveLength(1);
  });

  it('is made once by two that begin at the same moment', async () => {
    const view = views[3]!;
    await partner.changes(view.resource, 'twice at once');
    await Promise.all([making.create(view, ctx), source.making!(folder).create(view, ctx)]);
    expect(madeOf(sandbox, view)).toHaveLength(1);
  });

  it('of a token of the user is made once, whatever changes later', async () => {
    const view = { ...views[4]!, clientToken: 'end-of-october' };
    await partner.changes(view.resource, 'before');
    expect(await making.create(view, ctx)).toMatchObject({ outcome: 'made', clientToken: 'end-of-october' });
    await partner.changes(view.resource, 'after');
    expect(await making.create(view, ctx)).toMatchObject({
      outcome: 'unchanged',
      reason: expect.stringContaining('with the token end-of-october'),
    });
    expect(madeOf(sandbox, view)).toHaveLength(1);
  });

  it('of a token that was used for something else is refused, with what stands there', async () => {
    const view = { ...views[5]!, clientToken: 'end-of-october' };
    await partner.changes(view.resource, 'other');
    await expect(making.create(view, ctx)).rejects.toMatchObject({
      code: 'E_RESOURCE_CONFLICT',
      message: expect.stringMatching(/used before.*; the newest revision is \d+, made at /),
      hint: expect.stringContaining('take another client token'),
    });
  });

  it.each([
    ['AccessDeniedException', 'E_ACCESS_DENIED', /partnercentral:CreateResourceSnapshot/],
    ['ServiceQuotaExceededException', 'E_QUOTA', /./],
    ['ValidationException', 'E_REQUEST_REJECTED', /./],
  ] as const)('that %s refuses leaves no record', async (kind, code, hint) => {
    const view = views[6]!;
    await partner.changes(view.resource, kind);
    const before = await records();
    sandbox.faults.add({ kind, route: 'CreateResourceSnapshot', count: 1 });
    await expect(making.create(view, ctx)).rejects.toMatchObject({ code, hint: expect.stringMatching(hint) });
    expect(await records()).toEqual(before);
  });

  it('of a foreign or unknown opportunity is refused', async () => {
    await expect(making.create({ ...views[0]!, resource: 'O999999999' }, ctx)).rejects.toMatchObject({
      code: 'E_RESOURCE_NOT_FOUND',
    });
  });
});

describe.each(CRASH_POINTS.filter((point) => point.startsWith('making.')).map((point, i) => ({ point, i })))(
  'killed at $point',
  ({ point, i }) => {
    it('a making is not made twice', async () => {
      const view = views[i]!;
      await partner.changes(view.resource, point);
      const before = madeOf(sandbox, view).length;
      const argument = JSON.stringify({ config, folder, wanted: view });
      const child = spawn(process.execPath, [CHILD, argument], { env: { ...process.env, MILLPOND_CRASH_AT: point } });
      const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      expect(signal).toBe('SIGKILL');
      expect(madeOf(sandbox, view)).toHaveLength(before + (point === 'making.begun' ? 0 : 1));

      const open = (await unanswered()).length;
      const { outcome } = await making.create(view, ctx);
      const expected = { 'making.begun': 'made', 'making.answered': 'recovered', 'making.recorded': 'unchanged' };
      expect({ outcome, open }).toEqual({
        outcome: expected[point as keyof typeof expected],
        open: point === 'making.recorded' ? 0 : 1,
      });
      expect(await unanswered()).toEqual([]);
      expect(madeOf(sandbox, view)).toHaveLength(before + 1);
    });
  },
);

describe("AWS's own view, which the sandbox lets nobody make", () => {
  const view = { ...EXAMPLE, template: 'AwsOpportunitySummaryFullView' };
  /** A service with one view, whose resource is `summary` as it stands. */
  const service = (summary: { current: object }) => {
    const made: object[] = [];
    const call = async (operation: string): Promise<Answer> => {
      if (operation === 'CreateResourceSnapshot') made.push(summary.current);
      const newest = { Revision: made.length, Arn: `arn:${made.length}`, CreatedAt: '2026-10-01T00:00:00Z' };
      if (operation === 'GetAwsOpportunitySummary') return { text: '', json: { ...summary.current, Catalog: 'AWS' } };
      if (made.length === 0) throw new MillpondError('E_RESOURCE_NOT_FOUND', 'no snapshot yet');
      return { text: '', json: { ...newest, Payload: { AwsOpportunitySummaryFullView: made.at(-1) } } };
    };
    return { made, caller: { catalog: 'AWS', call, async *items() {} } };
  };
  const amount = (Amount: string) => ({ Project: { ExpectedCustomerSpend: [{ Amount, CurrencyCode: 'USD' }] } });

  it('is compared by content: spellings do not count, and a state that comes again is made again', async () => {
    const summary = { current: { ...amount('531'), Origin: null, CosellMotion: undefined } as object };
    const { caller, made } = service(summary);
    const own = openMaking(caller, path.join(folder, 'aws'));
    expect((await own.create(view, ctx)).outcome).toBe('made');
    summary.current = { ...amount('531.00'), Insights: {}, OpportunityTeam: [] };
    expect((await own.create(view, ctx)).outcome).toBe('unchanged');
    made.push(amount('7')); // By AWS itself.
    expect(await own.create(view, ctx)).toMatchObject({ outcome: 'made', revision: 3 });
    expect((await own.create(view, ctx)).outcome).toBe('unchanged');
    expect(made).toHaveLength(3);
  });
});

describe('who sees it', () => {
  const view = () => views[0]!;

  it('is told member by member, the owner alone, or why it cannot be told', async () => {
    const { accountId, companyName } = sandbox.partnerCentral.accounts[0];
    const audience = await making.audience(view(), ctx);
    expect(audience).toMatchObject({ kind: 'members', members: expect.arrayContaining([{ accountId, companyName }]) });
    const template = 'AwsOpportunitySummaryFullView';
    expect(await making.audience({ ...view(), template }, ctx)).toEqual({ kind: 'owner' });
    sandbox.faults.add({ kind: 'AccessDeniedException', route: 'ListEngagementMembers' });
    expect(await making.audience(view(), ctx)).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining('partnercentral:ListEngagementMembers'),
    });
  });
});

describe('a snapshot job', () => {
  const wanted = () => ({ ...views[7]!, tags: { team: 'sales' } });
  const list = () => making.jobs.list({ engagement: wanted().engagement }, ctx);

  it('is made once, stopped; once it was deleted, another is made', async () => {
    sandbox.faults.add({ kind: 'lost_answer', route: 'CreateResourceSnapshotJob', count: 1 });
    const before = await list();
    const { job, outcome } = await making.jobs.create(wanted(), ctx);
    expect({ outcome, status: job.status }).toEqual({ outcome: 'made', status: 'Stopped' });
    expect(await making.jobs.create(wanted(), ctx)).toMatchObject({ outcome: 'existing', job: { id: job.id } });
    expect(await list()).toHaveLength(before.length + 1);

    await making.jobs.delete(job.id, ctx);
    const anew = await making.jobs.create(wanted(), ctx);
    expect(anew).toMatchObject({ outcome: 'made' });
    expect(anew.job.id).not.toBe(job.id);
  });

  it('that stands already is named where another one is wanted', async () => {
    const elsewhere = source.making!(path.join(folder, 'jobs-elsewhere'));
    const standing = await making.jobs.create(wanted(), ctx);
    await expect(elsewhere.jobs.create(wanted(), ctx)).rejects.toMatchObject({
      code: 'E_RESOURCE_CONFLICT',
      message: expect.stringContaining(`the job ${standing.job.id} (Stopped) stands there already`),
    });
  });

  it('is waited for until it succeeds or fails anew; a running one cannot be deleted', async () => {
    const { job } = await making.jobs.create(wanted(), ctx);
    const short = { deadlineMs: 5_000 };
    await expect(making.jobs.wait(job.id, { deadlineMs: 0 }, ctx)).rejects.toMatchObject({
      code: 'E_JOB_WAITING',
      hint: expect.stringContaining(`job start ${job.id}`),
    });
    await making.jobs.start(job.id, ctx);
    await setTimeout(150); // It succeeds before anybody waits; that is news nevertheless, once.
    const done = await making.jobs.wait(job.id, { deadlineMs: 0 }, ctx);
    expect(done).toMatchObject({ status: 'Running', details: { lastSuccess: expect.any(String) } });
    await expect(making.jobs.wait(job.id, { deadlineMs: 0 }, ctx)).rejects.toMatchObject({ code: 'E_JOB_WAITING' });
    const since = new Date(Date.parse(done.details!.lastSuccess!) - 1000).toISOString();
    expect((await making.jobs.wait(job.id, { deadlineMs: 0, since }, ctx)).id).toBe(job.id);
    await expect(making.jobs.delete(job.id, ctx)).rejects.toMatchObject({
      code: 'E_RESOURCE_CONFLICT',
      hint: expect.stringContaining(`job stop ${job.id}`),
    });

    await making.jobs.stop(job.id, ctx);
    sandbox.faults.add({ kind: 'failure', route: 'StartResourceSnapshotJob', count: 1 });
    await making.jobs.start(job.id, ctx);
    await expect(making.jobs.wait(job.id, short, ctx)).rejects.toMatchObject({ code: 'E_JOB_FAILED' });
  });

  it('is left at once when the waiting is interrupted', async () => {
    const { job } = await making.jobs.create(wanted(), ctx);
    const stop = new AbortController();
    const waiting = making.jobs.wait(
      job.id,
      { deadlineMs: 60_000, onLook: () => stop.abort() },
      { ...ctx, signal: stop.signal },
    );
    await expect(waiting).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });
});

describe('the policy', () => {
  const rules = partnerCentral.making!;
  const none = { scope: 'AWS', datasets: [], templates: [], byHand: false };

  it.each(partnerCentral.datasets.map(({ name }) => name))(
    'allows what reading %s calls, and no more',
    async (name) => {
      const dataset = source.datasets.find((one) => one.name === name)!;
      const request = dataset.request({});
      if (dataset.fetch.kind !== 'direct') throw new Error(`${name} is not read directly`);
      const [draft] = dataset.fetch.coalesce(request, [{ dataset: name, scope: 'Sandbox', slice: 'all' }]);
      const ask = { ...draft!, connection: 'partners', dataset: name, fingerprint: '', requestFingerprint: '' };
      const held = { has: async () => false, rows: async () => [], gaps: () => [], reload: false, wants: () => true };
      sandbox.reset();
      for await (const { body } of dataset.fetch.read(ask, held, ctx)) if (body) await buffer(body.stream);
      const { Statement } = rules.policy({ ...none, datasets: [name] }) as { Statement: { Action: string[] }[] };
      const allowed = Statement.flatMap(({ Action }) => Action.map((action) => action.replace('partnercentral:', '')));
      expect(Object.keys(sandbox.partnerCentral.calls()).sort()).toEqual(allowed.sort());
    },
  );

  it('holds every action to the catalog, and asks for no more than is used', () => {
    expect(rules.policy(none)).toEqual({ Version: '2012-10-17', Statement: [] });
    expect(rules.policy({ ...none, datasets: ['opportunities'], templates: ['OpportunitySummaryView'] })).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['partnercentral:ListOpportunities'],
          Resource: '*',
          Condition: { StringEquals: { 'partnercentral:Catalog': 'AWS' } },
        },
        {
          Effect: 'Allow',
          Action: ['partnercentral:GetOpportunity'],
          Resource: ['arn:aws:partnercentral:*:*:catalog/AWS/opportunity/*'],
          Condition: { StringEquals: { 'partnercentral:Catalog': 'AWS' } },
        },
        {
          Effect: 'Allow',
          Action: ['partnercentral:GetResourceSnapshot'],
          Resource: ['arn:aws:partnercentral:*:*:catalog/AWS/engagement/*'],
          Condition: { StringEquals: { 'partnercentral:Catalog': 'AWS' } },
        },
        {
          Effect: 'Allow',
          Action: ['partnercentral:CreateResourceSnapshot'],
          Resource: [
            'arn:aws:partnercentral:*:*:catalog/AWS/engagement/*',
            'arn:aws:partnercentral:*:*:catalog/AWS/opportunity/*',
          ],
          Condition: { StringEquals: { 'partnercentral:Catalog': 'AWS' } },
        },
      ],
    });
  });
});
