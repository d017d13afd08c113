import { gzipSync } from 'node:zlib';
import { amazonAds } from '../../src/connectors/amazon-ads/index.js';
import { openSource, type Tuning } from '../../src/connectors/amazon-ads/source.js';
import type { Ask, Ctx, Dataset, DatasetOptions, Job, JobFetch, Source } from '../../src/contracts/index.js';
import { type Handler, type Received, sendJson, startServer, type TestServer } from './server.js';

export const CLIENT_ID = 'amzn1.application-oa2-client.trial';
export const CLIENT_SECRET = 'trial-client-secret-0123456789';
export const REFRESH_TOKEN = 'Atzr|trial-refresh-token-0123456789';
export const PROFILE = '9007199254740993';

/** What an account shows, as text: an id beyond 2^53, a budget that must not be rounded. */
export const PROFILES = `[
  {"profileId": ${PROFILE}, "countryCode": "US", "currencyCode": "USD", "dailyBudget": 999999999.100000,
   "timezone": "America/Los_Angeles",
   "accountInfo": {"marketplaceStringId": "ATVPDKIKX0DER", "id": "A1", "type": "seller", "name": "Acme, [\\"Inc\\"]"}},
  {"profileId": 222, "countryCode": "UK", "currencyCode": "GBP", "timezone": "Europe/London",
   "accountInfo": {"marketplaceStringId": "A1F83G8C2ARO7P", "id": "A2", "type": "vendor", "name": null}},
  {"profileId": "333", "countryCode": "DE", "currencyCode": "EUR", "timezone": "Mars/Olympus",
   "accountInfo": {"type": "agency", "name": "Agentur"}}
]`;

export const FILE = gzipSync('[{"campaignId": 144170583660124565, "cost": 780}]');

/** A small stand-in for Amazon whose every answer a test can replace: for cases that a sandbox has no fault for. */
export interface Amazon {
  readonly api: TestServer;
  readonly s3: TestServer;
  /** Answers before the usual way is gone; returns true where it has answered. */
  intercept: (request: Received, response: Parameters<Handler>[1]) => boolean | Promise<boolean>;
  readonly jobs: string[];
  /** Tokens handed out so far. */
  logins: number;
  /** Seconds that a token lives. */
  tokenSeconds: number;
  /** Path and query of the links that are handed out. */
  link: string;
  status: () => Record<string, unknown>;
  close(): Promise<void>;
}

export async function startAmazon(): Promise<Amazon> {
  const s3 = await startServer((_request, response) => {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'content-length': FILE.length,
    });
    response.end(FILE);
  });
  const api = await startServer(async (request, response) => {
    if (await amazon.intercept(request, response)) return;
    if (request.url === '/auth/o2/token') {
      amazon.logins++;
      const token = {
        access_token: `Atza|trial-token-${amazon.logins}`,
        token_type: 'bearer',
        expires_in: amazon.tokenSeconds,
      };
      return sendJson(response, 200, token);
    }
    if (request.url.startsWith('/v2/profiles')) return sendJson(response, 200, PROFILES);
    if (request.method === 'POST') {
      const id = `amzn1.clicksAPI.v1.p1.5F.${amazon.jobs.length}`;
      amazon.jobs.push(id);
      const member = request.url.endsWith('/report') ? 'reportId' : 'snapshotId';
      return sendJson(response, 202, { [member]: id, status: 'IN_PROGRESS' });
    }
    if (request.url.endsWith('/download')) {
      response.writeHead(307, { location: `${s3.url}${amazon.link}` });
      return void response.end();
    }
    return sendJson(response, 200, amazon.status());
  });
  const amazon: Amazon = {
    api,
    s3,
    intercept: () => false,
    jobs: [],
    logins: 0,
    tokenSeconds: 3600,
    link: '/bucket/file.json.gz?X-Amz-Signature=abc&Expires=30',
    status: () => ({ status: 'SUCCESS', statusDetails: 'Report has been generated.', fileSize: 1 }),
    async close() {
      await Promise.all([api.close(), s3.close()]);
    },
  };
  return amazon;
}

/** A connection's settings for the stand-in. */
export function configFor(amazon: Amazon, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    client_id: CLIENT_ID,
    client_secret: CLIENT_SECRET,
    refresh_token: REFRESH_TOKEN,
    region: 'na',
    endpoints: { api: amazon.api.url, token: `${amazon.api.url}/auth/o2/token` },
    download_hosts: [amazon.s3.host],
    limits: { requests_per_second: 1000 },
    ...more,
  };
}

/** Tries three times within milliseconds and waits a second at most for an answer. */
const HASTY: Tuning = {
  timeouts: { connectMs: 1000, headersMs: 1000, bodyMs: 1000, callMs: 1500, downloadMs: 2000 },
  retry: { tries: 3, firstMs: 5, maxMs: 20 },
};

/** Opens a source, a hasty one unless `tuning` says otherwise. */
export function openTrial(
  written: Record<string, unknown>,
  reload: () => unknown = () => written,
  tuning: Tuning = HASTY,
): Promise<Source> {
  return openSource({ name: 'trial', schema: 'amazon_ads', reload }, amazonAds.config.parse(written), tuning);
}

export interface Noted {
  readonly level: string;
  readonly message: string;
}

/** A context that remembers what was logged. */
export function trialCtx(signal: AbortSignal = new AbortController().signal): Ctx & { readonly noted: Noted[] } {
  const noted: Noted[] = [];
  const at = (level: string) => (message: string) => void noted.push({ level, message });
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { signal, now: () => new Date(), log, budget: { memoryBytes: 512e6, threads: 2 }, noted };
}

/** A dataset by name, whose fetch is by job. */
export function jobDataset(source: Pick<Source, 'datasets'>, name: string): Dataset & { readonly fetch: JobFetch } {
  const dataset = source.datasets.find((d) => d.name === name);
  if (dataset?.fetch.kind !== 'job') throw new Error(`no job dataset ${name}`);
  return dataset as Dataset & { readonly fetch: JobFetch };
}

/** The ask for one slice. */
export function askFor(dataset: Dataset, slice: string, options: DatasetOptions = {}, scope = PROFILE): Ask {
  const [draft] = dataset.fetch.coalesce(dataset.request(options), [{ dataset: dataset.name, scope, slice }]);
  return { connection: 'trial', dataset: dataset.name, ...draft!, fingerprint: 'f', requestFingerprint: 'r' };
}

/** Makes all jobs of an ask. */
export async function makeJobs(dataset: Dataset & { readonly fetch: JobFetch }, ask: Ask, ctx: Ctx): Promise<Job[]> {
  const made: Job[] = [];
  for (let more = true; more; ) {
    const answer = await dataset.fetch.request(ask, { token: 't', made }, ctx);
    made.push(answer.job);
    more = answer.more;
  }
  return made;
}
