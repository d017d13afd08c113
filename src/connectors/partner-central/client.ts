import { createHash } from 'node:crypto';
import { asMillpondError, MillpondError } from '../../base/errors.js';
import { DEFAULT_RETRY, type RetryPolicy, retry, throwIfAborted } from '../../base/retry.js';
import { registerSecret } from '../../base/secrets.js';
import type { ConnectionSettings, Ctx } from '../../contracts/index.js';
import type { Answer, Caller, Input } from './caller.js';
import { type CredentialsConfig, credentialsConfig, ENDPOINT, type PartnerCentralConfig } from './config.js';
import { Credentials, type Keys } from './credentials.js';
import { errorOf, type RawAnswer } from './errors.js';
import { paceFor } from './limits.js';
import { type OperationName, operationOf } from './operations.js';
import { elements, members } from './raw-json.js';
import { openSdk, type Sdk } from './sdk.js';
import { DEFAULT_TIMEOUTS, type Timeouts, Transport } from './transport.js';

/** Patience with a slow or failing source. */
export interface Tuning {
  readonly timeouts: Timeouts;
  readonly retry: RetryPolicy;
}

export const DEFAULT_TUNING: Tuning = { timeouts: DEFAULT_TIMEOUTS, retry: DEFAULT_RETRY };

/** Opens a client for a connection. Nothing is asked before the first call. */
export function openClient(
  settings: ConnectionSettings,
  config: PartnerCentralConfig,
  tuning: Tuning = DEFAULT_TUNING,
): PartnerCentralClient {
  for (const secret of [config.secret_access_key, config.session_token]) if (secret) registerSecret(secret);
  const transport = new Transport(tuning.timeouts);
  const credentials = new Credentials(() => credentialsNow(settings), transport);
  return new PartnerCentralClient({ config, credentials, transport, retry: tuning.retry });
}

/** What credentials are found by, as it stands in the configuration now. @throws MillpondError `E_CONFIG`, without their values. */
function credentialsNow(settings: ConnectionSettings): CredentialsConfig {
  const read = credentialsConfig.safeParse(settings.reload());
  if (read.success) return read.data;
  const what = read.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
  throw new MillpondError('E_CONFIG', `Connection ${settings.name} has no usable credentials: ${what}`);
}

/** What a client is made from. */
export interface ClientSettings {
  readonly config: PartnerCentralConfig;
  readonly credentials: Credentials;
  readonly transport: Transport;
  readonly retry: RetryPolicy;
}

/** A source that asks for a longer pause than this is left alone: the run ends with "call again". */
const LONGEST_PAUSE_MS = 5 * 60_000;

/**
 * The live caller. The SDK signs and names the call; sending, pace, retries, errors and what the
 * answer says are ours, for its own retries run dry in bulk and its reader drops what it does not know.
 */
export class PartnerCentralClient implements Caller {
  readonly #settings: ClientSettings;
  readonly #host: string;
  #sdk: Promise<Sdk> | undefined;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
    this.#host = new URL(settings.config.endpoint ?? ENDPOINT).host;
  }

  get catalog(): string {
    return this.#settings.config.catalog;
  }

  /** Finds the credentials, if none are held. For `check`. @returns who they belong to, as far as that is known. */
  async login(ctx: Ctx): Promise<string> {
    return accountOf(await this.#credentials(ctx));
  }

  async call(operation: OperationName, input: Input, ctx: Ctx): Promise<Answer> {
    const { group } = operationOf(operation);
    const { config } = this.#settings;
    const pace = paceFor(this.#host, accountOf(await this.#credentials(ctx)), group, config.limits);
    const outcome = await retry<{ readonly answer: Answer } | { readonly error: MillpondError }>(async () => {
      try {
        return { answer: await pace.run(() => this.#authorised(operation, input, ctx), ctx.signal) };
      } catch (thrown) {
        const error = asMillpondError(thrown);
        const wait = error.retryAfterMs ?? 0;
        if (error.code === 'E_THROTTLED') pace.slower(wait);
        if (wait > LONGEST_PAUSE_MS) return { error };
        throw error;
      }
    }, this.#patience(ctx));
    if ('error' in outcome) throw outcome.error;
    return outcome.answer;
  }

  async *items(operation: OperationName, input: Input, ctx: Ctx): AsyncGenerator<string> {
    const { list } = operationOf(operation);
    if (!list) throw new MillpondError('E_BUG', `${operation} is no list`);
    const seen = new Set<string>();
    for (let token: string | undefined; ; ) {
      const page = { MaxResults: list.pageSize, ...input, ...(token ? { NextToken: token } : {}) };
      const { text, json } = await this.call(operation, page, ctx);
      if (Array.isArray(json[list.items])) yield* elements(members(text).get(list.items)!);
      token = typeof json.NextToken === 'string' && json.NextToken !== '' ? json.NextToken : undefined;
      if (!token) return;
      const mark = createHash('sha256').update(token).digest('base64');
      if (seen.has(mark)) {
        throw new MillpondError('E_PAGE_REPEATED', `${operation} names a page as the next that was read before`);
      }
      seen.add(mark);
    }
  }

  async close(): Promise<void> {
    await this.#settings.transport.close();
  }

  /** Sends; credentials that have run out are looked for anew, once. */
  async #authorised(operation: OperationName, input: Input, ctx: Ctx): Promise<Answer> {
    const credentials = await this.#settings.credentials.get(ctx.signal);
    try {
      return await this.#send(operation, input, credentials, ctx);
    } catch (error) {
      if (!(error instanceof MillpondError) || error.code !== 'E_CREDENTIALS_EXPIRED') throw error;
      this.#settings.credentials.reject(credentials);
      const fresh = await this.#settings.credentials.get(ctx.signal);
      if (fresh.accessKeyId === credentials.accessKeyId && fresh.sessionToken === credentials.sessionToken) throw error;
      return this.#send(operation, input, fresh, ctx);
    }
  }

  /** The credentials; STS has its retries, too. */
  #credentials(ctx: Ctx): Promise<Keys> {
    return retry(() => this.#settings.credentials.get(ctx.signal), this.#patience(ctx));
  }

  #patience(ctx: Ctx): Parameters<typeof retry>[1] {
    return {
      signal: ctx.signal,
      policy: this.#settings.retry,
      onRetry: (error, waitMs) =>
        ctx.log.warn(`Trying again: ${error.message}`, { code: error.code, wait_ms: Math.round(waitMs) }),
    };
  }

  async #send(operation: OperationName, input: Input, keys: Keys, ctx: Ctx): Promise<Answer> {
    throwIfAborted(ctx.signal);
    this.#sdk ??= openSdk(this.#settings.config.endpoint ?? ENDPOINT, this.#settings.transport);
    const raw = await (await this.#sdk).send(operation, this.#withCatalog(operation, input), keys, ctx.signal);
    const refused = errorOf(raw, operation, aboutOf(input));
    if (refused) throw refused;
    return { text: raw.text, json: parsed(raw, operation) };
  }

  #withCatalog(operation: OperationName, input: Input): Input {
    return operationOf(operation).withoutCatalog ? input : { Catalog: this.catalog, ...input };
  }
}

/** What changes something may be answered with nothing at all: start, stop, delete. */
function parsed(raw: RawAnswer, operation: OperationName): Readonly<Record<string, unknown>> {
  if (raw.text.trim() === '' && operationOf(operation).group === 'write') return {};
  let json: unknown;
  try {
    json = JSON.parse(raw.text);
  } catch {
    if (/^\s*</.test(raw.text)) {
      throw new MillpondError('E_WRONG_ENDPOINT', `${operation} was answered with a page for browsers`);
    }
    throw new MillpondError('E_TRANSFER', `The answer to ${operation} was cut short`, {
      at: { operation, status: raw.status },
    });
  }
  if (json === null || typeof json !== 'object' || Array.isArray(json)) {
    throw new MillpondError('E_PROTOCOL', `${operation} was not answered with an object`);
  }
  return json as Record<string, unknown>;
}

/** The ids that a call speaks of, for its error: `(eng-…, O123)`. Nothing else of a request is repeated. */
function aboutOf(input: Input): string {
  const ids = ['EngagementIdentifier', 'ResourceIdentifier', 'ResourceSnapshotJobIdentifier', 'Identifier', 'Revision']
    .map((name) => input[name])
    .filter((id) => typeof id === 'string' || typeof id === 'number');
  return ids.length > 0 ? ` of ${ids.join(' ')}` : '';
}

/** The account, where the credentials tell it; else the access key stands for it. */
function accountOf(keys: Keys): string {
  return keys.accountId ?? keys.accessKeyId;
}
