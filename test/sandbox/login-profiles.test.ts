import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { Client, parseExactly } from './client.js';

let sandbox: Sandbox;
let client: Client;

beforeAll(async () => {
  sandbox = await startSandbox({ profiles: 13, tokenSeconds: 60 });
  client = await Client.login(sandbox);
});
afterAll(() => sandbox.close());

describe('token endpoint', () => {
  it('gives tokens as Login with Amazon does', async () => {
    const answer = await client.token();
    const body = (await answer.json()) as Record<string, unknown>;
    expect(answer.status).toBe(200);
    expect(body).toMatchObject({ token_type: 'bearer', expires_in: 60 });
    expect(body.access_token).toMatch(/^Atza\|/);
    expect(body.refresh_token).toMatch(/^Atzr\|/);
  });

  it.each([
    [{ client_secret: 'wrong' }, 401, 'invalid_client'],
    [{ client_id: 'wrong' }, 401, 'invalid_client'],
    [{ refresh_token: 'Atzr|wrong' }, 400, 'invalid_grant'],
    [{ refresh_token: '' }, 400, 'invalid_request'],
    [{ grant_type: 'password' }, 400, 'unsupported_grant_type'],
  ])('refuses %j', async (form, status, error) => {
    const answer = await client.token(form);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error, error_description: expect.any(String) });
  });

  it('wants a form', async () => {
    const answer = await fetch(sandbox.tokenUrl, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_request' }]);
  });

  it('lets tokens expire with sandbox time', async () => {
    const other = await Client.login(sandbox);
    expect((await other.get('/v2/profiles')).status).toBe(200);
    sandbox.advance({ seconds: 61 });
    const refused = await other.get('/v2/profiles');
    expect([refused.status, await refused.json()]).toMatchObject([401, { code: '401', requestId: expect.any(String) }]);
    client = await Client.login(sandbox);
  });
});

interface Profile {
  profileId: string;
  countryCode: string;
  currencyCode: string;
  timezone: string;
  accountInfo: { type: string; subType?: string; validPaymentMethod?: boolean; name: string };
}

const list = async (query = ''): Promise<Profile[]> =>
  parseExactly<Profile[]>(await (await client.get(`/v2/profiles${query}`)).text());

describe('profiles', () => {
  it('come as numbers, some beyond 2^53, of many places and kinds', async () => {
    const profiles = await list('?accessLevel=view');
    expect(profiles.map((p) => p.profileId)).toEqual(sandbox.profiles.map((p) => p.profileId));
    expect(profiles.filter((p) => BigInt(p.profileId) > 2n ** 53n).length).toBeGreaterThanOrEqual(2);
    expect(new Set(profiles.map((p) => p.timezone)).size).toBeGreaterThanOrEqual(8);
    expect(new Set(profiles.map((p) => p.currencyCode)).size).toBeGreaterThanOrEqual(8);
    expect(new Set(profiles.map((p) => p.accountInfo.type))).toEqual(new Set(['seller', 'vendor', 'agency']));
    expect(profiles.some((p) => p.accountInfo.subType === 'KDP_AUTHOR')).toBe(true);
    expect(profiles.find((p) => p.countryCode === 'UK')?.accountInfo.name).toBe('Weir & Sons "Home" \\ Garden');
  });

  it('are fewer at the level edit, which is the default', async () => {
    const edit = await list('?accessLevel=edit');
    expect(await list()).toEqual(edit);
    expect(edit.length).toBe(sandbox.profiles.filter((p) => p.access === 'edit').length);
    expect(edit.length).toBeLessThan(sandbox.profiles.length);
  });

  it('can be filtered by type and payment method', async () => {
    const vendors = await list('?accessLevel=view&profileTypeFilter=vendor,agency');
    expect(new Set(vendors.map((p) => p.accountInfo.type))).toEqual(new Set(['vendor', 'agency']));
    const unpaid = await list('?accessLevel=view&validPaymentMethodFilter=false');
    expect(unpaid.map((p) => p.accountInfo.validPaymentMethod)).toEqual([false]);
    const paid = await list('?accessLevel=view&validPaymentMethodFilter=true');
    expect(paid.length).toBe(sandbox.profiles.length - 1);
  });

  it.each(['apiProgram=nonsense', 'accessLevel=own', 'profileTypeFilter=shop', 'validPaymentMethodFilter=maybe'])(
    'refuse %s',
    async (query) => {
      expect((await client.get(`/v2/profiles?${query}`)).status).toBe(400);
    },
  );

  it('can be asked for one by one', async () => {
    const id = sandbox.profiles[1]!.profileId;
    expect(parseExactly<Profile>(await (await client.get(`/v2/profiles/${id}`)).text()).profileId).toBe(id);
    expect((await client.get('/v2/profiles/1')).status).toBe(404);
  });

  it('are never twice the same, however many', async () => {
    const many = await startSandbox({ profiles: 300 });
    expect(new Set(many.profiles.map((p) => p.profileId)).size).toBe(300);
    await many.close();
  });
});
