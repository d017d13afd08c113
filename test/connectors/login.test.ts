import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redact } from '../../src/base/secrets.js';
import type { Source } from '../../src/contracts/index.js';
import {
  type Amazon,
  askFor,
  configFor,
  jobDataset,
  makeJobs,
  openTrial,
  PROFILE,
  startAmazon,
  trialCtx,
} from './amazon.js';
import { sendJson } from './server.js';

let amazon: Amazon;
const sources: Source[] = [];
beforeEach(async () => {
  amazon = await startAmazon();
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await amazon.close();
});

async function open(more: Record<string, unknown> = {}, reload?: () => unknown): Promise<Source> {
  const source = await openTrial(configFor(amazon, more), reload);
  sources.push(source);
  return source;
}
const tokenCalls = () => amazon.api.received.filter((r) => r.url === '/auth/o2/token');
const ask = (source: Source, name = 'sp_campaigns_snapshot') => {
  const dataset = jobDataset(source, name);
  return makeJobs(dataset, askFor(dataset, '2026-11-02'), trialCtx());
};

describe('login', () => {
  it('is one for all who wait for it', async () => {
    const source = await open();
    await Promise.all(Array.from({ length: 20 }, () => source.scopes(trialCtx())));
    expect(amazon.logins).toBe(1);
    expect(new URLSearchParams(tokenCalls()[0]!.body).get('grant_type')).toBe('refresh_token');
  });

  it('sends what Amazon wants to see, the scope only where a profile is meant', async () => {
    const source = await open();
    await source.scopes(trialCtx());
    await ask(source);
    const [profiles, create] = amazon.api.received.filter((r) => r.url !== '/auth/o2/token');
    expect(profiles!.url).toContain('accessLevel=view');
    expect(profiles!.headers['amazon-advertising-api-scope']).toBeUndefined();
    expect(create!.headers).toMatchObject({
      authorization: 'Bearer Atza|trial-token-1',
      'amazon-advertising-api-clientid': 'amzn1.application-oa2-client.trial',
      'amazon-advertising-api-scope': PROFILE,
      'content-type': 'application/json',
    });
  });

  it('is renewed before its token ends', async () => {
    amazon.tokenSeconds = 0.05;
    const source = await open();
    await source.scopes(trialCtx());
    await new Promise((resolve) => setTimeout(resolve, 60));
    await source.scopes(trialCtx());
    expect(amazon.logins).toBe(2);
  });

  it('is renewed once after a 401, for all callers together', async () => {
    amazon.intercept = (request, response) => {
      if (request.headers.authorization !== 'Bearer Atza|trial-token-1') return false;
      sendJson(response, 401, { code: 'UNAUTHORIZED', details: 'Unauthorized' });
      return true;
    };
    const source = await open();
    await Promise.all(Array.from({ length: 10 }, () => source.scopes(trialCtx())));
    expect(amazon.logins).toBe(2);
  });

  it('is not renewed for a 401 that concerns a profile', async () => {
    for (const details of [
      `Not authorized to access scope ${PROFILE}`,
      `No matching advertiser found for scope ${PROFILE}`,
    ]) {
      amazon.intercept = (request, response) => {
        if (request.url === '/auth/o2/token') return false;
        sendJson(response, 401, { code: '401', details });
        return true;
      };
      const source = await open();
      const before = amazon.logins;
      await expect(ask(source)).rejects.toMatchObject({
        code: 'E_ACCESS_DENIED',
        message: expect.stringContaining(details),
      });
      expect(amazon.logins).toBe(before + 1);
    }
  });

  it('is not renewed again and again for a profile that is always answered 401', async () => {
    amazon.intercept = (request, response) => {
      if (request.method !== 'POST' || request.url === '/auth/o2/token') return false;
      sendJson(response, 401, { code: '401', details: 'Unauthorized' });
      return true;
    };
    const source = await open();
    for (let i = 0; i < 5; i++) await expect(ask(source)).rejects.toMatchObject({ code: 'E_ACCESS_DENIED' });
    expect(amazon.logins).toBe(2);
  });

  it('refused is a matter of credentials, and not tried again and again', async () => {
    for (const [status, error] of [
      [400, 'invalid_grant'],
      [401, 'invalid_client'],
    ] as const) {
      amazon.intercept = (request, response) => {
        if (request.url !== '/auth/o2/token') return false;
        sendJson(response, status, { error, error_description: `The request has an ${error}` });
        return true;
      };
      const source = await open();
      const before = tokenCalls().length;
      for (let i = 0; i < 3; i++) {
        await expect(source.scopes(trialCtx())).rejects.toMatchObject({
          code: 'E_CREDENTIALS',
          exit: 2,
          message: expect.stringContaining(error),
        });
      }
      expect(tokenCalls().length).toBe(before + 1);
    }
  });

  it('reads the credentials again each time', async () => {
    let refresh = 'Atzr|first-refresh-token';
    amazon.tokenSeconds = 0.01;
    const source = await open({}, () => ({ ...configFor(amazon), refresh_token: refresh, connector: 'amazon-ads' }));
    await source.scopes(trialCtx());
    refresh = 'Atzr|second-refresh-token';
    await new Promise((resolve) => setTimeout(resolve, 20));
    await source.scopes(trialCtx());
    expect(tokenCalls().map((r) => new URLSearchParams(r.body).get('refresh_token'))).toEqual([
      'Atzr|first-refresh-token',
      refresh,
    ]);
    expect(redact(`a ${refresh} b Atza|trial-token-2`)).toBe('a [redacted] b [redacted]');
  });

  it('says which credential is missing by then, not what the others are', async () => {
    const source = await open({}, () => ({ client_id: 'x', client_secret: 'a-secret-not-to-be-said' }));
    const error = await source.scopes(trialCtx()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E_CONFIG', message: expect.stringContaining('refresh_token') });
    expect(String(error)).not.toContain('a-secret-not-to-be-said');
  });

  it('survives the caller who began it', async () => {
    let answer: (() => void) | undefined;
    amazon.intercept = (request) => {
      if (request.url !== '/auth/o2/token' || answer) return false;
      return new Promise((resolve) => {
        answer = () => resolve(false);
      });
    };
    const source = await open();
    const controller = new AbortController();
    const first = source.scopes(trialCtx(controller.signal)).catch((error: unknown) => error);
    const second = source.scopes(trialCtx());
    await new Promise((resolve) => setTimeout(resolve, 50));
    controller.abort();
    expect(await first).toMatchObject({ code: 'E_INTERRUPTED' });
    answer!();
    expect((await second).visible).toHaveLength(3);
    expect(amazon.logins).toBe(1);
  });

  it('is tried again when its host fails, and says so where it cannot be reached', async () => {
    let failures = 2;
    amazon.intercept = (request, response) => {
      if (request.url !== '/auth/o2/token' || failures-- <= 0) return false;
      response.writeHead(503, { 'content-type': 'text/html' }).end('<h1>Service Unavailable</h1>');
      return true;
    };
    expect((await (await open()).scopes(trialCtx())).visible).toHaveLength(3);
    failures = 100;
    const before = tokenCalls().length;
    await expect((await open()).scopes(trialCtx())).rejects.toMatchObject({ code: 'E_SERVER' });
    expect(tokenCalls().length - before, 'the tries of login and call are not multiplied').toBe(3);
    const nowhere = await open({ endpoints: { api: amazon.api.url, token: 'http://127.0.0.1:9/token' } });
    await expect(nowhere.scopes(trialCtx())).rejects.toMatchObject({
      code: 'E_UNREACHABLE',
      exit: 75,
      message: expect.stringContaining('127.0.0.1:9'),
    });
  });
});
