import type { ListResourceSnapshotsCommandInput } from '@aws-sdk/client-partnercentral-selling';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox, type ViewTruth } from '../../../src/sandbox/index.js';
import { byHand, refusal, sdk, sha256 } from './support.js';

const Catalog = 'AWS';
const SUMMARY = 'OpportunitySummaryView';
const FULL = 'AwsOpportunitySummaryFullView';

let sandbox: Sandbox;
let acme: ReturnType<typeof sdk>;
let other: ReturnType<typeof sdk>;
let views: readonly ViewTruth[];

beforeAll(async () => {
  const quotas = { readPerSecond: 1000, writePerSecond: 1000 };
  sandbox = await startSandbox({ profiles: 1, partnerCentral: { snapshots: 160, quotas } });
  acme = sdk(sandbox);
  other = sdk(sandbox, 1);
  const account = sandbox.partnerCentral.accounts[0].accountId;
  views = sandbox.partnerCentral.truth({ catalog: Catalog, account }).views;
});
afterAll(() => sandbox.close());

/** The names that a view's snapshots are asked for with. */
const named = (view: ViewTruth) => ({
  Catalog,
  EngagementIdentifier: view.engagementId,
  ResourceType: 'Opportunity' as const,
  ResourceIdentifier: view.resourceId,
  ResourceSnapshotTemplateIdentifier: view.template,
});

/** Every snapshot that a list call names, over all its pages. */
async function listed(client: typeof acme, input: ListResourceSnapshotsCommandInput): Promise<string[]> {
  const arns: string[] = [];
  for (let NextToken: string | undefined; ; ) {
    const page = await client.listResourceSnapshots({ ...input, ...(NextToken && { NextToken }) });
    arns.push(...page.ResourceSnapshotSummaries!.map((snapshot) => snapshot.Arn!));
    NextToken = page.NextToken;
    if (!NextToken) return arns;
  }
}

describe('snapshots', () => {
  it('are listed and had just as the truth says', async () => {
    expect(views.flatMap((view) => [...view.revisions, ...view.gone])).toHaveLength(160);
    const [view] = views.filter((one) => one.template === SUMMARY);
    const arns = await listed(acme, { Catalog, EngagementIdentifier: view!.engagementId, MaxResults: 3 });
    const there = views.filter((one) => one.engagementId === view!.engagementId);
    expect(new Set(arns).size).toBe(arns.length);
    expect(arns).toHaveLength(there.reduce((sum, one) => sum + one.revisions.length, 0));
    const prefix = `arn:aws:partnercentral:us-east-1::catalog/AWS/engagement/${view!.engagementId}`;
    expect(arns).toContain(`${prefix}/resource/Opportunity/${view!.resourceId}/template/${SUMMARY}/snapshot/1`);
  });

  it('carry payloads whose text has the hash that the truth names', async () => {
    for (const view of [...views.filter((one) => one.template === FULL).slice(0, 2), ...views.slice(0, 2)]) {
      const { text } = await byHand(sandbox, {
        operation: 'GetResourceSnapshot',
        body: JSON.stringify({ ...named(view), Revision: 1 }),
      });
      const [, payload] = /"Payload":(.*),"ResourceId"/.exec(text) ?? [];
      expect(sha256(payload!)).toBe(view.revisions[0]!.payloadSha256);
      expect(JSON.parse(text).CreatedAt).toBe(view.revisions[0]!.createdAt);
      expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(JSON.parse(text)).toSorted());
    }
  });

  it('are the newest where no revision is named, each differing from the one before', async () => {
    const view = views.find((one) => one.template === SUMMARY && one.gone.length === 0)!;
    const newest = await acme.getResourceSnapshot(named(view));
    expect(newest).toMatchObject({ Revision: view.revisions.length, EngagementId: view.engagementId });
    expect(newest.Payload?.OpportunitySummary?.Lifecycle?.Stage).toBeTypeOf('string');
    for (const { template, revisions } of views.filter((one) => [SUMMARY, FULL].includes(one.template))) {
      const hashes = revisions.map((one) => one.payloadSha256);
      expect(hashes.filter((hash, place) => hash === hashes[place - 1])).toEqual([]);
      const times = revisions.map((one) => one.createdAt);
      expect([template, times]).toEqual([template, times.toSorted()]);
    }
  });

  it('of AWS are for the owner alone, others for all members', async () => {
    const shared = views.find((one) => one.template === FULL && one.visibleTo.length === 1 && isShared(one))!;
    expect(await acme.getResourceSnapshot(named(shared))).toMatchObject({
      CreatedBy: 'aws',
      TargetMemberAccounts: [shared.visibleTo[0]],
    });
    expect(await refusal(other.getResourceSnapshot(named(shared)))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const both = views.find((one) => one.template === SUMMARY && one.visibleTo.length === 2)!;
    const [mine, theirs] = await Promise.all([
      acme.getResourceSnapshot(named(both)),
      other.getResourceSnapshot(named(both)),
    ]);
    expect(mine.Payload).toEqual(theirs.Payload);
  });

  it('can be of a template that nobody knows, and can be gone', async () => {
    const unknown = views.find((one) => ![SUMMARY, FULL].includes(one.template))!;
    expect((await acme.getResourceSnapshot(named(unknown))).Payload).toEqual({
      $unknown: [unknown.template, expect.objectContaining({ Category: 'Upside' })],
    });
    const [gap] = views.filter((one) => one.gone.length > 0);
    const Revision = gap!.gone[0]!;
    expect((await listed(acme, named(gap!))).some((arn) => arn.endsWith(`/snapshot/${Revision}`))).toBe(true);
    expect(await refusal(acme.getResourceSnapshot({ ...named(gap!), Revision }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('can be listed by the newest alone', async () => {
    const terse = await startSandbox({ profiles: 1, partnerCentral: { snapshots: 160, listsEveryRevision: false } });
    const view = views.find((one) => one.revisions.length > 2)!;
    expect(await listed(sdk(terse), named(view))).toEqual([
      expect.stringMatching(`/snapshot/${view.revisions.length}$`),
    ]);
    await terse.close();
  });
});

const isShared = (view: ViewTruth): boolean =>
  sandbox.partnerCentral.truth({ engagement: view.engagementId }).engagements[0]!.visibleTo.length === 2;

describe('everything else that is read', () => {
  it('engagements, by either account: the list, one, members, associations', async () => {
    const { EngagementSummaryList: all } = await acme.listEngagements({ Catalog, MaxResults: 100 });
    const truth = sandbox.partnerCentral.truth({
      catalog: Catalog,
      account: sandbox.partnerCentral.accounts[0].accountId,
    });
    expect(all!.map((one) => one.Id).toSorted()).toEqual(truth.engagements.map((one) => one.id).toSorted());
    const times = all!.map((one) => one.CreatedAt!.getTime());
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const { EngagementSummaryList: theirs } = await other.listEngagements({ Catalog });
    expect(theirs!.length).toBeGreaterThan(3);
    expect(theirs!.length).toBeLessThan(all!.length);
    expect(all!.map((one) => one.CreatedBy)).toContain('aws');
    const byAws = await acme.listEngagements({ Catalog, CreatedBy: ['aws'] });
    expect(byAws.EngagementSummaryList!.length).toBeLessThan(all!.length);
    const one = all!.find((engagement) => engagement.ModifiedAt)!;
    const got = await acme.getEngagement({ Catalog, Identifier: one.Arn! });
    expect(got).toMatchObject({ Id: one.Id, MemberCount: one.MemberCount, Contexts: [{ Type: 'CustomerProject' }] });
    expect(got).not.toHaveProperty('ModifiedAt');
    const denied: string[] = [];
    for (const { Id } of all!) {
      const members = await acme.listEngagementMembers({ Catalog, Identifier: Id! }).catch((error: Error) => error);
      if (members instanceof Error) denied.push(members.message);
      else expect(members.EngagementMemberList!.length).toBe(all!.find((known) => known.Id === Id)!.MemberCount);
    }
    expect(denied).toEqual([expect.stringContaining('partnercentral:ListEngagementMembers')]);
    const associations = await acme.listEngagementResourceAssociations({ Catalog, MaxResults: 1000 });
    const pairs = new Set(views.map((view) => `${view.engagementId} ${view.resourceId}`));
    const found = associations.EngagementResourceAssociationSummaries!.map((a) => `${a.EngagementId} ${a.ResourceId}`);
    expect(found.toSorted()).toEqual([...pairs].toSorted());
    expect(all!.filter((engagement) => !found.some((pair) => pair.startsWith(engagement.Id!)))).toHaveLength(1);
  });

  it('invitations, sent and received; they expire with sandbox time', async () => {
    const received = await acme.listEngagementInvitations({ Catalog, ParticipantType: 'RECEIVER' });
    const pending = received.EngagementInvitationSummaries!.find((one) => one.Status === 'PENDING')!;
    expect(await acme.getEngagementInvitation({ Catalog, Identifier: pending.Id! })).toMatchObject({
      EngagementId: pending.EngagementId,
      Receiver: { Account: { AwsAccountId: '111122223333' } },
      Payload: { OpportunityInvitation: { Project: { ExpectedCustomerSpend: [] } } },
    });
    const sent = await acme.listEngagementInvitations({ Catalog, ParticipantType: 'SENDER' });
    expect(sent.EngagementInvitationSummaries!.every((one) => one.SenderAwsAccountId === '111122223333')).toBe(true);
    expect(await refusal(other.getEngagementInvitation({ Catalog, Identifier: pending.Id! }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const later = await startSandbox({ profiles: 1 });
    later.advance({ days: 20 });
    expect(await sdk(later).getEngagementInvitation({ Catalog, Identifier: pending.Id! })).toMatchObject({
      Status: 'EXPIRED',
    });
    await later.close();
  });

  it('opportunities by the day of their last change, ties and all, in pages', async () => {
    const Sort = { SortBy: 'LastModifiedDate', SortOrder: 'ASCENDING' } as const;
    const ids: string[] = [];
    const times: number[] = [];
    for (let NextToken: string | undefined; ; ) {
      const page = await acme.listOpportunities({ Catalog, Sort, MaxResults: 3, ...(NextToken && { NextToken }) });
      ids.push(...page.OpportunitySummaries!.map((one) => one.Id!));
      times.push(...page.OpportunitySummaries!.map((one) => one.LastModifiedDate!.getTime()));
      NextToken = page.NextToken;
      if (!NextToken) break;
    }
    expect(new Set(ids).size).toBe(20);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(times).size).toBeLessThan(times.length);
    const after = new Date(times[12]!);
    const since = await acme.listOpportunities({ Catalog, Sort, LastModifiedDate: { AfterLastModifiedDate: after } });
    expect(since.OpportunitySummaries!).toHaveLength(times.filter((time) => time >= after.getTime()).length);
    const truth = sandbox.partnerCentral.truth({ catalog: Catalog }).opportunities.find((one) => one.id === ids[0])!;
    const { text } = await byHand(sandbox, {
      operation: 'GetOpportunity',
      body: JSON.stringify({ Catalog, Identifier: ids[0] }),
    });
    expect(sha256(text)).toBe(truth.sha256);
    expect(await refusal(other.getOpportunity({ Catalog, Identifier: ids[0] }))).toMatchObject({
      name: 'ResourceNotFoundException',
    });
    const launched = await acme.listOpportunities({ Catalog, LifeCycleStage: ['Launched'] });
    expect(launched.OpportunitySummaries!.every((one) => one.LifeCycle?.Stage === 'Launched')).toBe(true);
  });

  it('what AWS says of an opportunity, once it has been submitted', async () => {
    const { OpportunitySummaries: all } = await acme.listOpportunities({ Catalog, MaxResults: 100 });
    const submitted = all!.find((one) => one.LifeCycle?.ReviewStatus === 'Approved')!;
    const summary = await acme.getAwsOpportunitySummary({ Catalog, RelatedOpportunityIdentifier: submitted.Id! });
    expect(summary).toMatchObject({ RelatedOpportunityId: submitted.Id, Catalog, InvolvementType: 'Co-Sell' });
    const waiting = all!.find((one) => one.LifeCycle?.ReviewStatus === 'Pending Submission')!;
    expect(
      await refusal(acme.getAwsOpportunitySummary({ Catalog, RelatedOpportunityIdentifier: waiting.Id! })),
    ).toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('the catalogs are worlds apart', async () => {
    const [view] = views;
    const elsewhere = { ...named(view!), Catalog: 'Sandbox' };
    expect(await refusal(acme.getResourceSnapshot(elsewhere))).toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await acme.listEngagements({ Catalog: 'Sandbox' })).EngagementSummaryList).toHaveLength(12);
  });
});

describe('on the wire', () => {
  it('lists spell nulls out, and print times and amounts otherwise than the calls for one', async () => {
    const list = await byHand(sandbox, { body: '{"Catalog":"AWS","MaxResults":100}' });
    expect(list.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(list.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    expect(list.text).toContain('"NextToken":null}');
    expect(list.text).toContain('"ModifiedAt":null,"ModifiedBy":null');
    const summaries = JSON.parse(list.text).EngagementSummaryList as { Id: string; CreatedAt: string }[];
    const one = await byHand(sandbox, {
      operation: 'GetEngagement',
      body: `{"Catalog":"AWS","Identifier":"${summaries[3]!.Id}"}`,
    });
    expect(JSON.parse(one.text).CreatedAt).toMatch(/\.\d{7,9}Z$/);
    expect(summaries[3]!.CreatedAt).toMatch(/:\d\d(\.\d{1,2})?Z$/);
    const opportunities = await byHand(sandbox, { operation: 'ListOpportunities' });
    expect(opportunities.text).toMatch(/"Amount":"\d+\.0"/);
    expect(opportunities.text).toContain('"Arn":null');
    const [some] = (
      JSON.parse(opportunities.text).OpportunitySummaries as {
        Id: string;
        Project: { ExpectedCustomerSpend: { Amount: string }[] };
      }[]
    ).filter((o) => /\.0$/.test(o.Project.ExpectedCustomerSpend[0]!.Amount));
    const whole = await acme.getOpportunity({ Catalog, Identifier: some!.Id });
    expect(`${whole.Project!.ExpectedCustomerSpend![0]!.Amount}.0`).toBe(
      some!.Project.ExpectedCustomerSpend[0]!.Amount,
    );
  });

  it('errors have their type in body and header, and are 400', async () => {
    const answer = await byHand(sandbox, {
      operation: 'GetEngagement',
      body: '{"Catalog":"AWS","Identifier":"eng-00000000000000"}',
    });
    expect(answer.status).toBe(400);
    expect(answer.headers.get('x-amzn-errortype')).toBe(
      'ResourceNotFoundException:http://internal.amazon.com/coral/com.amazon.partnerintegrationapi.common/',
    );
    expect(JSON.parse(answer.text)).toEqual({
      Message: 'Engagement with identifier eng-00000000000000 was not found',
      __type: 'com.amazon.partnerintegrationapi.common#ResourceNotFoundException',
    });
  });

  it.each([
    [{}, 'Catalog', 'REQUIRED_FIELD_MISSING'],
    [{ Catalog: 'A-1' }, 'Catalog', 'INVALID_STRING_FORMAT'],
    [{ Catalog: 'Aws' }, 'Catalog', 'INVALID_ENUM_VALUE'],
    [{ Catalog, MaxResults: 101 }, 'MaxResults', 'VALUE_OUT_OF_RANGE'],
    [{ Catalog, EngagementIdentifier: ['eng-1'] }, 'EngagementIdentifier.1.member', 'INVALID_STRING_FORMAT'],
    [{ Catalog, CreatedBy: [] }, 'CreatedBy', 'NOT_ENOUGH_VALUES'],
    [{ Catalog, Sort: { SortBy: 'CreatedDate' } }, 'Sort.SortOrder', 'REQUIRED_FIELD_MISSING'],
    [{ Catalog, Sort: { SortBy: 'Title', SortOrder: 'ASCENDING' } }, 'Sort.SortBy', 'INVALID_ENUM_VALUE'],
    [{ Catalog, NextToken: 'AAMA-EFRSURBmade-up' }, 'NextToken', 'INVALID_VALUE'],
  ])('%j is refused', async (request, FieldName, Code) => {
    expect(await refusal(acme.listEngagements(request as never))).toMatchObject({
      name: 'ValidationException',
      Reason: 'REQUEST_VALIDATION_FAILED',
      ErrorList: [{ FieldName, Code, Message: expect.any(String) }],
    });
  });

  it('a page token is of one request and one account', async () => {
    const { NextToken } = await acme.listEngagements({ Catalog, MaxResults: 2 });
    expect((await acme.listEngagements({ Catalog, NextToken })).EngagementSummaryList).toHaveLength(10);
    const wrong = { name: 'ValidationException' };
    expect(await refusal(acme.listEngagements({ Catalog, NextToken, CreatedBy: ['aws'] }))).toMatchObject(wrong);
    expect(await refusal(other.listEngagements({ Catalog, NextToken }))).toMatchObject(wrong);
  });

  it('what is no JSON, or of the wrong type, cannot be read; unknown members are ignored', async () => {
    for (const body of ['{"Catalog":', '[]', '{"Catalog":7}', '{"Catalog":"AWS","MaxResults":"3"}']) {
      const { status, text } = await byHand(sandbox, { body });
      expect([status, JSON.parse(text).__type]).toEqual([400, 'com.amazon.coral.service#SerializationException']);
    }
    expect((await byHand(sandbox, { body: '{"Catalog":"AWS","Colour":"blue"}' })).status).toBe(200);
    expect(JSON.parse((await byHand(sandbox, { operation: 'DropEverything' })).text).__type).toMatch(
      'UnknownOperationException',
    );
  });
});

describe('signatures', () => {
  it('by hand are as good as the SDK’s', async () => {
    expect((await byHand(sandbox)).status).toBe(200);
  });

  it.each([
    ['a wrong secret', { secret: 'nope' }, 'InvalidSignatureException'],
    ['another service', { service: 'execute-api' }, 'InvalidSignatureException'],
    ['an old date', { at: new Date(Date.now() - 10 * 60_000) }, 'InvalidSignatureException'],
    ['a session token of nobody', { headers: { 'x-amz-security-token': 'x' } }, 'UnrecognizedClientException'],
  ])('with %s are refused', async (_, asked, type) => {
    const { status, text } = await byHand(sandbox, asked);
    expect([status, JSON.parse(text).__type]).toEqual([400, `com.amazon.coral.service#${type}`]);
  });

  it('must be there, of a known key, for the right region', async () => {
    const bare = await fetch(sandbox.partnerCentralUrl, {
      method: 'POST',
      body: '{}',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AWSPartnerCentralSelling.ListEngagements',
      },
    });
    expect(await bare.json()).toMatchObject({ __type: expect.stringMatching('MissingAuthenticationTokenException') });
    const stranger = sdk(sandbox, 0, { credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' } });
    expect(await refusal(stranger.listEngagements({ Catalog }))).toMatchObject({ name: 'UnrecognizedClientException' });
    const abroad = sdk(sandbox, 0, { region: 'eu-west-1' });
    expect(await refusal(abroad.listEngagements({ Catalog }))).toMatchObject({ name: 'InvalidSignatureException' });
  });

  it('of an assumed role act for its account, for their time, and only with the external id', async () => {
    const { roleArn, externalId } = sandbox.partnerCentral.accounts[1];
    const assumed = (ExternalId: string) => {
      const { accessKeyId, secretAccessKey } = sandbox.partnerCentral.accounts[0];
      return fromTemporaryCredentials({
        masterCredentials: { accessKeyId, secretAccessKey },
        params: { RoleArn: roleArn, RoleSessionName: 'millpond', ExternalId },
        clientConfig: { region: 'us-east-1', endpoint: sandbox.partnerCentralUrl, maxAttempts: 1 },
      });
    };
    expect(await refusal(assumed('wrong')())).toMatchObject({ name: 'AccessDenied' });
    const credentials = await assumed(externalId)();
    const role = sdk(sandbox, 0, { credentials });
    const mine = (await role.listEngagements({ Catalog })).EngagementSummaryList!.map((one) => one.Id);
    expect(mine).toEqual((await other.listEngagements({ Catalog })).EngagementSummaryList!.map((one) => one.Id));
    sandbox.advance({ seconds: 3601 });
    expect(await refusal(role.listEngagements({ Catalog }))).toMatchObject({ name: 'ExpiredTokenException' });
    expect(JSON.stringify(sandbox.requests)).not.toContain(credentials.sessionToken);
  });
});
