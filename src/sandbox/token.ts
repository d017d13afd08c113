import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';
import type { Answer, Call } from './http.js';

/** The credentials that the sandbox accepts. */
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
}

/** Login with Amazon: gives access tokens for the refresh token, and knows which still hold. */
export class TokenDesk {
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #seconds: number;
  /** Deadline of each token, on the clock's monotonic scale. */
  readonly #deadlines = new Map<string, number>();
  issued = 0;

  constructor(credentials: Credentials, clock: Clock, seconds: number) {
    this.#credentials = credentials;
    this.#clock = clock;
    this.#seconds = seconds;
  }

  /** POST /auth/o2/token. Errors as RFC 6749 and Login with Amazon's documentation have them. */
  answer(call: Call): Answer {
    if (call.method !== 'POST') return oauthError(405, 'invalid_request', 'The request method is not supported');
    if (!/^application\/x-www-form-urlencoded\b/i.test(call.headers['content-type'] ?? '')) {
      return oauthError(400, 'invalid_request', 'The Content-Type must be application/x-www-form-urlencoded');
    }
    const form = new URLSearchParams(call.body);
    for (const name of ['grant_type', 'client_id', 'client_secret']) {
      if (!form.get(name)) {
        return oauthError(400, 'invalid_request', `The request is missing a required parameter : ${name}`);
      }
    }
    if (form.get('grant_type') !== 'refresh_token') {
      return oauthError(400, 'unsupported_grant_type', 'The authorization grant type is not supported');
    }
    if (!form.get('refresh_token')) {
      return oauthError(400, 'invalid_request', 'The request is missing a required parameter : refresh_token');
    }
    const { clientId, clientSecret, refreshToken } = this.#credentials;
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) {
      return oauthError(401, 'invalid_client', 'Client authentication failed');
    }
    if (form.get('refresh_token') !== refreshToken) {
      return oauthError(400, 'invalid_grant', 'The request has an invalid grant parameter : refresh_token');
    }
    const token = `Atza|${randomBytes(48).toString('base64url')}`;
    this.#deadlines.set(token, this.#clock.elapsed() + this.#seconds * 1000);
    this.issued++;
    return tokenAnswer(200, {
      access_token: token,
      refresh_token: refreshToken,
      token_type: 'bearer',
      expires_in: this.#seconds,
    });
  }

  /** Whether an access token is ours and has not expired. */
  accepts(token: string): boolean {
    const deadline = this.#deadlines.get(token);
    return deadline !== undefined && this.#clock.elapsed() < deadline;
  }
}

function oauthError(status: number, error: string, description: string): Answer {
  return tokenAnswer(status, { error_description: description, error });
}

function tokenAnswer(status: number, body: unknown): Answer {
  return {
    status,
    headers: {
      server: 'Server',
      'content-type': 'application/json;charset=UTF-8',
      'cache-control': 'no-cache, no-store, must-revalidate',
      pragma: 'no-cache',
    },
    body: JSON.stringify(body),
  };
}
