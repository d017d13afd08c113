import type { Call } from './http.js';
import { SCOPE_HEADER } from './request-checks.js';
import type { RecordedRequest } from './types.js';

/** Headers whose values are secrets; of the rest, the values are kept. */
const SECRET = new Set(['authorization', 'cookie', 'x-amz-security-token']);

/** The newest of this many requests are kept. */
const MOST = 100_000;

/** What handlers learn about a request while they answer it. */
export interface Notes {
  fault: string | null;
  jobId: string | null;
  profileId: string | null;
  accountId: string | null;
}

/** Remembers what arrived and how it was answered, without secrets. */
export class Recorder {
  readonly requests: RecordedRequest[] = [];
  /** Counts of everything, also of what is no longer kept. */
  total = 0;
  statusCalls = 0;
  redirects = 0;
  refused = 0;

  add(
    origin: RecordedRequest['origin'],
    route: string,
    call: Call,
    status: number | null,
    notes: Notes,
    at: Date,
  ): void {
    this.total++;
    if (route === 'status') this.statusCalls++;
    if (origin === 'api' && status === 307) this.redirects++;
    if (origin !== 's3' && status !== null && status >= 400 && status < 500) this.refused++;
    if (this.requests.length >= MOST) this.requests.shift();
    this.requests.push({
      at: at.toISOString(),
      origin,
      route,
      method: call.method,
      path: call.path,
      query: [...call.query.keys()].some((name) => /signature/i.test(name)) ? '' : call.query.toString(),
      headers: Object.fromEntries(
        Object.entries(call.headers).map(([name, value]) => [name, SECRET.has(name) ? '…' : value]),
      ),
      profileId: notes.profileId ?? call.headers[SCOPE_HEADER] ?? null,
      body: route === 'token' ? '…' : call.body,
      status,
      accountId: notes.accountId,
      fault: notes.fault,
      jobId: notes.jobId,
    });
  }

  reset(): void {
    this.requests.length = 0;
    this.total = 0;
    this.statusCalls = 0;
    this.redirects = 0;
    this.refused = 0;
  }
}
