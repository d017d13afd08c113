import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Client } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inflatedBytes } from '../../src/base/gzip.js';
import type { Ask, Body, Ctx, StageWriter } from '../../src/contracts/index.js';
import { land, reread } from '../../src/pipelines/land.js';
import { Landing } from '../../src/pipelines/landing.js';

const ASK: Ask = {
  connection: 'ads',
  dataset: 'sp_campaigns_report_v2',
  slices: [{ dataset: 'sp_campaigns_report_v2', scope: '111', slice: '2026-10-01' }],
  columns: [],
  params: {},
  constants: {},
  fingerprint: 'a'.repeat(32),
  requestFingerprint: 'b'.repeat(32),
};
const AS_OF = '2026-11-01T00:00:00.000Z';
/** Larger than zlib's and the socket's pieces, and not compressible to nothing. */
const CONTENT = Buffer.from(
  `[${Array.from({ length: 60_000 }, (_, i) => `{"i":${i},"h":"${createHash('md5').update(`${i}`).digest('hex')}"}`).join(',')}]`,
);
const GZIP = gzipSync(CONTENT);
/** What a writer takes whole. */
const SMALL_BYTES = 100_000;
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Takes what it is given, slowly if asked to. */
function collector(slow = false): StageWriter & { text(): Buffer } {
  const chunks: Buffer[] = [];
  return {
    async write(chunk) {
      if (slow) await new Promise((resolve) => setTimeout(resolve, 1));
      chunks.push(Buffer.from(chunk));
    },
    async writeGzip(file) {
      if (inflatedBytes(file) > SMALL_BYTES) return undefined;
      const text = gunzipSync(file);
      chunks.push(text);
      return { bytes: text.length, sha256: sha256(text) };
    },
    close: async () => [],
    abort: async () => {},
    text: () => Buffer.concat(chunks),
  };
}

let server: http.Server;
let client: Client;
let folder: string;
let landing: Landing;
let answer: (response: http.ServerResponse) => void;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const ctx = (signal = new AbortController().signal): Ctx => ({
  signal,
  now: () => new Date(AS_OF),
  log: quiet,
  budget: { memoryBytes: 1e9, threads: 2 },
});

beforeAll(async () => {
  server = http.createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new Client(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterAll(async () => {
  await client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-land-'));
  landing = await Landing.open(folder);
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

async function body(length?: number): Promise<Body> {
  const { body: stream } = await client.request({ path: '/', method: 'GET' });
  return { stream, format: 'array', ...(length === undefined ? {} : { length }) };
}

async function files(): Promise<string[]> {
  return (await fs.readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((e) => e.isFile())
    .map((e) => e.name);
}

describe('landing', () => {
  it('keeps the bytes as they came, and hands on the content', async () => {
    answer = (response) => response.end(GZIP);
    const writer = collector();
    const artifact = await land(landing, { ask: ASK, body: await body(GZIP.length), asOf: AS_OF }, writer, ctx());
    expect(artifact).toMatchObject({
      bytes: GZIP.length,
      contentBytes: CONTENT.length,
      sha256: sha256(GZIP),
      contentSha256: sha256(CONTENT),
      compression: 'gzip',
    });
    expect((await fs.readFile(landing.file(artifact))).equals(GZIP)).toBe(true);
    expect(writer.text().equals(CONTENT)).toBe(true);
    expect(await landing.artifactsOf(ASK)).toEqual([artifact]);
  });

  it.each([
    ['which the writer takes whole', SMALL_BYTES],
    ['which is too long for that', SMALL_BYTES + 1],
  ])('hands on a small gzip file, %s', async (_name, contentBytes) => {
    const content = Buffer.alloc(contentBytes, '[]');
    const file = gzipSync(content);
    answer = (response) => {
      response.write(file.subarray(0, 1));
      setTimeout(() => response.end(file.subarray(1)), 10);
    };
    const writer = collector();
    const artifact = await land(landing, { ask: ASK, body: await body(), asOf: AS_OF }, writer, ctx());
    expect(artifact).toMatchObject({
      bytes: file.length,
      contentBytes,
      sha256: sha256(file),
      contentSha256: sha256(content),
      compression: 'gzip',
    });
    expect(writer.text().equals(content)).toBe(true);
    const again = collector();
    await reread(landing, artifact, again, ctx());
    expect(again.text().equals(content)).toBe(true);
  });

  it('takes what is not gzip as it is, whatever the name says', async () => {
    answer = (response) => response.end('[]');
    const writer = collector();
    const artifact = await land(landing, { ask: ASK, body: await body(), asOf: AS_OF }, writer, ctx());
    expect(artifact).toMatchObject({ bytes: 2, contentBytes: 2, compression: 'none' });
    expect(writer.text().toString()).toBe('[]');
  });

  it('slows the download down when the writer is slow', async () => {
    answer = (response) => response.end(GZIP);
    const writer = collector(true);
    await land(landing, { ask: ASK, body: await body(), asOf: AS_OF }, writer, ctx());
    expect(writer.text().equals(CONTENT)).toBe(true);
  });

  it.each([
    ['the end is missing', () => GZIP.subarray(0, GZIP.length - 9)],
    ['the checksum is wrong', () => Buffer.concat([GZIP.subarray(0, GZIP.length - 8), Buffer.alloc(8, 7)])],
    [
      'a byte in the middle is wrong',
      () => Buffer.concat([GZIP.subarray(0, 5000), Buffer.from([1, 2, 3]), GZIP.subarray(5003)]),
    ],
  ])('refuses a gzip file of which %s, and leaves nothing behind', async (_name, make) => {
    answer = (response) => response.end(make());
    const landed = land(landing, { ask: ASK, body: await body(), asOf: AS_OF }, collector(), ctx());
    await expect(landed).rejects.toMatchObject({ code: 'E_ARTIFACT_CORRUPT' });
    expect(await files()).toEqual([]);
  });

  it.each([
    ['compressed', GZIP],
    ['plain', CONTENT],
  ])('tells a transfer that broke off: %s', async (_name, whole) => {
    answer = (response) => {
      response.writeHead(200, { 'content-length': whole.length });
      response.write(whole.subarray(0, 4000), () => response.destroy());
    };
    const landed = land(landing, { ask: ASK, body: await body(whole.length), asOf: AS_OF }, collector(), ctx());
    await expect(landed).rejects.toMatchObject({ code: 'E_TRANSFER', class: 'transient' });
    expect(await files()).toEqual([]);
  });

  it('tells a body shorter than was promised, where the transport does not', async () => {
    answer = (response) => response.end('[]');
    const landed = land(landing, { ask: ASK, body: await body(3), asOf: AS_OF }, collector(), ctx());
    await expect(landed).rejects.toMatchObject({ code: 'E_TRANSFER' });
  });

  it('ends at once when aborted in the middle of a body that never ends', async () => {
    const abort = new AbortController();
    answer = (response) => void response.write(GZIP.subarray(0, 5000));
    const landed = land(landing, { ask: ASK, body: await body(), asOf: AS_OF }, collector(), ctx(abort.signal));
    setTimeout(() => abort.abort(), 50);
    await expect(landed).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect(await files()).toEqual([]);
  });

  it('reads a kept artifact again, and notices a changed or a missing one', async () => {
    answer = (response) => response.end(GZIP);
    const artifact = await land(landing, { ask: ASK, body: await body(), asOf: AS_OF }, collector(), ctx());
    const writer = collector();
    await reread(landing, artifact, writer, ctx());
    expect(writer.text().equals(CONTENT)).toBe(true);

    await fs.writeFile(landing.file(artifact), gzipSync(CONTENT, { level: 1 }));
    await expect(reread(landing, artifact, collector(), ctx())).rejects.toMatchObject({ code: 'E_ARTIFACT_CORRUPT' });
    await fs.rm(landing.file(artifact));
    await expect(reread(landing, artifact, collector(), ctx())).rejects.toMatchObject({ code: 'E_ARTIFACT_MISSING' });
    expect(await landing.artifactsOf(ASK)).toEqual([]);
  });

  it('sweeps what dead processes left, not what living ones are writing', async () => {
    const artifacts = path.join(folder, 'artifacts', 'd', '1');
    await fs.mkdir(artifacts, { recursive: true });
    const dead = 2 ** 22 - 1;
    await fs.writeFile(path.join(artifacts, `.tmp-${dead}-aa-x.json.gz`), 'x');
    await fs.writeFile(path.join(artifacts, `.tmp-${process.ppid}-aa-x.json.gz`), 'x');
    await fs.mkdir(path.join(folder, 'staging', `${dead}-20261101T000000-aa`));
    await landing.sweep();
    expect(await fs.readdir(artifacts)).toEqual([`.tmp-${process.ppid}-aa-x.json.gz`]);
    expect(await fs.readdir(path.join(folder, 'staging'))).toEqual([]);
  });
});

it('says which folder it is that cannot be written to', async () => {
  const file = path.join(folder, 'a-file');
  await fs.writeFile(file, '');
  await expect(Landing.open(path.join(file, 'landing'))).rejects.toMatchObject({ code: 'E_PATH_UNWRITABLE' });
});
