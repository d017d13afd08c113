import { MillpondError } from '../../base/errors.js';
import { type RetryPolicy, retry, throwIfAborted, unlessAborted } from '../../base/retry.js';
import { registerSecret } from '../../base/secrets.js';
import type { Ctx } from '../../contracts/index.js';
import { type Answer, member, retryAfterMs, textMember, wordsOf } from './answers.js';
import type { Credentials } from './config.js';
import type { Http } from './http.js';
import { parseLossless } from './lossless-json.js';

/** An access token, and until when it is used (by the monotonic clock). */
export interface Token {
  readonly value: string;
  /** The application it was given to. */
  readonly clientId: string;
  readonly renewAt: number;
}

/** Renewed this long before its end, or earlier where it lives shortly. */
const MARGIN_MS = 5 * 60_000;

/** The same credentials, once refused, are not tried again for this long. */
const REFUSED_FOR_MS = 60_000;

/**
 * Login with Amazon by refresh token. One login at a time, however many callers wait for it;
 * credentials are read again for each, so that a rotated secret counts from the next one on.
 */
export class Login {
  readonly #http: Http;
  readonly #url: URL;
  readonly #credentials: () => Credentials;
  readonly #policy: RetryPolicy;
  /** A login serves everybody: it ends with the connection, not with the caller who happened to begin it. */
  readonly #lifetime = new AbortController();
  #token: Token | undefined;
  #flight: Promise<Token> | undefined;
  #refused: { readonly credentials: string; readonly until: number; readonly error: MillpondError } | undefined;

  constructor(http: Http, url: URL, credentials: () => Credentials, policy: RetryPolicy) {
    this.#http = http;
    this.#url = url;
    this.#credentials = credentials;
    this.#policy = policy;
  }

  /** A token to send. @throws MillpondError `E_CREDENTIALS`, or why the token endpoint cannot be asked. */
  async token(ctx: Ctx): Promise<Token> {
    throwIfAborted(ctx.signal);
    if (this.#token && performance.now() < this.#token.renewAt) return this.#token;
    this.#flight ??= this.#login(ctx).finally(() => {
      this.#flight = undefined;
    });
    return unlessAborted(this.#flight, ctx.signal);
  }

  /** Forgets a token that was answered 401; nothing happens if another has taken its place already. */
  reject(token: Token): void {
    if (this.#token === token) this.#token = undefined;
  }

  close(): void {
    this.#lifetime.abort();
  }

  async #login(ctx: Ctx): Promise<Token> {
    const credentials = this.#credentials();
    const identity = JSON.stringify(credentials);
    if (this.#refused?.credentials === identity && performance.now() < this.#refused.until) throw this.#refused.error;
    registerSecret(credentials.client_secret);
    registerSecret(credentials.refresh_token);
    try {
      this.#token = await retry(() => this.#ask(credentials, ctx), {
        signal: this.#lifetime.signal,
        policy: this.#policy,
        onRetry: (error, waitMs) => ctx.log.warn('The login is tried again', { code: error.code, wait_ms: waitMs }),
      });
      return this.#token;
    } catch (error) {
      if (error instanceof MillpondError && error.code === 'E_CREDENTIALS') {
        this.#refused = { credentials: identity, until: performance.now() + REFUSED_FOR_MS, error };
      }
      throw error;
    }
  }

  async #ask(credentials: Credentials, ctx: Ctx): Promise<Token> {
    const asked = performance.now();
    const answer = await this.#http.exchange(
      {
        method: 'POST',
        url: this.#url,
        headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8', accept: 'application/json' },
        body: new URLSearchParams({ grant_type: 'refresh_token', ...credentials }).toString(),
      },
      this.#lifetime.signal,
    );
    if (answer.status !== 200) throw this.#refusal(answer, ctx);
    let json: unknown;
    try {
      json = parseLossless(answer.text);
    } catch {
      throw new MillpondError('E_SERVER', `${this.#url.host} answered a login with no JSON: ${wordsOf(answer)}`);
    }
    const value = textMember(json, 'access_token');
    if (value === undefined)
      throw new MillpondError('E_PROTOCOL', `${this.#url.host} answered a login without a token`);
    registerSecret(value);
    const lifeMs = (Number(member(json, 'expires_in')) || 3600) * 1000;
    return { value, clientId: credentials.client_id, renewAt: asked + lifeMs - Math.min(MARGIN_MS, lifeMs / 5) };
  }

  #refusal(answer: Answer, ctx: Ctx): MillpondError {
    const code =
      answer.status === 429
        ? 'E_THROTTLED'
        : answer.status >= 500
          ? 'E_SERVER'
          : answer.status === 400 || answer.status === 401 || answer.status === 403
            ? 'E_CREDENTIALS'
            : 'E_PROTOCOL';
    const wait = retryAfterMs(answer.headers, ctx.now());
    return new MillpondError(code, `${this.#url.host} refused the login with ${answer.status}: ${wordsOf(answer)}`, {
      at: { status: answer.status, host: this.#url.host },
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    });
  }
}
