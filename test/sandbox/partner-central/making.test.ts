import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Fault, type Sandbox, startSandbox, type ViewTruth } from '../../../src/sandbox/index.js';
import { byHand, refusal, sdk } from './support.js';

const Catalog = 'Sandbox';
const SUMMARY = 'OpportunitySummaryView';

let sandbox: Sandbox;
let acme: ReturnType<typeof sdk>;

beforeAll(async () => {
  const quotas = { readPerSecond: 1000, writePerSecond: 1000 };
  sandbox = await startSandbox({ profiles: 1, partnerCentral: { jobSeconds: 0, quotas } });
  acme = sdk(sandbox);
});
beforeEach(() => sandbox.faults.clear());
afterAll(() => sandbox.close());

/** All views of the template for partners that the first account owns. */
function views(): ViewTruth[] {
  const [first, second] = sandbox.partnerCentral.accounts;
  const both = sandbox.partnerCentral.truth({ catalog: Catalog, account: first.accountId }).views;
  return both.filter((view) => view.template === SUMMARY && view.revisions[0]!.createdBy !== second.accountId);
}

/** The names of a resource, by what stands behind it: a job that runs, one that is stopped, or none. */
function resource(status: 'Running' | 'Stopped' | null, place = 0) {
  const { jobs } = sandbox.partnerCentral.truth({ catalog: Catalog });
  const chosen = views().filter(({ engagementId, resourceId }) => {
    const job = jobs.find((one) => one.engagementId === engagementId && one.resourceId === resourceId);
    return (job?.status ?? null) === status;
  })[place]!;
  return {
    Catalog,
    EngagementIdentifier: chosen.engagementId,
    ResourceType: 'Opportunity' as const,
    ResourceIdentifier: chosen.resourceId,
    ResourceSnapshotTemplateIdentifier: SUMMARY,
  };
}

type Resource = ReturnType<typeof resource>;

const revisions = async (of: Resource): Promise<number> => (await acme.getResourceSnapshot(of)).Revision!;

/** Moves an opportunity, as its partner would. */
async function move(Identifier: string, members: Record<string, unknown>) {
  const { LastModifiedDate } = await acme.getOpportunity({ Catalog, Identifier });
  return acme.updateOpportunity({ Catalog, Identifier, LastModifiedDate, ...members });
}

describe('CreateResourceSnapshot', () => {
  it('makes the next revision, once per token, and for good', async () => {
    const of = resource(null);
    const before = await revisions(of);
    const made = await acme.createResourceSnapshot({ ...of, ClientToken: 'token-1' });
    expect(made).toMatchObject({ Revision: before + 1, Arn: expect.stringMatching(`/snapshot/${before + 1}$`) });
    expect(await acme.createResourceSnapshot({ ...of, ClientToken: 'token-1' })).toMatchObject({ Arn: made.Arn });
    expect(await revisions(of)).toBe(before + 1);
    const elsewhere = { ...resource(null, 1), ClientToken: 'token-1' };
    expect(await refusal(acme.createResourceSnapshot(elsewhere))).toMatchObject({ name: 'ConflictException' });
    expect(sandbox.partnerCentral.truth().made).toEqual([
      expect.objectContaining({ engagementId: of.EngagementIdentifier, revision: before + 1, clientToken: 'token-1' }),
    ]);
  });

  it('is refused for what belongs to others, and for templates of AWS or of nobody', async () => {
    const of = resource(null);
    const notFound = { name: 'ResourceNotFoundException' };
    expect(await refusal(sdk(sandbox, 1).createResourceSnapshot(of as never))).toMatchObject(notFound);
    for (const template of ['AwsOpportunitySummaryFullView', 'Opportunity']) {
      const asked = { ...of, ResourceSnapshotTemplateIdentifier: template };
      expect(await refusal(acme.createResourceSnapshot(asked as never))).toMatchObject(notFound);
    }
  });

  it('shares what had not been shared', async () => {
    const of = resource(null);
    const { engagements } = sandbox.partnerCentral.truth({ catalog: Catalog });
    const empty = engagements.find(
      ({ id }) => sandbox.partnerCentral.truth({ catalog: Catalog, engagement: id }).views.length === 0,
    )!;
    const EngagementIdentifier = empty.id;
    const made = await acme.createResourceSnapshot({ ...of, EngagementIdentifier, ClientToken: 'first' });
    expect(made.Revision).toBe(1);
    const there = await acme.listEngagementResourceAssociations({ Catalog, EngagementIdentifier });
    expect(there.EngagementResourceAssociationSummaries).toMatchObject([{ ResourceId: of.ResourceIdentifier }]);
  });
});

describe('snapshot jobs', () => {
  it('are made stopped, one per resource, and live through start, stop and delete', async () => {
    const of = resource(null, 1);
    const asked = { ...of, ClientToken: 'job-token', Tags: [{ Key: 'team', Value: 'é' }] };
    const { Id, Arn } = await acme.createResourceSnapshotJob(asked);
    expect((await acme.createResourceSnapshotJob(asked)).Id).toBe(Id);
    expect(await refusal(acme.createResourceSnapshotJob({ ...asked, ClientToken: 'another' }))).toMatchObject({
      name: 'ConflictException',
    });
    const job = { Catalog, ResourceSnapshotJobIdentifier: Id! };
    const fresh = await acme.getResourceSnapshotJob(job);
    expect(fresh).toMatchObject({ Arn, Status: 'Stopped', ResourceId: of.ResourceIdentifier });
    expect(fresh.LastSuccessfulExecutionDate).toBeUndefined();
    expect(await refusal(acme.stopResourceSnapshotJob(job))).toMatchObject({
      name: 'ValidationException',
      Reason: 'BUSINESS_VALIDATION_FAILED',
    });
    await acme.startResourceSnapshotJob(job);
    const running = await acme.getResourceSnapshotJob(job);
    expect(running).toMatchObject({ Status: 'Running', LastSuccessfulExecutionDate: expect.any(Date) });
    expect(await refusal(acme.deleteResourceSnapshotJob(job))).toMatchObject({ name: 'ConflictException' });
    expect(await refusal(sdk(sandbox, 1).getResourceSnapshotJob(job))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await acme.stopResourceSnapshotJob(job);
    await acme.tagResource({ ResourceArn: Arn!, Tags: [{ Key: 'more', Value: '' }] });
    expect((await acme.listTagsForResource({ ResourceArn: Arn! })).Tags).toEqual([
      { Key: 'team', Value: 'é' },
      { Key: 'more', Value: '' },
    ]);
    await acme.untagResource({ ResourceArn: Arn!, TagKeys: ['team'] });
    expect((await acme.listTagsForResource({ ResourceArn: Arn! })).Tags).toHaveLength(1);
    await acme.deleteResourceSnapshotJob(job);
    expect(await refusal(acme.getResourceSnapshotJob(job))).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('make a revision while they run, where what their template covers has changed', async () => {
    const of = resource('Running');
    const before = await revisions(of);
    const { Project } = await acme.getOpportunity({ Catalog, Identifier: of.ResourceIdentifier });
    await move(of.ResourceIdentifier, { Project: { ...Project, Title: 'Another title, in no snapshot' } });
    expect(await revisions(of)).toBe(before);
    await move(of.ResourceIdentifier, { LifeCycle: { Stage: 'Committed', TargetCloseDate: '2027-01-31' } });
    const after = await acme.getResourceSnapshot(of);
    expect(after.Revision).toBe(before + 1);
    expect(after.Payload?.OpportunitySummary?.Lifecycle).toMatchObject({
      Stage: 'Committed',
      TargetCloseDate: '2027-01-31',
      ReviewStatus: expect.any(String),
    });
    const earlier = await acme.getResourceSnapshot({ ...of, Revision: before });
    expect(earlier.Payload?.OpportunitySummary?.Lifecycle?.TargetCloseDate).not.toBe('2027-01-31');
  });

  it('make none while they are stopped, until they start again', async () => {
    const of = resource('Stopped');
    const before = await revisions(of);
    await move(of.ResourceIdentifier, { LifeCycle: { Stage: 'Launched', TargetCloseDate: '2027-02-28' } });
    expect(await revisions(of)).toBe(before);
    const { ResourceSnapshotJobSummaries: jobs } = await acme.listResourceSnapshotJobs({
      Catalog,
      Status: 'Stopped',
      EngagementIdentifier: of.EngagementIdentifier,
    });
    for (const { Id } of jobs!) await acme.startResourceSnapshotJob({ Catalog, ResourceSnapshotJobIdentifier: Id! });
    expect(await revisions(of)).toBe(before + 1);
  });

  it('fail on demand, and without a role, in the service’s words', async () => {
    const of = resource(null);
    const { Id } = await acme.createResourceSnapshotJob({ ...of, ClientToken: 'fails' });
    const job = { Catalog, ResourceSnapshotJobIdentifier: Id! };
    sandbox.faults.add({ kind: 'failure', details: 'Out of ink', count: 1 });
    await acme.startResourceSnapshotJob(job);
    expect(await acme.getResourceSnapshotJob(job)).toMatchObject({ LastFailure: 'Out of ink', Status: 'Running' });
    await acme.stopResourceSnapshotJob(job);
    const { ResourceSnapshotJobRoleArn } = await acme.getSellingSystemSettings({ Catalog });
    await acme.putSellingSystemSettings({ Catalog });
    await acme.startResourceSnapshotJob(job);
    expect((await acme.getResourceSnapshotJob(job)).LastFailure).toMatch('No role');
    const restored = await acme.putSellingSystemSettings({ Catalog, ResourceSnapshotJobRoleIdentifier: 'Jobs' });
    expect(restored.ResourceSnapshotJobRoleArn).toBe('arn:aws:iam::111122223333:role/Jobs');
    expect(ResourceSnapshotJobRoleArn).toMatch(/^arn:aws:iam::111122223333:role\//);
  });
});

describe('time', () => {
  it('brings changes, and revisions where a job runs or AWS makes them; what was there stays', async () => {
    const moving = await startSandbox({
      profiles: 1,
      partnerCentral: { opportunities: 8, engagements: 4, snapshots: 60 },
    });
    const before = moving.partnerCentral.truth({ catalog: 'AWS' });
    moving.advance({ seconds: 4 * 3600 });
    expect(moving.partnerCentral.truth({ catalog: 'AWS' }).snapshots).toBe(before.snapshots);
    moving.advance({ days: 3 });
    const after = moving.partnerCentral.truth({ catalog: 'AWS' });
    expect(after.snapshots).toBeGreaterThan(before.snapshots);
    const grown = new Set<string>();
    for (const view of before.views) {
      const now = after.views.find((one) => JSON.stringify(nameOf(one)) === JSON.stringify(nameOf(view)))!;
      expect(now.revisions.slice(0, view.revisions.length)).toEqual(view.revisions);
      if (now.revisions.length > view.revisions.length) grown.add(view.template);
      expect(now.revisions.map((one) => one.createdAt)).toEqual(now.revisions.map((one) => one.createdAt).toSorted());
    }
    expect([...grown].toSorted()).toEqual(['AwsOpportunitySummaryFullView', SUMMARY]);
    const moved = after.opportunities.filter(
      (now, place) => now.lastModifiedDate !== before.opportunities[place]!.lastModifiedDate,
    );
    expect(moved.length).toBeGreaterThan(0);
    expect(after.views.every((view) => view.revisions.every((one) => one.createdAt < after.asOf))).toBe(true);
    await moving.close();
  });

  const nameOf = ({ catalog, engagementId, resourceId, template }: ViewTruth) => [
    catalog,
    engagementId,
    resourceId,
    template,
  ];

  it('and seed are all that data depend on', async () => {
    const now = () => new Date('2026-11-05T12:00:00Z');
    const truths = [];
    for (const seed of [3, 3, 4]) {
      const one = await startSandbox({ seed, profiles: 1, now });
      one.advance({ days: 2 });
      truths.push(one.partnerCentral.truth());
      await one.close();
    }
    expect(truths[1]).toEqual(truths[0]);
    expect(truths[2]!.engagements).not.toEqual(truths[0]!.engagements);
  });

  it('moves on UpdateOpportunity alone, which wants to know the newest version', async () => {
    const { resourceId: Identifier } = views()[3]!;
    const { LastModifiedDate, Customer } = await acme.getOpportunity({ Catalog, Identifier });
    const moved = await acme.updateOpportunity({
      Catalog,
      Identifier,
      LastModifiedDate,
      PartnerOpportunityIdentifier: 'X',
    });
    expect(moved.LastModifiedDate!.getTime()).toBeGreaterThan(LastModifiedDate!.getTime());
    const again = { Catalog, Identifier, LastModifiedDate, PartnerOpportunityIdentifier: 'Y' };
    expect(await refusal(acme.updateOpportunity(again))).toMatchObject({ name: 'ConflictException' });
    const now = await acme.getOpportunity({ Catalog, Identifier });
    expect(now).toMatchObject({
      PartnerOpportunityIdentifier: 'X',
      Customer,
      LastModifiedDate: moved.LastModifiedDate,
    });
  });
});

describe('quotas', () => {
  it('of groups are shared by their operations, and each account has its own', async () => {
    // One call in ten seconds: no load of the machine makes a second one pass.
    const quotas = { readPerSecond: 0.1, writePerSecond: 0.1, otherPerSecond: 0.1 };
    const tight = await startSandbox({ profiles: 1, partnerCentral: { quotas } });
    const [mine, theirs] = [sdk(tight), sdk(tight, 1)];
    const throttled = { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } };
    await mine.listOpportunities({ Catalog });
    const shared = mine.listEngagementInvitations({ Catalog, ParticipantType: 'SENDER' });
    expect(await refusal(shared)).toMatchObject(throttled);
    await theirs.listOpportunities({ Catalog });
    await mine.listEngagements({ Catalog });
    expect(await refusal(mine.listResourceSnapshotJobs({ Catalog }))).toMatchObject(throttled);
    await tight.close();
  });

  it('of a day roll with sandbox time', async () => {
    const quotas = { readPerSecond: 1000, readPerDay: 2 };
    const tight = await startSandbox({ profiles: 1, partnerCentral: { quotas } });
    const client = sdk(tight);
    await client.listOpportunities({ Catalog });
    await client.listOpportunities({ Catalog });
    expect(await refusal(client.listOpportunities({ Catalog }))).toMatchObject({ name: 'ThrottlingException' });
    await client.listEngagements({ Catalog });
    tight.advance({ days: 1 });
    await client.listOpportunities({ Catalog });
    await tight.close();
  });
});

describe('faults', () => {
  const list = () => acme.listEngagements({ Catalog });

  it.each([
    'AccessDeniedException',
    'ConflictException',
    'ExpiredTokenException',
    'InternalServerException',
    'ResourceNotFoundException',
    'ServiceQuotaExceededException',
    'ThrottlingException',
    'ValidationException',
  ] as const)('%s, where it is wanted and as often', async (kind) => {
    sandbox.faults.add({ kind, route: 'ListEngagements', count: 1 });
    await acme.listEngagementResourceAssociations({ Catalog });
    const status = kind === 'InternalServerException' ? 500 : 400;
    expect(await refusal(list())).toMatchObject({ name: kind, $metadata: { httpStatusCode: status } });
    await list();
  });

  it('for one engagement, or one account', async () => {
    const [view] = views();
    const members = (client: typeof acme, Identifier: string) => client.listEngagementMembers({ Catalog, Identifier });
    sandbox.faults.add({ kind: 'AccessDeniedException', engagement: view!.engagementId, count: 1 });
    await list();
    expect(await refusal(members(acme, view!.engagementId))).toMatchObject({ name: 'AccessDeniedException' });
    sandbox.faults.add({ kind: 'ThrottlingException', account: '000456789012' });
    await list();
    expect(await refusal(sdk(sandbox, 1).listEngagements({ Catalog }))).toMatchObject({ name: 'ThrottlingException' });
  });

  it('spoil the transfer: a page, half a body, a cut or a slow connection', async () => {
    sandbox.faults.add({ kind: 'html', count: 1 });
    expect((await refusal(list())).$metadata).toMatchObject({ httpStatusCode: 502 });
    sandbox.faults.add({ kind: '503', count: 1 });
    expect((await refusal(list())).$metadata).toMatchObject({ httpStatusCode: 503 });
    sandbox.faults.add({ kind: 'cut_body', count: 1 });
    expect(await refusal(list())).toMatchObject({ name: 'SyntaxError' });
    sandbox.faults.add({ kind: 'reset', count: 1 });
    expect(await refusal(list())).toMatchObject({ code: 'ECONNRESET' });
    sandbox.faults.add({ kind: 'reset', afterBytes: 50, count: 1 });
    expect((await refusal(list())).name).toBeTypeOf('string');
    sandbox.faults.add({ kind: 'slow', bytesPerSecond: 0, count: 1 });
    const abortSignal = AbortSignal.timeout(100);
    expect(await refusal(acme.listEngagements({ Catalog }, { abortSignal }))).toMatchObject({ name: 'AbortError' });
    expect(sandbox.requests.at(-1)).toMatchObject({
      fault: 'slow',
      accountId: '111122223333',
      route: 'ListEngagements',
    });
  });

  it('repeat a page for ever', async () => {
    sandbox.faults.add({ kind: 'repeated_page_token' });
    const first = await acme.listEngagements({ Catalog, MaxResults: 2 });
    const second = await acme.listEngagements({ Catalog, MaxResults: 2, NextToken: first.NextToken });
    const third = await acme.listEngagements({ Catalog, MaxResults: 2, NextToken: second.NextToken });
    expect(third.NextToken).toBe(second.NextToken);
    expect(third.EngagementSummaryList).toEqual(second.EngagementSummaryList);
  });

  it('lose the answer when the snapshot is made; its token finds it again', async () => {
    const of = { ...resource(null), ClientToken: 'lost' };
    const before = await revisions(of);
    sandbox.faults.add({ kind: 'lost_answer', count: 1 });
    expect(await refusal(acme.createResourceSnapshot(of))).toMatchObject({ code: 'ECONNRESET' });
    expect(await acme.createResourceSnapshot(of)).toMatchObject({ Revision: before + 1 });
    expect(await revisions(of)).toBe(before + 1);
  });

  it('come over HTTP as well, beside the truth and the counts', async () => {
    const control = async (path: string, init?: RequestInit) =>
      (await fetch(`${sandbox.apiUrl}/_sandbox/${path}`, init)).json() as Promise<Record<string, unknown>>;
    const fault: Fault = { kind: 'ThrottlingException', route: 'GetEngagement' };
    await control('faults', { method: 'POST', body: JSON.stringify(fault) });
    expect(await refusal(acme.getEngagement({ Catalog, Identifier: views()[0]!.engagementId }))).toMatchObject({
      name: 'ThrottlingException',
    });
    expect(await control('partner-central/truth?catalog=Sandbox')).toEqual({
      ...sandbox.partnerCentral.truth({ catalog: Catalog }),
      asOf: expect.any(String),
    });
    expect(await control('partner-central/truth?catalog=Aws')).toEqual({
      error: expect.stringContaining('AWS and Sandbox'),
    });
    expect(await control('partner-central/calls?account=111122223333')).toMatchObject({ GetEngagement: 1 });
    expect(await control('partner-central/accounts')).toEqual(sandbox.partnerCentral.accounts);
    sandbox.reset();
    expect(sandbox.partnerCentral.calls()).toEqual({});
  });
});

describe('requests as the SDK was seen to send them', () => {
  const engagement = '"EngagementIdentifier":"eng-aw5093t842oqqt"';
  const resource = `${engagement},"ResourceType":"Opportunity","ResourceIdentifier":"O5408941","ResourceSnapshotTemplateIdentifier":"${SUMMARY}"`;

  it.each([
    ['ListResourceSnapshots', `{"Catalog":"Sandbox",${engagement},"MaxResults":50}`],
    ['GetResourceSnapshot', `{"Catalog":"Sandbox",${resource},"Revision":1}`],
    [
      'CreateResourceSnapshot',
      `{"Catalog":"Sandbox",${resource},"ClientToken":"ea364616-611f-4872-a0a6-20c86d12b211"}`,
    ],
    [
      'CreateResourceSnapshotJob',
      `{"Catalog":"Sandbox",${resource},"ClientToken":"d648347c-8173-4ffc-821c-6a12e09acb2c","Tags":[{"Key":"a","Value":"b"}]}`,
    ],
    ['StartResourceSnapshotJob', '{"Catalog":"AWS","ResourceSnapshotJobIdentifier":"job-q4keacs03lh22"}'],
  ])('%s is understood, and its resource not found', async (operation, body) => {
    const { text } = await byHand(sandbox, { operation, body });
    expect(JSON.parse(text)).toMatchObject({ __type: expect.stringMatching('#ResourceNotFoundException$') });
  });

  it('ListOpportunities is understood', async () => {
    const body =
      '{"Catalog":"AWS","Sort":{"SortOrder":"ASCENDING","SortBy":"LastModifiedDate"},"LastModifiedDate":{"AfterLastModifiedDate":"2025-02-15T17:54:40.123Z"}}';
    const { status, text } = await byHand(sandbox, { operation: 'ListOpportunities', body });
    expect([status, JSON.parse(text).OpportunitySummaries.length]).toEqual([200, 20]);
  });
});
