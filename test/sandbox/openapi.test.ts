import { Ajv, type ValidateFunction } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPORTS, SNAPSHOTS } from '../../src/sandbox/data/catalog.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { Client, compact, daysAgo } from './client.js';
import {
  ERROR,
  KNOWN_ERRORS,
  OPERATIONS,
  type Operation,
  PROFILE,
  RECORDS,
  type Shape,
} from './fixtures/documented.js';

/** The sandbox's traffic, held against Amazon's documents: what differs must be a known error of theirs. */

let sandbox: Sandbox;
let client: Client;
let seller: string;
const differences = new Set<string>();

beforeAll(async () => {
  sandbox = await startSandbox({ rows: 60, jobSeconds: 0, profiles: 13 });
  client = await Client.login(sandbox);
  seller = sandbox.profiles[0]!.profileId;
});
afterAll(() => sandbox.close());

const ajv = new Ajv({ allErrors: true, strict: false });
const metrics: Record<string, string> = { asins: 'asin,otherAsin' };
const good = (operation: Operation, recordType: string): Record<string, string> => ({
  reportDate: compact(daysAgo(3)),
  metrics: metrics[recordType] ?? 'adGroupName,clicks'.slice(recordType === 'campaigns' ? 12 : 0),
  ...(operation.name.startsWith('sd') && { tactic: 'T00030' }),
  ...(recordType === 'asins' && { campaignType: 'sponsoredProducts' }),
});

function schemaOf(shapes: Readonly<Record<string, Shape>>) {
  const properties = Object.entries(shapes).map(([name, shape]) => [
    name,
    typeof shape === 'string' ? { type: shape } : { enum: shape },
  ]);
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false };
}

const checks = new Map<object, ValidateFunction>();

/** Notes each property of a value that the documents do not allow. */
function hold(name: string, value: unknown, shapes: Readonly<Record<string, Shape>>): void {
  const check = checks.get(shapes) ?? ajv.compile(schemaOf(shapes));
  checks.set(shapes, check);
  if (check(value)) return;
  for (const error of check.errors ?? []) {
    const property = error.instancePath.split('/')[1] ?? String(error.params.additionalProperty);
    differences.add(`${name}: ${property}`);
  }
}

/** Asks, and holds the answer against the operation's documents. */
async function ask(operation: Operation, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await (operation.method === 'POST'
    ? client.post(url, seller, body, headers)
    : client.get(url, operation.name === 'profiles' ? undefined : seller, headers));
  const text = await answer.text();
  const documented = answer.status === operation.success || operation.errors.includes(answer.status);
  if (!documented) differences.add(`${operation.name}: status ${answer.status}`);
  if (answer.status >= 400) hold('error', JSON.parse(text), ERROR);
  else if (operation.answer) hold(operation.name, JSON.parse(text), operation.answer);
  return { status: answer.status, text };
}

const idIn = (text: string): string => {
  const { reportId, snapshotId } = JSON.parse(text) as { reportId?: string; snapshotId?: string };
  return (reportId ?? snapshotId) as string;
};

/** A running job of the kind that a GET operation asks about. */
async function jobFor(operation: Operation): Promise<string> {
  const creates = OPERATIONS.filter(({ method }) => method === 'POST');
  const create = creates.find(({ name }) => operation.name.startsWith(name)) ?? creates[0]!;
  const recordType = create.recordTypes!.includes('adGroups') ? 'adGroups' : 'campaigns';
  return client.create(create.path.replace('{recordType}', recordType), seller, good(create, recordType));
}

describe.each(OPERATIONS.map((operation) => [`${operation.method} ${operation.path}`, operation] as const))(
  '%s',
  (_, operation) => {
    const types = operation.recordTypes ?? [''];

    it('accepts what the documents allow', async () => {
      for (const recordType of types) {
        if (operation.method === 'POST') {
          const url = operation.path.replace('{recordType}', recordType);
          const { status, text } = await ask(operation, url, good(operation, recordType));
          expect([recordType, status < 300]).toEqual([recordType, true]);
          expect(idIn(text)).toBeTypeOf('string');
        } else {
          const id = operation.path.includes('{id}') ? await jobFor(operation) : '';
          const url = operation.path.replace('{id}', id);
          if (id) await client.wait(url.replace('/download', ''), seller);
          expect((await ask(operation, url)).status < 400).toBe(true);
        }
      }
    });

    it('accepts every documented value of every property of its body', async () => {
      for (const [property, values] of Object.entries(operation.body ?? {})) {
        for (const value of values) {
          const fits = (type: string) =>
            property !== 'segment' ||
            REPORTS.some((r) => operation.name.startsWith(r.product) && r.recordType === type && r.segment === value);
          const recordType = property === 'campaignType' ? 'asins' : types.find(fits)!;
          const url = operation.path.replace('{recordType}', recordType);
          const { status, text } = await ask(operation, url, { ...good(operation, recordType), [property]: value });
          expect([property, value, status < 300 || text]).toEqual([property, value, true]);
        }
      }
    });

    it('wants the documented headers, Authorization among them', async () => {
      const url = operation.path.replace('{recordType}', 'campaigns').replace('{id}', await jobFor(operation));
      for (const header of [...operation.headers, 'authorization']) {
        expect((await ask(operation, url, good(operation, 'campaigns'), { [header]: '' })).status).toBe(401);
      }
    });

    it('refuses in the documented ways', async () => {
      if (operation.method === 'GET') {
        if (operation.path.includes('{id}'))
          expect((await ask(operation, operation.path.replace('{id}', 'none'))).status).toBe(404);
        return;
      }
      const url = operation.path.replace('{recordType}', 'campaigns');
      expect((await ask(operation, url, 'no JSON')).status).toBe(422);
      expect((await ask(operation, operation.path.replace('{recordType}', 'things'), {})).status).toBe(400);
      if (operation.name === 'sp report')
        expect((await ask(operation, url, '{}', { 'content-type': 'text/plain' })).status).toBe(415);
      if (!operation.name.endsWith('report')) return;
      expect((await ask(operation, url, { ...good(operation, 'campaigns'), reportDate: '20200101' })).status).toBe(406);
      expect((await ask(operation, url, { ...good(operation, 'campaigns'), metrics: 'nope' })).status).toBe(400);
    });
  },
);

describe('data', () => {
  it('has profiles as documented', async () => {
    const profiles = JSON.parse(await (await client.get('/v2/profiles?accessLevel=view')).text()) as unknown[];
    expect(profiles.length).toBe(13);
    for (const profile of profiles) hold('profiles', profile, PROFILE);
  });

  it.each(Object.entries(RECORDS))('has records of %s as documented', (dataset, shapes) => {
    expect(SNAPSHOTS.map((kind) => kind.dataset)).toContain(dataset);
    const records = JSON.parse(sandbox.fileFor(dataset, seller)) as unknown[];
    expect(records.length).toBeGreaterThan(10);
    for (const record of records) hold(dataset, record, shapes);
  });

  it('has record types as documented', () => {
    for (const operation of OPERATIONS.filter(({ recordTypes }) => recordTypes)) {
      const [product, what] = operation.name.split(' ');
      const kinds = what === 'report' ? REPORTS : SNAPSHOTS;
      const served = new Set(kinds.filter((kind) => kind.product === product).map((kind) => kind.recordType));
      for (const type of operation.recordTypes!) expect(served).toContain(type);
      for (const type of served)
        if (!operation.recordTypes!.includes(type)) differences.add(`${operation.name}: record type ${type}`);
    }
  });
});

describe('the documents', () => {
  it('are wrong only where that is known, and the list names nothing else', () => {
    expect([...differences].sort()).toEqual(Object.keys(KNOWN_ERRORS).sort());
  });
});
