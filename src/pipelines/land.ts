import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import { crashPoint } from '../base/crash-points.js';
import { MillpondError, messageOf, systemCode } from '../base/errors.js';
import { removeFile, temporaryName } from '../base/files.js';
import { throwIfAborted } from '../base/retry.js';
import type { Artifact, Ask, Body, Ctx, ImportedFile, Job, StageWriter } from '../contracts/index.js';
import type { Landing } from './landing.js';

/** Inflating in large pieces is three times as fast as in zlib's 16 KiB. */
const INFLATE_CHUNK = 1 << 20;
/** How much may wait to be inflated; a body that is no longer is inflated when it is whole. */
const TO_INFLATE = 1 << 20;
/** Content that is inflated in one piece, where a whole body says beforehand how long it is. */
const ONE_PIECE = 4 << 20;

/** A body on its way in, and what it answers. */
export interface LandSource {
  readonly ask: Ask;
  readonly job?: Job;
  /** Ids of all jobs of the ask. */
  readonly jobs?: readonly string[];
  /** Of a file that somebody brings. */
  readonly imported?: ImportedFile;
  readonly body: Body;
  /** ISO instant at which the source was asked. */
  readonly asOf: string;
}

/** Where a body becomes an artifact. */
export function placeOf(landing: Landing, { ask, asOf, job, imported }: Omit<LandSource, 'body'>) {
  return landing.artifactPath(ask, asOf, job?.part ?? imported?.part);
}

/**
 * Streams a body to disk once, hashing as it passes: the bytes as they came into the artifact,
 * the plain content into the stage writer. The artifact gets its name, and its record, only when
 * the last byte is there and gzip's own checksum holds.
 *
 * @returns the artifact; the writer holds its content, not yet closed.
 * @throws MillpondError `E_ARTIFACT_CORRUPT` where gzip's checksum fails or its end is missing,
 *   `E_TRANSFER` where the transport broke off, `E_DISK_FULL`.
 */
export async function land(landing: Landing, source: LandSource, writer: StageWriter, ctx: Ctx): Promise<Artifact> {
  const place = placeOf(landing, source);
  const file = landing.file(place);
  const temporary = temporaryName(file);
  const handle = await createFile(temporary);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const plain = new PlainContent(writer);
    try {
      for await (const chunk of bodyChunks(source.body.stream, ctx.signal)) {
        hash.update(chunk);
        bytes += chunk.length;
        await Promise.all([handle.writeFile(chunk), plain.write(chunk)]); // goes on where the last one ended
      }
      crashPoint('land.bytes.written');
      if (source.body.length !== undefined && bytes !== source.body.length) {
        throw new MillpondError('E_TRANSFER', `The transfer ended after ${bytes} of ${source.body.length} bytes`);
      }
      await plain.end();
    } catch (error) {
      plain.destroy();
      throw error;
    }
    await handle.sync();
    await handle.close();
    await fs.rename(temporary, file);
    // Not synced by itself: without its record it does not count, and the record's folder is the same.
    crashPoint('land.artifact.renamed');
    const artifact: Artifact = {
      id: place.id,
      path: place.path,
      sha256: hash.digest('hex'),
      contentSha256: plain.sha256(),
      bytes,
      contentBytes: plain.bytes,
      compression: plain.compression,
      format: source.body.format,
      ask: source.ask,
      ...(source.job ? { job: source.job } : {}),
      ...(source.jobs ? { jobs: source.jobs } : {}),
      ...(source.imported ? { imported: source.imported } : {}),
      asOf: source.asOf,
      landedAt: ctx.now().toISOString(),
    };
    await landing.record(artifact);
    return artifact;
  } catch (error) {
    source.body.stream.destroy();
    await handle.close().catch(() => {});
    await removeFile(temporary);
    throw error;
  }
}

/** A new file, in a folder that is made where it is missing. */
async function createFile(file: string): Promise<fs.FileHandle> {
  try {
    return await fs.open(file, 'wx');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await fs.mkdir(path.dirname(file), { recursive: true });
    return fs.open(file, 'wx');
  }
}

/**
 * Feeds a kept artifact to a stage writer again: after a crash, for a sink added later.
 * @throws MillpondError `E_ARTIFACT_MISSING`, `E_ARTIFACT_CORRUPT` where it is not what its record says.
 */
export async function reread(landing: Landing, artifact: Artifact, writer: StageWriter, ctx: Ctx): Promise<void> {
  const hash = createHash('sha256');
  const plain = new PlainContent(writer);
  try {
    for await (const chunk of bodyChunks(
      createReadStream(landing.file(artifact), { highWaterMark: 1 << 20 }),
      ctx.signal,
    )) {
      hash.update(chunk);
      await plain.write(chunk);
    }
    await plain.end();
  } catch (error) {
    plain.destroy();
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new MillpondError('E_ARTIFACT_MISSING', `The artifact ${artifact.path} is no longer there`, { cause: error });
  }
  if (hash.digest('hex') !== artifact.sha256) {
    throw new MillpondError(
      'E_ARTIFACT_CORRUPT',
      `The artifact ${artifact.path} is not what landed: its sha256 differs`,
    );
  }
}

async function* bodyChunks(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  const abort = () => stream.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    for await (const chunk of stream) {
      throwIfAborted(signal);
      yield chunk as Buffer;
    }
    throwIfAborted(signal);
  } catch (error) {
    throwIfAborted(signal);
    if (error instanceof MillpondError || systemCode(error) === 'ENOENT') throw error;
    throw new MillpondError('E_TRANSFER', `The transfer broke off: ${messageOf(error)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Inflates where the magic bytes say gzip (headers lie), hashes the plain content and hands it on. */
class PlainContent {
  readonly #writer: StageWriter;
  readonly #hash = createHash('sha256');
  /** What came before it was begun with. */
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  #started = false;
  #gunzip: Gunzip | undefined;
  #inflating: Promise<void> | undefined;
  #failure: unknown;
  bytes = 0;

  constructor(writer: StageWriter) {
    this.#writer = writer;
  }

  get compression(): 'gzip' | 'none' {
    return this.#gunzip ? 'gzip' : 'none';
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#started) return this.#pass(chunk);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes <= TO_INFLATE && (this.#heldBytes < 2 || isGzip(this.#held))) return;
    await this.#start(INFLATE_CHUNK);
  }

  async end(): Promise<void> {
    if (!this.#started) await this.#start(pieceOf(this.#held));
    this.#gunzip?.end();
    await this.#inflating;
    if (this.#failure) throw this.#failure;
  }

  destroy(): void {
    this.#gunzip?.destroy();
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  /** @param chunkSize of the pieces in which to inflate, in bytes. */
  async #start(chunkSize: number): Promise<void> {
    this.#started = true;
    if (isGzip(this.#held)) this.#inflate(chunkSize);
    if (this.#heldBytes > 0) await this.#pass(Buffer.concat(this.#held.splice(0)));
  }

  #inflate(chunkSize: number): void {
    const gunzip = createGunzip({ chunkSize, writableHighWaterMark: TO_INFLATE } as ZlibOptions);
    this.#gunzip = gunzip;
    this.#inflating = (async () => {
      for await (const chunk of gunzip) await this.#take(chunk as Buffer);
    })().catch((error: unknown) => {
      const code = systemCode(error);
      this.#failure = code?.startsWith('Z_')
        ? new MillpondError('E_ARTIFACT_CORRUPT', `The file is no whole gzip file: ${messageOf(error)}`, {
            cause: error,
          })
        : error;
    });
  }

  async #pass(chunk: Buffer): Promise<void> {
    if (!this.#gunzip) return this.#take(chunk);
    if (this.#failure) throw this.#failure;
    if (!this.#gunzip.write(chunk)) {
      await Promise.race([new Promise((resolve) => this.#gunzip!.once('drain', resolve)), this.#inflating]);
      if (this.#failure) throw this.#failure;
    }
  }

  async #take(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk);
    this.bytes += chunk.length;
    await this.#writer.write(chunk);
  }
}

function isGzip(pieces: readonly Buffer[]): boolean {
  const [first, second] = Buffer.concat(pieces.map((piece) => piece.subarray(0, 2)));
  return first === 0x1f && second === 0x8b;
}

/** In what pieces to inflate a whole file. Its last four bytes say how long its content is (RFC 1952); where they lie, it only takes longer. */
function pieceOf(pieces: readonly Buffer[]): number {
  const trailer = Buffer.concat(pieces.slice(-4)).subarray(-4);
  const bytes = trailer.length === 4 ? trailer.readUInt32LE() : 0;
  // One byte more, or zlib asks for another piece to see that nothing follows.
  return bytes > 0 && bytes < ONE_PIECE ? Math.max(bytes + 1, 1024) : INFLATE_CHUNK;
}
