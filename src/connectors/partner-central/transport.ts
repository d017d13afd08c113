import { type Dispatcher, request } from 'undici';
import { MillpondError } from '../../base/errors.js';
import { Sockets, transportError } from '../../base/http.js';
import { throwIfAborted } from '../../base/retry.js';

/** How long one call may take, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  /** From the request to the answer's headers, and between two pieces of a body. */
  readonly idleMs: number;
  /** A call as a whole. */
  readonly callMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 10_000, idleMs: 60_000, callMs: 120_000 };

/** What the SDK wants sent: a request that is signed already. */
interface SignedRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** What the SDK is given back: the body whole. */
interface WholeResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
}

/** No answer is nearly as long as this: a page of 1000 summaries is some 300 KB. */
const LONGEST_BODY = 64 * 1024 * 1024;

/**
 * How the SDK's requests travel: waits are bounded, an abort ends them, proxies of the environment
 * are used, and a body comes whole or not at all. The SDK's own handler waits for ever, and only
 * warns of a timeout.
 */
export class Transport {
  readonly metadata = { handlerProtocol: 'http/1.1' };
  readonly #sockets: Sockets;
  readonly #timeouts: Timeouts;

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts;
    const { connectMs, idleMs } = timeouts;
    this.#sockets = new Sockets({ connectMs, headersMs: idleMs, bodyMs: idleMs });
  }

  /** The SDK's name for sending. @throws MillpondError `E_UNREACHABLE`, `E_TRANSFER`, `E_TIMEOUT`, `E_INTERRUPTED`. */
  async handle(
    signed: SignedRequest,
    options: { readonly abortSignal?: unknown } = {},
  ): Promise<{ response: WholeResponse }> {
    const url = new URL(`${signed.protocol}//${signed.hostname}${signed.port ? `:${signed.port}` : ''}${signed.path}`);
    const aborted = options.abortSignal instanceof AbortSignal ? options.abortSignal : new AbortController().signal;
    throwIfAborted(aborted);
    try {
      const { statusCode, headers, body } = await request(url, {
        method: signed.method as Dispatcher.HttpMethod,
        headers: signed.headers,
        body: (signed.body ?? null) as string | Uint8Array | null,
        dispatcher: this.#sockets.to(url),
        signal: AbortSignal.any([aborted, AbortSignal.timeout(this.#timeouts.callMs)]),
      });
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of body) {
        length += (chunk as Buffer).length;
        if (length > LONGEST_BODY) throw new MillpondError('E_PROTOCOL', `${url.host} sent an endless answer`);
        chunks.push(chunk as Buffer);
      }
      return { response: { statusCode, headers: flat(headers), body: Buffer.concat(chunks) } };
    } catch (error) {
      throw transportError(error, url, aborted);
    }
  }

  /** Part of what the SDK expects of a handler; there is nothing to set. */
  updateHttpClientConfig(): void {}

  /** Part of what the SDK expects of a handler. */
  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  /** The SDK calls it when a client is done; {@link close} is what ends the sockets. */
  destroy(): void {}

  async close(): Promise<void> {
    await this.#sockets.close();
  }
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
