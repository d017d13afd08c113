import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Source } from '../../src/contracts/index.js';
import {
  type Amazon,
  askFor,
  configFor,
  jobDataset,
  makeJobs,
  openTrial,
  PROFILES,
  startAmazon,
  trialCtx,
} from './amazon.js';
import { sendJson } from './server.js';

let amazon: Amazon;
let source: Source;
beforeEach(async () => {
  amazon = await startAmazon();
  source = await openTrial(configFor(amazon));
});
afterEach(async () => {
  await source.close();
  await amazon.close();
});

const create = (name = 'sp_campaigns_report_v2') => {
  const dataset = jobDataset(source, name);
  return makeJobs(dataset, askFor(dataset, '2026-10-01'), trialCtx());
};
type Answer = (response: Parameters<typeof sendJson>[0]) => void;

/** The first calls of the API (not the login) get these answers; then it is as usual. */
function answerFirst(...answers: Answer[]): void {
  amazon.intercept = (request, response) => {
    const answer = request.url === '/auth/o2/token' ? undefined : answers.shift();
    answer?.(response);
    return answer !== undefined;
  };
}
const apiCalls = () => amazon.api.received.filter((r) => r.url !== '/auth/o2/token').length;
const html =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html', ...headers }).end('<html><h1>Oops</h1>openresty</html>');
  };
const refusal =
  (status: number, details: string): Answer =>
  (response) =>
    sendJson(response, status, { code: String(status), details });
const reset: Answer = (response) => void response.destroy();

describe('calls', () => {
  it('try again after throttling, failures and broken connections', async () => {
    for (const trouble of [
      html(429),
      html(500),
      html(200),
      refusal(503, 'x'),
      reset,
      (response: Parameters<Answer>[0]) => void response.writeHead(200).end(),
    ] as Answer[]) {
      answerFirst(trouble);
      expect((await source.scopes(trialCtx())).visible).toHaveLength(3);
    }
  });

  it('give up in the end, with the right code and a short excerpt', async () => {
    const throttled = Array.from({ length: 3 }, () => html(429));
    answerFirst(...throttled);
    await expect(source.scopes(trialCtx())).rejects.toMatchObject({
      code: 'E_THROTTLED',
      exit: 75,
      message: 'GET /v2/profiles was answered 429: Oops openresty',
    });
    answerFirst(html(500), html(502), html(503));
    await expect(source.scopes(trialCtx())).rejects.toMatchObject({ code: 'E_SERVER' });
    answerFirst(refusal(200, '') as Answer);
    await expect(source.scopes(trialCtx())).rejects.toMatchObject({ code: 'E_PROTOCOL' });
  });

  it('wait as long as Retry-After says, and nobody else in the lane starts meanwhile', async () => {
    answerFirst((response) => sendJson(response, 429, { code: '429' }, { 'retry-after': '0.4' }));
    const begun = performance.now();
    await Promise.all([
      source.scopes(trialCtx()),
      new Promise((resolve) => setTimeout(resolve, 100)).then(() => source.scopes(trialCtx())),
    ]);
    expect(performance.now() - begun).toBeGreaterThan(390);
    const [first, ...rest] = amazon.api.received.filter((r) => r.url.startsWith('/v2/profiles'));
    expect([first, ...rest]).toHaveLength(3);
  });

  it('do not sit out a very long Retry-After', async () => {
    answerFirst((response) => sendJson(response, 429, { code: '429' }, { 'retry-after': '3600' }));
    await expect(source.scopes(trialCtx())).rejects.toMatchObject({ code: 'E_THROTTLED', retryAfterMs: 3_600_000 });
  });

  it('end when a server takes the request and says nothing', async () => {
    amazon.intercept = (request) => request.url !== '/auth/o2/token';
    await expect(source.scopes(trialCtx())).rejects.toMatchObject({ code: 'E_TIMEOUT', exit: 75 });
    expect(apiCalls()).toBe(3);
  });

  it('keep to the pace', async () => {
    await source.close();
    source = await openTrial(configFor(amazon, { limits: { requests_per_second: 10 } }));
    const begun = performance.now();
    await Promise.all(Array.from({ length: 4 }, () => source.scopes(trialCtx())));
    expect(performance.now() - begun).toBeGreaterThan(290);
  });

  it('take no numbers through a rounding', async () => {
    const { scopes } = await source.scopes(trialCtx());
    expect(scopes[0]!.id).toBe('9007199254740993');
    expect(PROFILES).toContain(scopes[0]!.id);
  });
});

describe('making a job', () => {
  it('is repeated once after a lost answer, and never a second time', async () => {
    answerFirst(reset);
    expect(await create()).toHaveLength(1);
    expect(apiCalls()).toBe(2);
    answerFirst(reset, html(200), reset);
    await expect(create()).rejects.toMatchObject({ class: 'transient' });
    expect(apiCalls(), 'the third answer was never asked for').toBe(4);
  });

  it('is repeated as often as any call where the answer says that nothing was made', async () => {
    answerFirst(html(429), html(503));
    expect(await create()).toHaveLength(1);
    expect(amazon.jobs).toHaveLength(1);
  });

  it('is refused by a rule, or for other reasons', async () => {
    const cases: [number, string, string][] = [
      [406, 'Report date is too far in the past. Reports are only available for 60 days.', 'E_PAST_RETENTION'],
      [400, 'Asins reports not available to Vendors', 'E_NOT_OFFERED'],
      [400, 'KDP authors do not have access to Sponsored Brands functionality', 'E_NOT_OFFERED'],
      [400, 'Tactic T00020 is not supported for report API in marketplace A2Q3Y263D00KWC.', 'E_NOT_OFFERED'],
      [400, 'metrics: something else', 'E_REQUEST_REJECTED'],
      [422, 'Unrecognized token x', 'E_REQUEST_REJECTED'],
      [403, 'Forbidden', 'E_ACCESS_DENIED'],
      [404, 'no such thing', 'E_REQUEST_REJECTED'],
    ];
    for (const [status, details, code] of cases) {
      answerFirst(refusal(status, details));
      await expect(create(), details).rejects.toMatchObject({ code, message: expect.stringContaining(details) });
    }
    expect(amazon.jobs).toEqual([]);
  });

  it('needs an id in the answer, be it a number', async () => {
    answerFirst((response) => sendJson(response, 202, '{"reportId": 161883766, "status": "IN_PROGRESS"}'));
    expect((await create())[0]!.id).toBe('161883766');
    answerFirst((response) => sendJson(response, 202, '{"reportId": 144170583660124565}'));
    expect((await create())[0]!.id).toBe('144170583660124565');
    answerFirst((response) => sendJson(response, 202, {}));
    await expect(create()).rejects.toMatchObject({ code: 'E_PROTOCOL' });
  });
});
