/** Serves files over loopback HTTP, in a process of its own: `serve.ts FILE…`, `/0`, `/1` …. Says its port. */
import { createReadStream, statSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const files = process.argv.slice(2);
const server = http.createServer((incoming, response) => {
  const file = files[Number(incoming.url!.slice(1)) % files.length]!;
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': statSync(file).size });
  createReadStream(file, { highWaterMark: 1 << 18 }).pipe(response);
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
