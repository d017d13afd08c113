import { MillpondError, messageOf } from '../../base/errors.js';
import { throwIfAborted, unlessAborted } from '../../base/retry.js';
import { redact, registerSecret } from '../../base/secrets.js';
import { type CredentialsConfig, REGION } from './config.js';
import { errorName, isExpired } from './errors.js';
import { quietSdk } from './sdk.js';
import type { Transport } from './transport.js';

/** What calls are signed with. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
  /** Whose they are, where that is known. */
  readonly accountId?: string;
}

/** Renewed this long before their end. */
const MARGIN_MS = 5 * 60_000;

/**
 * The credentials of one connection: found when they are first needed, kept until shortly before
 * they end. One search at a time, however many callers wait for it.
 */
export class Credentials {
  readonly #config: () => CredentialsConfig;
  readonly #transport: Transport;
  #held: Keys | undefined;
  #search: Promise<Keys> | undefined;

  /** @param config the connection's settings, read again at each search so that a rotated secret file counts. */
  constructor(config: () => CredentialsConfig, transport: Transport) {
    this.#config = config;
    this.#transport = transport;
  }

  /** @throws MillpondError `E_CREDENTIALS`, `E_CREDENTIALS_EXPIRED`, `E_ACCESS_DENIED` (the role), or why STS cannot be asked. */
  async get(signal: AbortSignal): Promise<Keys> {
    throwIfAborted(signal);
    const end = this.#held?.expiration?.getTime();
    if (this.#held && (end === undefined || Date.now() < end - MARGIN_MS)) return this.#held;
    this.#search ??= this.#find().finally(() => {
      this.#search = undefined;
    });
    return unlessAborted(this.#search, signal);
  }

  /** Forgets credentials that the service refused; nothing happens if others have taken their place already. */
  reject(credentials: Keys): void {
    if (this.#held === credentials) this.#held = undefined;
  }

  async #find(): Promise<Keys> {
    const config = this.#config();
    try {
      const provider = await providerFor(config, this.#transport);
      const found = await provider();
      registerSecret(found.secretAccessKey);
      if (found.sessionToken) registerSecret(found.sessionToken);
      this.#held = found;
      return found;
    } catch (error) {
      throw credentialsError(error, config);
    }
  }
}

/** Where a connection's credentials come from: its keys, its profile, or the SDK's default chain; then the role. */
async function providerFor(config: CredentialsConfig, transport: Transport): Promise<() => Promise<Keys>> {
  quietSdk();
  const sdk = await import('@aws-sdk/credential-providers');
  const client = { region: REGION, requestHandler: transport, maxAttempts: 1 };
  const own = ownKeys(config);
  const base: () => Promise<Keys> = own
    ? async () => own
    : config.profile
      ? sdk.fromIni({ profile: config.profile })
      : sdk.fromNodeProviderChain();
  if (!config.role_arn) return base;
  return sdk.fromTemporaryCredentials({
    masterCredentials: base,
    params: {
      RoleArn: config.role_arn,
      RoleSessionName: 'millpond',
      ...(config.external_id ? { ExternalId: config.external_id } : {}),
    },
    clientConfig: { ...client, ...(config.sts_endpoint ? { endpoint: config.sts_endpoint } : {}) },
  });
}

function ownKeys(config: CredentialsConfig): Keys | undefined {
  if (!config.access_key_id || !config.secret_access_key) return undefined;
  registerSecret(config.secret_access_key);
  if (config.session_token) registerSecret(config.session_token);
  return {
    accessKeyId: config.access_key_id,
    secretAccessKey: config.secret_access_key,
    ...(config.session_token ? { sessionToken: config.session_token } : {}),
  };
}

/** What a failed search means. */
function credentialsError(error: unknown, config: CredentialsConfig): MillpondError {
  if (error instanceof MillpondError) return error;
  const source = config.role_arn ?? (config.profile ? `profile ${config.profile}` : "the SDK's default chain");
  const said = redact(messageOf(error));
  const name = errorName(error);
  const details = { cause: error };
  if (isExpired(name) || /expired|refresh token|sso session/i.test(said)) {
    return new MillpondError('E_CREDENTIALS_EXPIRED', `The credentials of ${source} have run out: ${said}`, details);
  }
  if (/Throttl|TooManyRequests/.test(name))
    return new MillpondError('E_THROTTLED', `STS is asked too often: ${said}`, details);
  if (config.role_arn && name === 'AccessDenied') {
    return new MillpondError('E_ACCESS_DENIED', `${config.role_arn} cannot be taken on: ${said}`, {
      ...details,
      hint: "Allow sts:AssumeRole for your user, and your user (and external_id) in the role's trust policy.",
    });
  }
  if ((error as { $fault?: string }).$fault === 'server') {
    return new MillpondError('E_SERVER', `STS failed: ${said}`, details);
  }
  return new MillpondError('E_CREDENTIALS', `No credentials from ${source}: ${said}`, {
    ...details,
    hint: 'Name a `profile`, a `role_arn` or keys in the connection, or set AWS_PROFILE or AWS_ACCESS_KEY_ID.',
  });
}
