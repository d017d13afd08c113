import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MillpondError } from '../../src/base/errors.js';
import { openClient, type PartnerCentralClient } from '../../src/connectors/partner-central/client.js';
import { partnerCentralConfig } from '../../src/connectors/partner-central/config.js';
import { datasetsOf } from '../../src/connectors/partner-central/datasets.js';
import { millisOf, sortable } from '../../src/connectors/partner-central/instants.js';
import type { OperationName } from '../../src/connectors/partner-central/operations.js';
import { elements, members } from '../../src/connectors/partner-central/raw-json.js';
import { bytesOf, NOTHING_HELD } from '../../src/contracts/conformance/connector-trial.js';
import type { Held } from '../../src/contracts/index.js';
import { trialCtx } from './amazon.js';
import {
  configFor,
  ENGAGEMENTS,
  type Input,
  OPPORTUNITY,
  type Partner,
  refuse,
  SECRET_KEY,
  snapshot,
  startPartner,
  TUNING,
} from './partner.js';
import { sendJson } from './server.js';

let partner: Partner;
let usual: Partner['answers'];
const opened: PartnerCentralClient[] = [];

beforeAll(async () => {
  partner = await startPartner();
  usual = { ...partner.answers };
});
afterEach(async () => {
  partner.intercept = () => false;
  Object.assign(partner.answers, usual);
  partner.calls.length = 0;
  await Promise.all(opened.splice(0).map((client) => client.close()));
});
afterAll(() => partner.close());

function open(more: Input = {}): PartnerCentralClient {
  const written = configFor(partner, more);
  const settings = { name: 'trial', schema: 'partner_central', reload: () => written };
  const client = openClient(settings, partnerCentralConfig.parse(written), TUNING);
  opened.push(client);
  return client;
}

async function errorOf(call: Promise<unknown>): Promise<MillpondError> {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MillpondError);
  return error as MillpondError;
}

const get = (client: PartnerCentralClient, operation: OperationName = 'GetOpportunity') =>
  client.call(operation, { Identifier: OPPORTUNITY }, trialCtx());

/** Everything that a dataset's read says. */
async function readAll(name: string, held: Held = NOTHING_HELD) {
  const dataset = datasetsOf(open()).find((one) => one.name === name)!;
  const [draft] = dataset.fetch.coalesce(dataset.request({}), [{ dataset: name, scope: 'Sandbox', slice: '*' }]);
  const ask = { connection: 'trial', dataset: name, ...draft!, fingerprint: 'f', requestFingerprint: 'r' };
  if (dataset.fetch.kind !== 'direct') throw new Error('not read directly');
  const records: Record<string, unknown>[] = [];
  const found = [];
  for await (const piece of dataset.fetch.read(ask, held, trialCtx())) {
    found.push(piece);
    const text = piece.body ? (await bytesOf(piece.body.stream)).toString() : '';
    for (const line of text.split('\n')) if (line) records.push(JSON.parse(line));
  }
  return {
    records,
    slices: found.flatMap((piece) => piece.slices.map(({ slice }) => slice)),
    gaps: found.flatMap((piece) => piece.gaps),
    failures: found.flatMap((piece) => piece.failures ?? []),
    warnings: found.flatMap((piece) => piece.warnings ?? []),
  };
}

describe('calls', () => {
  it('keeps the answer as it came', async () => {
    const text =
      '{"Id":"O1","At":"2025-02-12T00:16:20.244448744Z","N":null,"New":{"__type":"x","a":[1.10]},"E":1739319380.244}';
    partner.answers.GetOpportunity = () => text;
    expect((await get(open())).text).toBe(text);
  });

  it.each([
    ['ThrottlingException', {}, 'E_THROTTLED'],
    ['AccessDeniedException', {}, 'E_ACCESS_DENIED'],
    ['ResourceNotFoundException', {}, 'E_RESOURCE_NOT_FOUND'],
    ['ServiceQuotaExceededException', {}, 'E_QUOTA'],
    ['ConflictException', {}, 'E_RESOURCE_CONFLICT'],
    ['InternalServerException', {}, 'E_SERVER'],
    ['ExpiredTokenException', {}, 'E_CREDENTIALS_EXPIRED'],
    ['UnrecognizedClientException', {}, 'E_CREDENTIALS'],
    ['InvalidSignatureException', { Message: 'Credential should be scoped to a valid region.' }, 'E_WRONG_ENDPOINT'],
    ['UnknownOperationException', {}, 'E_WRONG_ENDPOINT'],
    [
      'ValidationException',
      { ErrorList: [{ FieldName: 'Identifier', Message: 'is odd', Code: 'INVALID_VALUE' }] },
      'E_REQUEST_REJECTED',
    ],
  ] as const)('%s is an error of its own', async (type, more, code) => {
    partner.intercept = (_operation, _input, response) => refuse(response, type, more);
    const error = await errorOf(get(open()));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`GetOpportunity of ${OPPORTUNITY}`);
    if (code === 'E_ACCESS_DENIED') expect(error.hint).toContain('partnercentral:GetOpportunity');
    if (code === 'E_REQUEST_REJECTED') expect(error.message).toContain('Identifier is odd (INVALID_VALUE)');
  });

  it('reads the error type wherever it stands', async () => {
    partner.intercept = (_operation, _input, response) => {
      sendJson(response, 400, { __type: 'com.amazonaws#ResourceNotFoundException', message: 'Gone' });
      return true;
    };
    expect((await errorOf(get(open()))).code).toBe('E_RESOURCE_NOT_FOUND');
  });

  it('tries again after throttling, 5xx, a broken connection and an answer cut short', async () => {
    let tries = 0;
    const troubles: Partner['intercept'][] = [
      (_o, _i, response) => refuse(response, 'ThrottlingException'),
      (_o, _i, response) => {
        sendJson(response, 503, '');
        return true;
      },
    ];
    partner.intercept = (...call) => troubles[tries++]?.(...call) ?? false;
    expect((await get(open())).json.Id).toBe(OPPORTUNITY);
    tries = 0;
    troubles.splice(
      0,
      2,
      (_o, _i, response) => {
        response.destroy();
        return true;
      },
      (_o, _i, response) => {
        sendJson(response, 200, '{"Id":"O');
        return true;
      },
    );
    expect((await get(open())).json.Id).toBe(OPPORTUNITY);
    expect(tries).toBe(3);
  });

  it('looks for credentials anew when they have run out', async () => {
    partner.intercept = (_operation, _input, response, request) =>
      request.headers.authorization!.includes('AKIAOLD') ? refuse(response, 'ExpiredTokenException') : false;
    let id = 'AKIAOLDOLDOLDOLDOLD0';
    const config = () => configFor(partner, { access_key_id: id });
    const client = openClient({ name: 't', schema: 's', reload: config }, partnerCentralConfig.parse(config()), TUNING);
    opened.push(client);
    expect((await errorOf(get(client))).code).toBe('E_CREDENTIALS_EXPIRED');
    id = 'AKIANEWNEWNEWNEWNEW0';
    expect((await get(client)).json.Id).toBe(OPPORTUNITY);
  });

  it('says what is missing where there are no credentials', async () => {
    const written = { catalog: 'AWS', profile: 'nobody-has-this-profile', endpoint: partner.server.url };
    const client = openClient(
      { name: 't', schema: 's', reload: () => written },
      partnerCentralConfig.parse(written),
      TUNING,
    );
    opened.push(client);
    const error = await errorOf(get(client));
    expect(error.code).toBe('E_CREDENTIALS');
    expect(error.message).toContain('nobody-has-this-profile');
  });

  it('signs for the service and its region, with the catalog', async () => {
    await get(open({ catalog: 'AWS' }));
    const { headers, body } = partner.server.received.at(-1)!;
    expect(headers.authorization).toMatch(/\/us-east-1\/partnercentral-selling\/aws4_request/);
    expect(JSON.parse(body)).toEqual({ Catalog: 'AWS', Identifier: OPPORTUNITY });
    expect(JSON.stringify(headers)).not.toContain(SECRET_KEY);
  });
});

describe('configuration', () => {
  it.each([
    [{ catalog: 'aws' }, 'catalog'],
    [{ region: 'eu-west-1' }, 'us-east-1 only'],
    [{ endpoint: 'http://example.com' }, 'https'],
    [{ secret_access_key: undefined }, 'come together'],
    [{ external_id: 'x' }, 'needs role_arn'],
    [{ profile: 'acme' }, 'not both'],
    [{ role_arn: 'arn:aws:s3:::bucket' }, 'ARN'],
  ])('%j is refused', (more, words) => {
    const read = partnerCentralConfig.safeParse({ ...configFor(partner), ...more });
    expect(JSON.stringify(read.error?.issues)).toContain(words);
  });
});

describe('reading', () => {
  const held = (rows: (string | null)[][], gone: string[] = [], reload = false): Held => ({
    ...NOTHING_HELD,
    rows: async () => rows,
    gaps: () =>
      gone.map((slice) => ({
        key: { dataset: 'resource_snapshots', scope: 'Sandbox', slice },
        reason: 'revision_missing',
        message: '',
      })),
    reload,
  });
  const view = (engagement: string) => [engagement, OPPORTUNITY, 'OpportunitySummaryView'];

  it('fetches what is missing below the newest, also where only the newest is listed', async () => {
    const list = partner.answers.ListResourceSnapshots!;
    partner.answers.ListResourceSnapshots = (input) => {
      const { ResourceSnapshotSummaries: all } = list(input) as { ResourceSnapshotSummaries: object[] };
      return { ResourceSnapshotSummaries: [{ ...all[0], Revision: 5 }] };
    };
    const known = [
      [...view(ENGAGEMENTS[0]!), '1'],
      [...view(ENGAGEMENTS[0]!), '3'],
    ];
    const { records } = await readAll('resource_snapshots', held(known, [`${view(ENGAGEMENTS[0]!).join('/')}/4`]));
    expect(records.map(({ EngagementId, Revision }) => `${EngagementId} ${Revision}`)).toEqual([
      ...[2, 5].map((revision) => `${ENGAGEMENTS[0]} ${revision}`),
      ...[1, 2, 3, 4, 5].map((revision) => `${ENGAGEMENTS[1]} ${revision}`),
    ]);
  });

  it('asks for nothing that is held, and tells that it looked', async () => {
    const all = ENGAGEMENTS.flatMap((engagement) => ['1', '2'].map((revision) => [...view(engagement), revision]));
    const { records, slices } = await readAll('resource_snapshots', held(all));
    expect(records).toEqual([]);
    expect(slices).toEqual(ENGAGEMENTS);
    expect(partner.calls).not.toContain('GetResourceSnapshot');
    expect((await readAll('resource_snapshots', held(all, [], true))).records).toHaveLength(4);
  });

  it('a revision that is gone is a gap, a denied engagement leaves the others', async () => {
    partner.intercept = (operation, input, response) => {
      if (operation === 'ListResourceSnapshots' && input.EngagementIdentifier === ENGAGEMENTS[1]) {
        return refuse(response, 'AccessDeniedException');
      }
      return (
        operation === 'GetResourceSnapshot' && input.Revision === 1 && refuse(response, 'ResourceNotFoundException')
      );
    };
    const { records, gaps, failures } = await readAll('resource_snapshots');
    expect(records.map(({ Revision }) => Revision)).toEqual([2]);
    expect(gaps).toMatchObject([
      { key: { slice: `${view(ENGAGEMENTS[0]!).join('/')}/1` }, reason: 'revision_missing' },
    ]);
    expect(failures).toMatchObject([{ key: { slice: ENGAGEMENTS[1] }, error: { code: 'E_ACCESS_DENIED' } }]);
  });

  it('a permission that is missing ends the read before every engagement is asked for', async () => {
    const many = Array.from({ length: 60 }, (_, at) => ({ EngagementId: `eng-${String(at).padStart(14, '0')}` }));
    partner.answers.ListEngagementResourceAssociations = () => ({ EngagementResourceAssociationSummaries: many });
    partner.intercept = (operation, _input, response) =>
      operation === 'ListEngagementMembers' && refuse(response, 'AccessDeniedException');
    expect((await errorOf(readAll('engagement_members'))).code).toBe('E_ACCESS_DENIED');
    expect(partner.calls.filter((name) => name === 'ListEngagementMembers').length).toBeLessThan(60);
  });

  it('engagements are found where one of the two lists is denied', async () => {
    partner.intercept = (operation, _input, response) =>
      operation === 'ListEngagements' && refuse(response, 'AccessDeniedException');
    const { slices, warnings } = await readAll('engagement_members');
    expect(slices).toEqual(ENGAGEMENTS);
    expect(warnings).toMatchObject([{ code: 'W_NOT_ALLOWED' }]);
  });

  it('a payload nobody knows is kept and told', async () => {
    partner.answers.GetResourceSnapshot = (input) => snapshot(input, { LeadSummary: { Score: 1 } });
    const { records, warnings } = await readAll('resource_snapshots');
    expect(records[0]!.Payload).toEqual({ LeadSummary: { Score: 1 } });
    expect(warnings.every(({ code }) => code === 'W_UNKNOWN_TEMPLATE')).toBe(true);
  });

  it('cuts large engagements into artifacts of 500 revisions', async () => {
    const list = partner.answers.ListResourceSnapshots!;
    partner.answers.ListResourceSnapshots = (input) => {
      if (input.EngagementIdentifier !== ENGAGEMENTS[0]) return { ResourceSnapshotSummaries: [] };
      const { ResourceSnapshotSummaries: all } = list(input) as { ResourceSnapshotSummaries: object[] };
      return { ResourceSnapshotSummaries: [{ ...all[0], Revision: 501 }] };
    };
    const known = Array.from({ length: 500 }, (_, at) => [...view(ENGAGEMENTS[0]!), String(at + 2)]);
    const { records } = await readAll('resource_snapshots', held(known));
    expect(records).toHaveLength(1);
  });

  it('opportunities: ties at the last date are asked for again, and what failed', async () => {
    const rows = [
      ['O1', '2025-02-12 00:16:20.244448+00'],
      ['O2', '2025-02-12 00:16:18.5+00'],
      ['O3', '2025-02-12 00:16:20.244448+00'],
    ];
    partner.answers.ListOpportunities = () => ({
      OpportunitySummaries: [
        { Id: 'O2', LastModifiedDate: '2025-02-12T00:16:18.5Z' },
        { Id: 'O1', LastModifiedDate: '2025-02-12T00:16:20.24Z' },
        { Id: 'O3', LastModifiedDate: '2025-02-12T00:16:20.24Z' },
        { Id: 'O4', LastModifiedDate: '2025-02-12T00:17:00Z' },
      ],
    });
    const failed: Held = {
      ...held(rows),
      gaps: () => [{ key: { dataset: 'opportunities', scope: 'Sandbox', slice: 'O9' }, reason: 'failed', message: '' }],
    };
    const { records } = await readAll('opportunities', failed);
    expect(records.map(({ Id }) => Id)).toEqual(['O9', 'O1', 'O3', 'O4']);
    const { body } = partner.server.received.findLast(({ headers }) =>
      String(headers['x-amz-target']).endsWith('ListOpportunities'),
    )!;
    expect(JSON.parse(body)).toMatchObject({
      LastModifiedDate: { AfterLastModifiedDate: '2025-02-12T00:16:10.244Z' },
      Sort: { SortBy: 'LastModifiedDate', SortOrder: 'ASCENDING' },
    });
  });
});

describe('small parts', () => {
  it('cuts JSON where it stands, whatever is in its texts', () => {
    const text = ' { "a" : [1, {"x":"],}\\""}], "b":{ "c":[] } , "d":null }';
    expect([...members(text)]).toEqual([
      ['a', '[1, {"x":"],}\\""}]'],
      ['b', '{ "c":[] }'],
      ['d', 'null'],
    ]);
    expect(elements('[ 1 , "a,]" ,{"b":[2,3]}]')).toEqual(['1', '"a,]"', '{"b":[2,3]}']);
    expect(elements(' [ ]')).toEqual([]);
    expect(() => members('[]')).toThrow(SyntaxError);
  });

  it('compares instants as they are printed', () => {
    expect(sortable('2025-02-12T00:16:20.244448744Z', 'printed')).toBe('2025-02-12T00:16:20.244448');
    expect(sortable('2025-02-12 00:16:20.5+00', 'all')).toBe('2025-02-12T00:16:20.500000');
    expect(sortable('yesterday', 'all')).toBeUndefined();
    expect(millisOf('2025-02-12T00:16:20.244999')).toBe(Date.parse('2025-02-12T00:16:20.244Z'));
  });
});
