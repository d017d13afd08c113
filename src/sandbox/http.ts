import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.js';

/** A request, read whole. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in small letters; repeated headers joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What is sent back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | AsyncIterable<Buffer>;
  /** How the body is to be spoilt on its way. */
  readonly transfer?: Extract<Fault, { kind: 'reset' | 'slow' }>;
}

/** The connection is cut without an answer. */
export const CUT = Symbol('cut');

/** Answers a call; `CUT` drops the connection. */
export type Handler = (call: Call) => Promise<Answer | typeof CUT>;

/** Greatest request body: Amazon's are small. */
const BODY_LIMIT = 1 << 20;

/** An HTTP origin on loopback. */
export class Origin {
  readonly #server: http.Server;

  private constructor(server: http.Server) {
    this.#server = server;
  }

  /** @throws the system's error where the port is taken. */
  static async listen(port: number, handler: Handler): Promise<Origin> {
    const server = http.createServer((request, response) => {
      void serve(request, response, handler);
    });
    // Longer than a busy test stands still: a client must not find its idle connection closed.
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return new Origin(server);
  }

  /** `127.0.0.1:8701` */
  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function serve(request: http.IncomingMessage, response: http.ServerResponse, handler: Handler): Promise<void> {
  try {
    const call = await readCall(request);
    const answer = call === undefined ? CUT : await handler(call);
    if (answer === CUT) request.socket.destroy();
    else await send(response, answer);
  } catch (error) {
    // The other side may go away at any moment; whatever else happens must be seen.
    if (!request.socket.destroyed && !response.headersSent) {
      response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`The sandbox itself failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    } else {
      request.socket.destroy();
    }
  }
}

async function readCall(request: http.IncomingMessage): Promise<Call | undefined> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > BODY_LIMIT) return undefined;
    pieces.push(piece);
  }
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(headers),
    body: Buffer.concat(pieces).toString('utf8'),
  };
}

async function send(response: http.ServerResponse, answer: Answer): Promise<void> {
  const { status, headers, body, transfer } = answer;
  const whole = typeof body === 'string' || Buffer.isBuffer(body);
  const length = whole ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  response.writeHead(status, { ...length, ...headers });
  let sent = 0;
  for await (const piece of whole ? [Buffer.from(body)] : body) {
    if (response.destroyed) return;
    if (transfer?.kind === 'slow') {
      await drip(response, piece, transfer.bytesPerSecond);
    } else if (transfer?.kind === 'reset') {
      const left = (transfer.afterBytes ?? 0) - sent;
      if (left <= piece.length) {
        // What was written goes out before the connection is cut.
        await write(response, piece.subarray(0, Math.max(0, left)));
        await sleep(20);
        response.socket?.destroy();
        return;
      }
      await write(response, piece);
    } else {
      await write(response, piece);
    }
    sent += piece.length;
  }
  response.end();
}

async function drip(response: http.ServerResponse, piece: Buffer, bytesPerSecond: number): Promise<void> {
  if (bytesPerSecond <= 0) {
    await write(response, piece.subarray(0, 64));
    // Stands still until the other side gives up.
    await new Promise((resolve) => response.once('close', resolve));
    return;
  }
  const step = Math.max(1, Math.ceil(bytesPerSecond / 20));
  for (let at = 0; at < piece.length && !response.destroyed; at += step) {
    await write(response, piece.subarray(at, at + step));
    await sleep(50);
  }
}

async function write(response: http.ServerResponse, piece: Buffer): Promise<void> {
  if (piece.length === 0 || response.destroyed || response.write(piece)) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
