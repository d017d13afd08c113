import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { isLoopback } from './addresses.js';
import { asMillpondError, type ErrorCode, MillpondError, messageOf, systemCode } from './errors.js';
import { throwIfAborted } from './retry.js';
import { redact } from './secrets.js';

/** How long the parts of an exchange may take, in milliseconds. */
export interface SocketTimeouts {
  readonly connectMs: number;
  /** From the request to the answer's headers. */
  readonly headersMs: number;
  /** Between two pieces of a body. */
  readonly bodyMs: number;
}

/** Kept-alive sockets: straight to this machine, by the environment's proxies to all others. */
export class Sockets {
  readonly #direct: Agent;
  readonly #outside: Dispatcher;

  constructor({ connectMs, headersMs, bodyMs }: SocketTimeouts) {
    const options = { connect: { timeout: connectMs }, headersTimeout: headersMs, bodyTimeout: bodyMs };
    this.#direct = new Agent(options);
    this.#outside = new EnvHttpProxyAgent(options);
  }

  /** What a request to this address goes through. */
  to(url: URL): Dispatcher {
    return isLoopback(url.hostname) ? this.#direct : this.#outside;
  }

  async close(): Promise<void> {
    await Promise.all([this.#direct.destroy(), this.#outside.destroy()]);
  }
}

/** Failures before anything was sent. */
const UNREACHABLE =
  /^(UND_ERR_CONNECT_TIMEOUT|ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EPROTO|CERT_\w+|ERR_TLS_\w+|ERR_SSL_\w+|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/;
const TIMED_OUT = /^(UND_ERR_HEADERS_TIMEOUT|UND_ERR_BODY_TIMEOUT|ETIMEDOUT)$/;
const BROKEN_OFF = /^(UND_ERR_\w+|ECONN\w+|EPIPE|HPE_\w+)$/;

/** What undici throws of an exchange, with a code: `E_UNREACHABLE`, `E_TIMEOUT`, `E_TRANSFER`, `E_INTERRUPTED`. */
export function transportError(error: unknown, url: URL, signal: AbortSignal): MillpondError {
  if (error instanceof MillpondError) return error;
  try {
    throwIfAborted(signal);
  } catch (interrupted) {
    return interrupted as MillpondError;
  }
  const code = systemCode(error) ?? '';
  const as = (millpond: ErrorCode, what: string) =>
    new MillpondError(millpond, `${what} ${url.host}: ${redact(messageOf(error)) || code}`, {
      cause: error,
      at: { host: url.host },
    });
  if ((error instanceof Error && error.name === 'TimeoutError') || TIMED_OUT.test(code)) {
    return as('E_TIMEOUT', 'No answer in time from');
  }
  if (UNREACHABLE.test(code)) return as('E_UNREACHABLE', 'Cannot reach');
  if (BROKEN_OFF.test(code)) return as('E_TRANSFER', 'The connection broke off:');
  return asMillpondError(error);
}
