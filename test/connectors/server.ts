import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a test server received, its body read. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export type Handler = (request: Received, response: http.ServerResponse) => void | Promise<void>;

/** A real HTTP server on loopback that remembers what it was sent. */
export interface TestServer {
  readonly url: string;
  /** `127.0.0.1:49152` */
  readonly host: string;
  readonly received: Received[];
  handle: Handler;
  close(): Promise<void>;
}

export async function startServer(handle: Handler, hostname = '127.0.0.1'): Promise<TestServer> {
  const received: Received[] = [];
  const server = http.createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request = {
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    };
    received.push(request);
    await test.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, hostname, resolve));
  const { port } = server.address() as AddressInfo;
  const test: TestServer = {
    url: `http://${hostname}:${port}`,
    host: `${hostname}:${port}`,
    received,
    handle,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return test;
}

/** Answers with JSON. */
export function sendJson(
  response: http.ServerResponse,
  status: number,
  value: unknown,
  headers: http.OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof value === 'string' ? value : JSON.stringify(value));
}
