import { asMillpondError, MillpondError } from '../../base/errors.js';
import { withGrace } from '../../base/grace.js';
import { Lanes } from '../../base/limits.js';
import { type RetryPolicy, retry } from '../../base/retry.js';
import type { Body, Ctx } from '../../contracts/index.js';
import { type Answer, type JsonAnswer, wordsOf } from './answers.js';
import type { ApiCall, Caller } from './caller.js';
import type { AmazonAdsConfig, Credentials } from './config.js';
import { linkPolicy } from './hosts.js';
import { drop, guardedStream, type Http, type Reply, readText } from './http.js';
import { followLink, isRedirect, linkOf } from './links.js';
import { Login, type Token } from './login.js';
import { parseLossless } from './lossless-json.js';
import { type ProfileList, readProfiles } from './profile-list.js';
import { deniesProfile, refusalOf } from './refusals.js';

/** What the connection's parts are made from. */
export interface ApiSettings {
  readonly config: AmazonAdsConfig;
  readonly api: URL;
  readonly token: URL;
  readonly credentials: () => Credentials;
  readonly retry: RetryPolicy;
}

/** View access to the campaigns programme is what snapshots and reports need; the default would hide profiles. */
const PROFILES_CALL: ApiCall = {
  method: 'GET',
  path: '/v2/profiles?apiProgram=campaign&accessLevel=view',
  lane: 'GET /v2/profiles',
};

/** A profile that was denied under a fresh token is not taken for an expired one again for this long. */
const DENIED_FOR_MS = 5 * 60_000;

/** A source that asks for a longer pause than this is left alone: the run ends with "call again". */
const LONGEST_PAUSE_MS = 5 * 60_000;

/** How often an expired link is replaced by a fresh one. */
const FRESH_LINKS = 3;

/** The live caller: login, pace, retries, links. */
export class AdsApi implements Caller {
  readonly #http: Http;
  readonly #settings: ApiSettings;
  readonly #login: Login;
  readonly #lanes: Lanes;
  readonly #allowsLink: (url: URL) => boolean;
  readonly #denied = new Map<string, number>();
  /** Errors of logins: these have had their retries already. */
  readonly #loginErrors = new WeakSet<MillpondError>();

  constructor(http: Http, settings: ApiSettings) {
    this.#http = http;
    this.#settings = settings;
    this.#login = new Login(http, settings.token, settings.credentials, settings.retry);
    this.#lanes = new Lanes({ perSecond: settings.config.limits.requests_per_second, concurrency: 8 });
    this.#allowsLink = linkPolicy(settings.config.download_hosts);
  }

  /** Logs in, if no token is held. For `check`. */
  async login(ctx: Ctx): Promise<void> {
    await this.#login.token(ctx);
  }

  async call(call: ApiCall, ctx: Ctx): Promise<JsonAnswer> {
    return this.#patiently(call, ctx, async () => {
      const answer = await this.#whole(await this.#authorised(call, ctx), call, ctx);
      try {
        return { ...answer, json: parseLossless(answer.text) };
      } catch {
        throw new MillpondError(
          'E_SERVER',
          `${nameOf(call)} was answered ${answer.status}, not in JSON: ${wordsOf(answer)}`,
        );
      }
    });
  }

  async profiles(ctx: Ctx): Promise<ProfileList> {
    const { text } = await this.call(PROFILES_CALL, ctx);
    let list: ProfileList;
    try {
      list = readProfiles(text, this.#settings.config.profiles);
    } catch (error) {
      throw new MillpondError('E_PROTOCOL', `${nameOf(PROFILES_CALL)} was not answered with a list`, { cause: error });
    }
    for (const id of list.unknownZones) ctx.log.warn(`Profile ${id} names an unknown zone; its days are taken in UTC`);
    return list;
  }

  async download(call: ApiCall, ctx: Ctx): Promise<Body> {
    return this.#patiently(call, ctx, async () => {
      for (let fresh = 1; ; fresh++) {
        try {
          return await this.#openFile(call, ctx);
        } catch (error) {
          const expired = error instanceof MillpondError && error.code === 'E_LINK_EXPIRED';
          if (!expired) throw error;
          if (fresh === FRESH_LINKS) {
            throw new MillpondError('E_JOB_GONE', `${FRESH_LINKS} fresh links in a row had expired: ${error.message}`);
          }
          ctx.log.info('A link had expired; asking for a fresh one', { call: nameOf(call) });
        }
      }
    });
  }

  ownPath(location: string): string | undefined {
    const { api } = this.#settings;
    if (!URL.canParse(location, api.href)) return undefined;
    const url = new URL(location, api);
    const base = api.pathname.replace(/\/$/, '');
    if (url.origin !== api.origin || !url.pathname.startsWith(`${base}/`)) return undefined;
    return url.pathname.slice(base.length) + url.search;
  }

  close(): void {
    this.#login.close();
  }

  /** One try at the file: a link from the API, then the link, without a trace of our credentials. */
  async #openFile(call: ApiCall, ctx: Ctx): Promise<Body> {
    const reply = await this.#authorised(call, ctx);
    if (reply.status === 200) return bodyOf(reply, this.#urlOf(call), ctx);
    if (!isRedirect(reply.status)) return this.#whole(reply, call, ctx).then(unexpected(call));
    await drop(reply);
    const first = linkOf(reply, this.#urlOf(call), this.#allowsLink);
    const file = await followLink(this.#http, first, this.#allowsLink, ctx);
    return bodyOf(file.reply, file.url, ctx);
  }

  /**
   * Tries until the answer is good, in the call's lane. After a lost answer, a call that makes
   * a job is repeated once: the job may exist, and a second one is the price (never a third).
   */
  async #patiently<T>(call: ApiCall, ctx: Ctx, attempt: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.lane(`${this.#settings.config.region} ${call.lane}`);
    let lost = 0;
    const outcome = await retry<{ readonly value: T } | { readonly error: MillpondError }>(
      async (n) => {
        try {
          return { value: await lane.run(attempt, ctx.signal) };
        } catch (thrown) {
          const error = asMillpondError(thrown);
          const wait = error.retryAfterMs ?? 0;
          if (error.code === 'E_THROTTLED') lane.pause(wait || this.#settings.retry.firstMs * 2 ** (n - 1));
          if (call.creates && isLost(error)) lost++;
          if (lost > 1 || wait > LONGEST_PAUSE_MS || this.#loginErrors.has(error)) return { error };
          throw error;
        }
      },
      {
        signal: ctx.signal,
        policy: this.#settings.retry,
        onRetry: (error, waitMs) =>
          ctx.log.warn(`Trying again: ${error.message}`, { code: error.code, wait_ms: Math.round(waitMs) }),
      },
    );
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  }

  /** Sends with a token; a token that has died is renewed once, a profile that is denied is not taken for one. */
  async #authorised(call: ApiCall, ctx: Ctx): Promise<Reply> {
    const token = await this.#token(ctx);
    const reply = await this.#send(call, token, ctx);
    if (reply.status !== 401) return reply;
    const answer = await this.#read(reply, call, ctx);
    const knownDenied = performance.now() < (this.#denied.get(call.scope ?? '') ?? 0);
    if (deniesProfile(answer) || knownDenied) throw refusalOf(answer, factsOf(call), ctx.now());
    this.#login.reject(token);
    const second = await this.#send(call, await this.#token(ctx), ctx);
    if (second.status === 401 && call.scope) this.#denied.set(call.scope, performance.now() + DENIED_FOR_MS);
    return second;
  }

  async #token(ctx: Ctx): Promise<Token> {
    try {
      return await this.#login.token(ctx);
    } catch (thrown) {
      const error = asMillpondError(thrown);
      this.#loginErrors.add(error);
      throw error;
    }
  }

  #send(call: ApiCall, token: Token, ctx: Ctx): Promise<Reply> {
    const headers: Record<string, string> = {
      authorization: `Bearer ${token.value}`,
      'Amazon-Advertising-API-ClientId': token.clientId,
      accept: 'application/json',
    };
    if (call.scope) headers['Amazon-Advertising-API-Scope'] = call.scope;
    if (call.body) headers['content-type'] = 'application/json';
    return this.#http.open(
      {
        method: call.method,
        url: this.#urlOf(call),
        headers,
        ...(call.body ? { body: JSON.stringify(call.body) } : {}),
      },
      // The answer to a call that makes a job holds its id: worth a moment when the run is told to stop.
      call.creates ? withGrace(ctx.signal) : ctx.signal,
    );
  }

  #urlOf(call: ApiCall): URL {
    return new URL(this.#settings.api.pathname.replace(/\/$/, '') + call.path, this.#settings.api);
  }

  async #read(reply: Reply, call: ApiCall, ctx: Ctx): Promise<Answer> {
    const text = await readText(reply, this.#urlOf(call), ctx.signal);
    return { status: reply.status, headers: reply.headers, text };
  }

  /** The whole answer. @throws MillpondError the refusal, where it is one. */
  async #whole(reply: Reply, call: ApiCall, ctx: Ctx): Promise<Answer> {
    const answer = await this.#read(reply, call, ctx);
    if (answer.status < 200 || answer.status > 299) throw refusalOf(answer, factsOf(call), ctx.now());
    return answer;
  }
}

/** The answer to a request that went out never came, or made no sense: what it asked for may have happened. */
function isLost(error: MillpondError): boolean {
  const unanswered = error.code === 'E_TRANSFER' || error.code === 'E_TIMEOUT' || error.code === 'E_SERVER';
  return unanswered && error.at.status === undefined;
}

function bodyOf(reply: Reply, url: URL, ctx: Ctx): Body {
  const length = Number(reply.headers['content-length'] ?? Number.NaN);
  return {
    stream: guardedStream(reply, url, ctx.signal),
    format: 'array',
    ...(Number.isSafeInteger(length) ? { length } : {}),
  };
}

function unexpected(call: ApiCall): (answer: Answer) => never {
  return (answer) => {
    throw new MillpondError('E_PROTOCOL', `${nameOf(call)} was answered ${answer.status} instead of a link`);
  };
}

function nameOf(call: ApiCall): string {
  return `${call.method} ${call.path.replace(/\?.*$/, '')}`;
}

function factsOf(call: ApiCall) {
  return { what: nameOf(call), scope: call.scope, creates: call.creates };
}
