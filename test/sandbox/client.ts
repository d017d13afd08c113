import { gunzipSync } from 'node:zlib';
import type { Sandbox } from '../../src/sandbox/index.js';

/** A plain client of the API, without any kindness: what it is answered it hands on. */
export class Client {
  readonly sandbox: Sandbox;
  #token = '';

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  static async login(sandbox: Sandbox): Promise<Client> {
    const client = new Client(sandbox);
    const answer = (await (await client.token()).json()) as { access_token: string };
    client.#token = answer.access_token;
    return client;
  }

  token(form: Record<string, string> = {}): Promise<Response> {
    const { clientId, clientSecret, refreshToken, tokenUrl } = this.sandbox;
    const whole = {
      grant_type: 'refresh_token',
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
    };
    return fetch(tokenUrl, { method: 'POST', body: new URLSearchParams({ ...whole, ...form }) });
  }

  headers(profileId?: string): Record<string, string> {
    return {
      authorization: `Bearer ${this.#token}`,
      'Amazon-Advertising-API-ClientId': this.sandbox.clientId,
      'content-type': 'application/json',
      ...(profileId && { 'Amazon-Advertising-API-Scope': profileId }),
    };
  }

  get(path: string, profileId?: string, headers: Record<string, string> = {}): Promise<Response> {
    const url = path.startsWith('http') ? path : this.sandbox.apiUrl + path;
    return fetch(url, { headers: { ...this.headers(profileId), ...headers }, redirect: 'manual' });
  }

  post(path: string, profileId: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const init = { method: 'POST', headers: { ...this.headers(profileId), ...headers }, body: text };
    return fetch(this.sandbox.apiUrl + path, init);
  }

  /** Makes a job; its id. */
  async create(path: string, profileId: string, body: unknown): Promise<string> {
    const answer = await this.post(path, profileId, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path} was answered ${answer.status}: ${text}`);
    const { reportId, snapshotId } = JSON.parse(text) as { reportId?: string; snapshotId?: string };
    return (reportId ?? snapshotId) as string;
  }

  /** Waits for a job's end; its last status answer. */
  async wait(statusPath: string, profileId: string): Promise<JobStatus> {
    for (let i = 0; i < 500; i++) {
      const status = (await (await this.get(statusPath, profileId)).json()) as JobStatus;
      if (status.status !== 'IN_PROGRESS') return status;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${statusPath} never ended`);
  }

  /** The presigned link of a finished job. */
  async link(downloadPath: string, profileId: string): Promise<string> {
    const answer = await this.get(downloadPath, profileId);
    if (answer.status !== 307) throw new Error(`${downloadPath} was answered ${answer.status}: ${await answer.text()}`);
    return answer.headers.get('location') as string;
  }

  /** The whole way: the plain text of the file. */
  async file(createPath: string, profileId: string, body: unknown): Promise<string> {
    const id = await this.create(createPath, profileId, body);
    const statusPath = statusPathOf(createPath, id);
    const status = await this.wait(statusPath, profileId);
    if (status.status !== 'SUCCESS') throw new Error(`${id} ended ${status.status}: ${status.statusDetails}`);
    const { bytes } = await raw(await this.link(`${statusPath}/download`, profileId));
    return gunzipSync(bytes).toString('utf8');
  }
}

export interface JobStatus {
  readonly status: string;
  readonly statusDetails: string;
  readonly location?: string;
  readonly fileSize?: number;
  readonly expiration?: number;
  readonly recordType?: string;
}

/** `/v2/sp/campaigns/report` → `/v2/reports/{id}` and so on. */
export function statusPathOf(createPath: string, id: string): string {
  if (createPath.endsWith('/report')) return `/v2/reports/${id}`;
  return `${createPath.replace(/\/[^/]+\/snapshot$/, '')}/snapshots/${id}`;
}

/** A file of the storage as it came over the wire, no encoding undone. */
export async function raw(url: string, headers: Record<string, string> = {}) {
  const { request } = await import('undici');
  const answer = await request(url, { headers });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    bytes: Buffer.from(await answer.body.arrayBuffer()),
  };
}

/** JSON with every number as its text: nothing is rounded. */
export function parseExactly<T = Record<string, unknown>[]>(text: string): T {
  const quoted = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  return JSON.parse(quoted) as T;
}

/** Exact sum of decimal texts, without needless zeros. */
export function exactSum(values: readonly string[]): string {
  const total = values.reduce((sum, text) => {
    const [whole = '', fraction = ''] = text.split('.');
    return sum + BigInt(whole + fraction.padEnd(9, '0'));
  }, 0n);
  const digits = total.toString().padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return fraction ? `${digits.slice(0, -9)}.${fraction}` : digits.slice(0, -9);
}

/** `2026-10-01`, so many days before today in UTC (safe for every zone from two days on). */
export function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

export const compact = (day: string): string => day.replaceAll('-', '');
