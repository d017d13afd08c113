import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { request } from 'undici';
import { MillpondError } from '../../base/errors.js';
import { isGzip } from '../../base/gzip.js';
import { Sockets, type SocketTimeouts, transportError } from '../../base/http.js';
import { throwIfAborted } from '../../base/retry.js';
import type { Answer } from './answers.js';

/** How long one call may take, in milliseconds. */
export interface Timeouts extends SocketTimeouts {
  /** A call of the API as a whole. */
  readonly callMs: number;
  /** A download as a whole. */
  readonly downloadMs: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  headersMs: 60_000,
  bodyMs: 60_000,
  callMs: 180_000,
  downloadMs: 3_600_000,
};

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer whose body is still on its way; it must be read, or dropped by {@link drop}. Live. */
export interface Reply {
  readonly status: number;
  readonly headers: Answer['headers'];
  /** The bytes as sent: nothing is inflated. Its errors are MillpondErrors once read by {@link guarded}. */
  readonly stream: Readable;
}

/** No answer that is read as a whole is nearly as long as this (5000 profiles are 2 MB). */
const LONGEST_TEXT = 64 * 1024 * 1024;

/** HTTP for one connection: kept-alive sockets, bounded waits, redirects never followed, errors with codes. */
export class Http {
  readonly #sockets: Sockets;
  readonly #timeouts: Timeouts;

  constructor(timeouts: Timeouts) {
    this.#timeouts = timeouts;
    this.#sockets = new Sockets(timeouts);
  }

  /**
   * A whole exchange.
   * @throws MillpondError `E_UNREACHABLE` (nothing was sent), `E_TRANSFER`, `E_TIMEOUT`, `E_PROTOCOL`, `E_INTERRUPTED`.
   */
  async exchange(call: HttpCall, signal: AbortSignal): Promise<Answer> {
    const reply = await this.open(call, signal);
    return { status: reply.status, headers: reply.headers, text: await readText(reply, call.url, signal) };
  }

  /** Like {@link exchange}, up to the headers. The signal, and the time for the whole, hold for the body as well. */
  async open(call: HttpCall, signal: AbortSignal, wholeMs = this.#timeouts.callMs): Promise<Reply> {
    throwIfAborted(signal);
    try {
      const { statusCode, headers, body } = await request(call.url, {
        method: call.method,
        headers: { ...call.headers, 'user-agent': 'millpond' },
        body: call.body ?? null,
        dispatcher: this.#sockets.to(call.url),
        signal: AbortSignal.any([signal, AbortSignal.timeout(wholeMs)]),
      });
      // A body can break before anybody reads it; whoever reads it then is told.
      body.on('error', () => {});
      return { status: statusCode, headers: firstValues(headers), stream: body };
    } catch (error) {
      throw transportError(error, call.url, signal);
    }
  }

  /** Opens a link for download: the whole may take much longer. */
  openDownload(url: URL, signal: AbortSignal): Promise<Reply> {
    // Nothing but the method and the address: any header of ours could be taken for credentials.
    return this.open({ method: 'GET', url, headers: {} }, signal, this.#timeouts.downloadMs);
  }

  async close(): Promise<void> {
    await this.#sockets.close();
  }
}

/** Reads a body to its end as text. @throws MillpondError as {@link Http.exchange}. */
export async function readText(reply: Reply, url: URL, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of guarded(reply, url, signal)) {
    length += chunk.length;
    if (length > LONGEST_TEXT) throw new MillpondError('E_PROTOCOL', `${url.host} sent an endless answer`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  return (isGzip(bytes) ? inflated(bytes, url) : bytes).toString('utf8');
}

/** Some gateway between us and the API may compress unasked. */
function inflated(bytes: Buffer, url: URL): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: LONGEST_TEXT });
  } catch (error) {
    throw new MillpondError('E_TRANSFER', `${url.host} sent a broken gzip answer`, { cause: error });
  }
}

/** The body's bytes, its errors turned into MillpondErrors; leaving early closes the connection. */
export async function* guarded(reply: Reply, url: URL, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of reply.stream) yield chunk as Buffer;
  } catch (error) {
    throw transportError(error, url, signal);
  }
}

/** The body as a stream whose errors are MillpondErrors; destroyed, also unread, it frees the connection. */
export function guardedStream(reply: Reply, url: URL, signal: AbortSignal): Readable {
  const stream = Readable.from(guarded(reply, url, signal), { objectMode: false, highWaterMark: 256 * 1024 });
  stream.once('close', () => reply.stream.destroy());
  return stream;
}

/** Lets a body go that nobody wants; short ones are read so that the connection can serve again. */
export async function drop(reply: Reply): Promise<void> {
  try {
    let left = 64 * 1024;
    for await (const chunk of reply.stream) {
      left -= (chunk as Buffer).length;
      if (left < 0) break;
    }
  } catch {
    // It is not wanted: how it ended does not matter.
  }
}

function firstValues(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const first: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value[0] : value;
    if (text !== undefined) first[name.toLowerCase()] = text;
  }
  return first;
}
