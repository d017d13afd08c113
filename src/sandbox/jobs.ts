import { randomBytes, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pLimit from 'p-limit';
import type { Clock } from './clock.js';
import type { Rendered } from './data/render.js';
import type { JobRecord, Product } from './types.js';

/** A finished file: gzip on disk, so that a large one costs no memory. */
export interface JobFile extends Rendered {
  readonly path: string;
  readonly bytes: number;
  readonly plainBytes: number;
}

/** What a job is made of. */
export interface JobDraft {
  readonly what: 'report' | 'snapshot';
  readonly product: Product;
  readonly recordType: string;
  readonly dataset: string;
  readonly profileId: string;
  readonly slice: string;
  readonly part: string | null;
  readonly path: string;
  readonly body: string;
  /** Its file's plain bytes, piece by piece; fills the totals. */
  readonly render: (totals: Rendered) => Iterable<Buffer>;
  readonly fate: 'done' | 'fails' | 'never ends';
  /** Why it fails. */
  readonly details: string;
}

/** One asynchronous job. */
export class Job {
  readonly id: string;
  readonly draft: JobDraft;
  readonly asOf: Date;
  /** On the clock's monotonic scale: created, and when its file ceases to be. */
  readonly created: number;
  readonly expires: number;
  /** What `expiration` says: epoch milliseconds. */
  readonly expiration: number;
  readonly #clock: Clock;
  readonly #readyMs: number;
  file: JobFile | null = null;
  /** Why its file could not be made: the sandbox's own trouble, such as a full disk. */
  trouble: string | null = null;

  constructor(id: string, draft: JobDraft, clock: Clock, readyMs: number) {
    this.id = id;
    this.draft = draft;
    this.#clock = clock;
    this.#readyMs = readyMs;
    this.asOf = clock.now();
    this.created = clock.elapsed();
    this.expiration = expirationOf(draft, this.asOf);
    this.expires = this.created + (this.expiration - this.asOf.getTime());
  }

  get status(): JobRecord['status'] {
    if (this.draft.fate === 'never ends' || this.#clock.elapsed() - this.created < this.#readyMs) return 'IN_PROGRESS';
    if (this.failure !== null) return 'FAILURE';
    return this.file ? 'SUCCESS' : 'IN_PROGRESS';
  }

  /** Why it failed, or will. */
  get failure(): string | null {
    return this.draft.fate === 'fails' ? this.draft.details : this.trouble;
  }

  /** Whether the source has forgotten it. */
  get gone(): boolean {
    return this.#clock.elapsed() >= this.expires;
  }

  record(): JobRecord {
    const { dataset, profileId, slice, part, path: requestPath, body } = this.draft;
    return {
      ...{ id: this.id, dataset, profileId, slice, part, asOf: this.asOf.toISOString(), path: requestPath, body },
      status: this.status,
      rows: this.file?.rows ?? null,
      badRows: this.file?.badRows ?? 0,
      badRowNumbers: this.file?.badRowNumbers ?? [],
      bytes: this.file?.bytes ?? null,
      plainBytes: this.file?.plainBytes ?? null,
    };
  }
}

/** Sponsored Display's snapshots live 30 minutes; everything else until midnight UTC 90 days on. */
function expirationOf(draft: JobDraft, asOf: Date): number {
  if (draft.product === 'sd' && draft.what === 'snapshot') return asOf.getTime() + 30 * 60_000;
  const midnight = Math.floor(asOf.getTime() / 86_400_000) * 86_400_000;
  return midnight + 90 * 86_400_000;
}

/** Every job there is, and the files they make. */
export class Jobs {
  readonly #clock: Clock;
  readonly #readyMs: number;
  readonly #jobs = new Map<string, Job>();
  readonly #asked = new Set<string>();
  /** Two at a time: a burst of requests must not starve the answers. */
  readonly #builders = pLimit(2);
  #folder: Promise<string> | undefined;
  #closed = false;
  created = 0;
  duplicates = 0;

  constructor(clock: Clock, jobSeconds: number) {
    this.#clock = clock;
    this.#readyMs = jobSeconds * 1000;
  }

  get all(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** Makes a job and begins with its file. */
  create(draft: JobDraft): Job {
    const job = new Job(newId(draft, this.created), draft, this.#clock, this.#readyMs);
    this.#jobs.set(job.id, job);
    this.created++;
    const key = JSON.stringify([draft.path, draft.profileId, draft.body]);
    if (this.#asked.has(key)) this.duplicates++;
    this.#asked.add(key);
    if (draft.fate === 'done') {
      this.#builders(() => this.#build(job)).catch((error: unknown) => {
        job.trouble = `The sandbox could not write the file: ${error instanceof Error ? error.message : String(error)}`;
      });
    }
    return job;
  }

  /** Counts from nought; jobs live on. */
  resetCounts(): void {
    this.created = 0;
    this.duplicates = 0;
    this.#asked.clear();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#builders.clearQueue();
    // What is being built ends on its own at its next piece.
    while (this.#builders.activeCount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    if (this.#folder) await fs.rm(await this.#folder, { recursive: true, force: true });
  }

  async #build(job: Job): Promise<void> {
    this.#folder ??= fs.mkdtemp(path.join(os.tmpdir(), 'millpond-sandbox-'));
    const file = path.join(await this.#folder, `${randomUUID()}.json.gz`);
    const totals: Rendered = { rows: 0, badRows: 0, badRowNumbers: [] };
    let plainBytes = 0;
    const closed = () => this.#closed;
    const pieces = async function* () {
      for (const piece of job.draft.render(totals)) {
        if (closed()) return;
        plainBytes += piece.length;
        yield piece;
        // Rendering is busy work; requests that wait come first.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await pipeline(Readable.from(pieces()), createGzip({ level: 1, chunkSize: 1 << 18 }), createWriteStream(file));
    if (closed()) return;
    const { size } = await fs.stat(file);
    job.file = { ...totals, path: file, bytes: size, plainBytes };
  }
}

/** Ids as seen: opaque, of several shapes, one of them plain digits. */
function newId(draft: JobDraft, number: number): string {
  const tail = `${randomBytes(4).toString('hex').toUpperCase()}.${randomUUID()}`;
  if (draft.product !== 'sd') return `amzn1.clicksAPI.v1.${draft.what === 'report' ? 'm1' : 'p1'}.${tail}`;
  if (draft.what === 'snapshot') return `amzn1.sdAPI.p1.${tail}`;
  if (number % 3 === 2)
    return String(100_000_000 + (number % 9_000) * 100_000 + (randomBytes(2).readUInt16BE() % 100_000));
  return `amzn1.sdAPI.v1.${number % 3 === 0 ? 'm1' : 'p1'}.${tail}`;
}
