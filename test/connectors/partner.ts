import { partnerCentral } from '../../src/connectors/partner-central/index.js';
import { openSource } from '../../src/connectors/partner-central/source.js';
import type { ConnectorBench } from '../../src/contracts/conformance/connector.js';
import type { Source } from '../../src/contracts/index.js';
import { type Handler, type Received, sendJson, startServer, type TestServer } from './server.js';

export const ACCESS_KEY = 'AKIATRIALTRIALTRIAL0';
export const SECRET_KEY = 'trial-secret-access-key-0123456789';
export const SESSION_TOKEN = 'trial-session-token-0123456789';

export const ENGAGEMENTS = ['eng-00000000000001', 'eng-00000000000002'];
export const OPPORTUNITY = 'O9007199254740993';

/** What an operation is asked with. */
export type Input = Readonly<Record<string, unknown>>;

/** A snapshot as the service prints it: nanoseconds, nulls, amounts as texts. */
export function snapshot(
  input: Input,
  payload: unknown = { OpportunitySummary: { Lifecycle: { Stage: 'Qualified' }, Customer: null } },
) {
  return {
    Arn: 'arn:aws:partnercentral:us-east-1::catalog/Sandbox/…',
    Catalog: 'Sandbox',
    CreatedAt: '2025-02-12T00:16:20.244448744Z',
    CreatedBy: '000123456789',
    EngagementId: input.EngagementIdentifier,
    Payload: payload,
    ResourceId: input.ResourceIdentifier,
    ResourceSnapshotTemplateName: input.ResourceSnapshotTemplateIdentifier,
    ResourceType: 'Opportunity',
    Revision: input.Revision,
    TargetMemberAccounts: ['000123456789', 'aws'],
  };
}

const summary = (engagement: unknown, Revision: number) => ({
  Arn: `arn:aws:partnercentral:us-east-1::catalog/Sandbox/engagement/${engagement}/…/${Revision}`,
  CreatedBy: '000123456789',
  ResourceId: OPPORTUNITY,
  ResourceSnapshotTemplateName: 'OpportunitySummaryView',
  ResourceType: 'Opportunity',
  Revision,
});

/** Good answers by operation: two engagements on two pages, two revisions in each. */
const ANSWERS: Readonly<Record<string, (input: Input) => unknown>> = {
  ListEngagements: ({ NextToken }) =>
    NextToken === 'two'
      ? { EngagementSummaryList: [{ Id: ENGAGEMENTS[1], Title: 'Second' }], NextToken: null }
      : { EngagementSummaryList: [{ Id: ENGAGEMENTS[0], Title: 'First' }], NextToken: 'two' },
  ListEngagementResourceAssociations: () => ({
    EngagementResourceAssociationSummaries: ENGAGEMENTS.map((EngagementId) => ({
      Catalog: 'Sandbox',
      EngagementId,
      ResourceId: OPPORTUNITY,
      ResourceType: 'Opportunity',
      CreatedBy: '000123456789',
    })),
  }),
  ListEngagementMembers: () => ({
    EngagementMemberList: [{ AccountId: '000123456789', CompanyName: 'Acme', WebsiteUrl: null }],
  }),
  ListEngagementInvitations: () => ({ EngagementInvitationSummaries: [] }),
  ListResourceSnapshots: ({ EngagementIdentifier }) => ({
    ResourceSnapshotSummaries: [summary(EngagementIdentifier, 2), summary(EngagementIdentifier, 1)],
  }),
  GetResourceSnapshot: snapshot,
  ListResourceSnapshotJobs: () => ({ ResourceSnapshotJobSummaries: [{ Id: 'job-0000000000001' }] }),
  GetResourceSnapshotJob: ({ ResourceSnapshotJobIdentifier }) => ({
    Catalog: 'Sandbox',
    Id: ResourceSnapshotJobIdentifier,
  }),
  ListOpportunities: () => ({
    OpportunitySummaries: [{ Id: OPPORTUNITY, LastModifiedDate: '2025-02-12T00:16:20.24Z' }],
  }),
  GetOpportunity: ({ Identifier }) => ({
    Catalog: 'Sandbox',
    Id: Identifier,
    LastModifiedDate: '2025-02-12T00:16:20.244448744Z',
  }),
  GetAwsOpportunitySummary: ({ RelatedOpportunityIdentifier }) => ({
    Catalog: 'Sandbox',
    RelatedOpportunityId: RelatedOpportunityIdentifier,
  }),
};

/** A small stand-in for the service whose every answer a test can replace. */
export interface Partner {
  readonly server: TestServer;
  /** Answers before the usual way is gone; returns true where it has answered. */
  intercept: (operation: string, input: Input, response: Parameters<Handler>[1], request: Received) => boolean;
  /** Answers instead of the usual ones, by operation. */
  readonly answers: Record<string, (input: Input) => unknown>;
  /** Operations asked for so far, in order. */
  readonly calls: string[];
  close(): Promise<void>;
}

export async function startPartner(): Promise<Partner> {
  const server = await startServer((request, response) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1]!;
    const input = JSON.parse(request.body) as Input;
    partner.calls.push(operation);
    if (partner.intercept(operation, input, response, request)) return;
    sendJson(response, 200, partner.answers[operation]!(input));
  });
  const partner: Partner = {
    server,
    intercept: () => false,
    answers: { ...ANSWERS },
    calls: [],
    close: () => server.close(),
  };
  return partner;
}

/** Answers as the service refuses. */
export function refuse(response: Parameters<Handler>[1], type: string, members: Input = {}, status = 400): true {
  const header = `${type}:http://internal.amazon.com/coral/com.amazon.partnerintegrationapi.common/`;
  sendJson(response, status, { Message: 'No.', ...members }, { 'x-amzn-errortype': header });
  return true;
}

/** A connection's settings for the stand-in. */
export function configFor(partner: Pick<Partner, 'server'>, more: Input = {}): Input {
  return {
    catalog: 'Sandbox',
    access_key_id: ACCESS_KEY,
    secret_access_key: SECRET_KEY,
    session_token: SESSION_TOKEN,
    endpoint: partner.server.url,
    limits: { reads_per_second: 1000 },
    ...more,
  };
}

/** Patience of milliseconds. */
export const TUNING = {
  timeouts: { connectMs: 1000, idleMs: 1000, callMs: 1500 },
  retry: { tries: 3, firstMs: 5, maxMs: 20 },
};

/** Opens a source that tries three times within milliseconds. */
export function openTrial(written: Input): Promise<Source> {
  const settings = { name: 'trial', schema: 'partner_central', reload: () => written };
  return openSource(settings, partnerCentral.config.parse(written), TUNING);
}

/** The connector over the stand-in, for the conformance suite. */
export async function openPartnerBench(): Promise<ConnectorBench> {
  const partner = await startPartner();
  const source = await openTrial(configFor(partner));
  const listed: Record<string, readonly string[]> = {
    resource_snapshots: ENGAGEMENTS,
    engagement_members: ENGAGEMENTS,
    opportunities: [OPPORTUNITY],
  };
  return {
    source,
    scopesAreKnown: true,
    secrets: [SECRET_KEY, SESSION_TOKEN],
    wants: ({ name }) => [{ dataset: name, scope: 'Sandbox', slice: '*' }],
    listed: ({ name }) => listed[name] ?? ['all'],
    requests: () => partner.server.received.map((request) => ({ ...request, download: false })),
    jobsMade: () => [],
    stall() {
      partner.intercept = () => true;
    },
    repeatPages() {
      partner.intercept = (operation, input, response) => {
        if (!operation.startsWith('List')) return false;
        sendJson(response, 200, { ...(partner.answers[operation]!(input) as Input), NextToken: 'the same again' });
        return true;
      };
    },
    echo() {
      partner.intercept = (_operation, _input, response, request) =>
        refuse(response, 'ValidationException', { Message: JSON.stringify(request.headers) });
    },
    async close() {
      await source.close();
      await partner.close();
    },
  };
}
