import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip, type Gunzip, type ZlibOptions } from 'node:zlib';
import { crashPoint } from '../base/crash-points.js';
import { MillpondError, messageOf, systemCode } from '../base/errors.js';
import { removeFile, temporaryName } from '../base/files.js';
import { isGzip, spoiltGzip } from '../base/gzip.js';
import { OpenFile } from '../base/open-file.js';
import { throwIfAborted } from '../base/retry.js';
import type { Artifact, Ask, Body, Content, Ctx, ImportedFile, Job, StageWriter } from '../contracts/index.js';
import type { Landing } from './landing.js';

/** Inflating in large pieces is three times as fast as in zlib's 16 KiB. */
const INFLATE_CHUNK = 1 << 20;
/** How much may wait to be inflated. */
const TO_INFLATE = 1 << 20;
/** A gzip'd body that is no longer is small: it is handed on whole. */
const MOST_HELD = 1 << 20;

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
  const opened = await createFile(temporary);
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const plain = new PlainContent(writer);
    try {
      for await (const chunk of bodyChunks(source.body.stream, ctx.signal)) {
        hash.update(chunk);
        bytes += chunk.length;
        await Promise.all([opened.write(chunk), plain.write(chunk)]);
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
    await opened.sync();
    await opened.close();
    await fs.rename(temporary, file);
    // Not synced by itself: without its record it does not count, and the record's folder is the same.
    crashPoint('land.artifact.renamed');
    const content = plain.content();
    const artifact: Artifact = {
      id: place.id,
      path: place.path,
      sha256: hash.digest('hex'),
      contentSha256: content.sha256,
      bytes,
      contentBytes: content.bytes,
      compression: content.compression,
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
    await opened.close().catch(() => {});
    await removeFile(temporary);
    throw error;
  }
}

/** A new file, in a folder that is made where it is missing. */
async function createFile(file: string): Promise<OpenFile> {
  try {
    return await OpenFile.open(file, 'wx');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await fs.mkdir(path.dirname(file), { recursive: true });
    return OpenFile.open(file, 'wx');
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
  /** What came before it is known how to go on. */
  readonly #held: Buffer[] = [];
  #heldBytes = 0;
  #started = false;
  #gunzip: Gunzip | undefined;
  #inflating: Promise<void> | undefined;
  #failure: unknown;
  #whole: Content | undefined;
  #bytes = 0;

  constructor(writer: StageWriter) {
    this.#writer = writer;
  }

  async write(chunk: Buffer): Promise<void> {
    if (this.#started) return this.#pass(chunk);
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes <= MOST_HELD && (this.#heldBytes < 2 || this.#isGzip)) return;
    await this.#start();
  }

  async end(): Promise<void> {
    if (!this.#started && this.#isGzip) {
      this.#whole = await this.#writer.writeGzip(joined(this.#held));
      if (this.#whole) return;
    }
    if (!this.#started) await this.#start();
    this.#gunzip?.end();
    await this.#inflating;
    if (this.#failure) throw this.#failure;
  }

  /** What it was; to be asked once, at the end. */
  content(): Content & Pick<Artifact, 'compression'> {
    const { bytes, sha256 } = this.#whole ?? { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
    return { bytes, sha256, compression: this.#whole || this.#gunzip ? 'gzip' : 'none' };
  }

  destroy(): void {
    this.#gunzip?.destroy();
  }

  /** By as much as is held. */
  get #isGzip(): boolean {
    return isGzip(joined(this.#held.slice(0, 2).map((piece) => piece.subarray(0, 2))));
  }

  async #start(): Promise<void> {
    this.#started = true;
    if (this.#isGzip) this.#inflate();
    if (this.#heldBytes > 0) await this.#pass(joined(this.#held.splice(0)));
  }

  #inflate(): void {
    const gunzip = createGunzip({ chunkSize: INFLATE_CHUNK, writableHighWaterMark: TO_INFLATE } as ZlibOptions);
    this.#gunzip = gunzip;
    this.#inflating = (async () => {
      for await (const chunk of gunzip) await this.#take(chunk as Buffer);
    })().catch((error: unknown) => {
      this.#failure = systemCode(error)?.startsWith('Z_') ? spoiltGzip(messageOf(error), error) : error;
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
    this.#bytes += chunk.length;
    await this.#writer.write(chunk);
  }
}

/** Most bodies come in one piece or two. */
function joined(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
