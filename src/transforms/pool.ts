import { Database } from '../base/duckdb/database.js';
import { asMillpondError, type MillpondError } from '../base/errors.js';
import type { Budget } from '../contracts/index.js';
import { interrupted, isInterrupt } from './interrupted.js';
import { WorkBench } from './work-bench.js';

/** What is done together. */
export interface Batch {
  /** Jobs of one key are done together. */
  readonly key: string;
  /** Bytes of text that are worth it at once; less waits for company while more lands. */
  readonly worth: number;
  /** Bytes that go together at most. */
  readonly most: number;
}

/** Something for a worker to do. */
export interface Job<Result = unknown> {
  /** Undefined: it is done alone. */
  readonly batch: Batch | undefined;
  readonly bytes: number;
  /** Whether nobody wants the result any more. */
  isAbandoned(): boolean;
  /** Does this job and those batched with it; a result for each, in their order. */
  run(batch: readonly Job<Result>[], bench: WorkBench): Promise<Result[]>;
}

interface Waiting {
  readonly job: Job;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Jobs that go together at most. */
const BATCH_JOBS = 500;
/** How long a job waits for company at most, in milliseconds. */
const LINGER_MS = 300;

/** Of a process's memory, what its stagers may take; the rest is for landing and sinks. */
const MEMORY_SHARE = 0.5;

/**
 * The working threads: each a DuckDB of its own, in memory, with one thread (a second one would
 * only spin, for one JSON array is read by one). Queries run on libuv's pool, off the event loop.
 */
export class Pool {
  readonly #folder: string;
  readonly #budget: Budget;
  readonly #size: number;
  readonly #roomBytes: number;
  readonly #queue: Waiting[] = [];
  readonly #idle: WorkBench[] = [];
  readonly #busy = new Map<WorkBench, readonly Job[]>();
  readonly #roomWaiters: (() => void)[] = [];
  /** Artifacts that are landing: more small ones may come. */
  #landing = 0;
  #linger: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param roomBytes text that may wait on disk before landing is slowed down. */
  constructor(folder: string, budget: Budget, roomBytes: number) {
    this.#roomBytes = roomBytes;
    this.#folder = folder;
    this.#budget = budget;
    this.#size = Math.max(1, budget.threads);
  }

  /** Does a job when a worker is free. @throws whatever it throws; `E_INTERRUPTED` once abandoned or closed. */
  submit<Result>(job: Job<Result>): Promise<Result> {
    if (this.#closed || job.isAbandoned()) return Promise.reject(interrupted());
    return new Promise<Result>((resolve, reject) => {
      this.#queue.push({ job: job as Job, resolve: resolve as (result: unknown) => void, reject });
      this.#dispatch();
    });
  }

  /** How many artifacts are landing. */
  get landing(): number {
    return this.#landing;
  }

  /** An artifact begins to land: small ones wait for it, to go together. */
  expect(): void {
    this.#landing += 1;
  }

  /** It has landed, or never will. */
  expected(): void {
    this.#landing -= 1;
    this.#dispatch();
  }

  /**
   * Resolves when not more text waits than keeps all workers busy: by size, so that small files
   * pile up and go together.
   */
  async room(mostBytes = this.#roomBytes): Promise<void> {
    while (this.#waitingBytes() > mostBytes && !this.#closed) {
      const room = new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
      this.#dispatch();
      await room;
    }
  }

  /** Drops abandoned jobs, and interrupts queries that only abandoned jobs wait for. */
  sweep(): void {
    for (const waiting of this.#queue.filter(({ job }) => job.isAbandoned())) {
      this.#queue.splice(this.#queue.indexOf(waiting), 1);
      waiting.reject(interrupted());
    }
    for (const [bench, jobs] of this.#busy) {
      if (jobs.every((job) => job.isAbandoned())) bench.interrupt();
    }
    this.#wake();
  }

  /** Ends the workers; what was still to do is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#linger);
    for (const { reject } of this.#queue.splice(0)) reject(interrupted());
    for (const bench of this.#busy.keys()) bench.interrupt();
    for (const bench of this.#idle.splice(0)) bench.close();
    this.#wake();
  }

  #waitingBytes(): number {
    return this.#queue.reduce((sum, { job }) => sum + job.bytes, 0);
  }

  /** @param isPatient small jobs may wait for more of their like. */
  #dispatch(isPatient = true): void {
    while (!this.#closed) {
      if (this.#idle.length === 0 && this.#busy.size >= this.#size) return;
      const at = this.#firstDue(isPatient);
      if (at < 0) {
        this.#waitForCompany();
        return;
      }
      const bench = this.#idle.pop() ?? this.#newBench();
      void this.#work(this.#takeBatch(at), bench);
    }
  }

  /** The place of a job that should go now: one that goes alone does, others wait for enough of their like. */
  #firstDue(isPatient: boolean): number {
    // Whoever waits for room brings no company.
    if (!isPatient || this.#landing === 0 || this.#roomWaiters.length > 0) return this.#queue.length === 0 ? -1 : 0;
    const waiting = new Map<string, { jobs: number; bytes: number }>();
    for (const { job } of this.#queue) {
      if (!job.batch) continue;
      const { jobs, bytes } = waiting.get(job.batch.key) ?? { jobs: 0, bytes: 0 };
      waiting.set(job.batch.key, { jobs: jobs + 1, bytes: bytes + job.bytes });
    }
    return this.#queue.findIndex(({ job: { batch } }) => {
      const like = batch && waiting.get(batch.key);
      return !like || like.jobs >= BATCH_JOBS || like.bytes >= batch.worth;
    });
  }

  #waitForCompany(): void {
    if (this.#queue.length === 0) return;
    this.#linger ??= setTimeout(() => {
      this.#linger = undefined;
      this.#dispatch(false);
    }, LINGER_MS);
  }

  /** The job at a place in the queue, and with it all that wait and go together with it, as far as they fit. */
  #takeBatch(at: number): Waiting[] {
    const [first] = this.#queue.splice(at, 1) as [Waiting];
    const taken = [first];
    const { batch } = first.job;
    let bytes = first.job.bytes;
    for (let i = 0; batch && i < this.#queue.length && taken.length < BATCH_JOBS; ) {
      const next = this.#queue[i]!.job;
      if (next.batch?.key !== batch.key || bytes + next.bytes > batch.most) i += 1;
      else {
        bytes += next.bytes;
        taken.push(...this.#queue.splice(i, 1));
      }
    }
    this.#wake();
    return taken;
  }

  async #work(batch: readonly Waiting[], bench: WorkBench): Promise<void> {
    const jobs = batch.map(({ job }) => job);
    this.#busy.set(bench, jobs);
    bench.isAbandoned = () => this.#closed || jobs.every((job) => job.isAbandoned());
    try {
      const results = await jobs[0]!.run(jobs, bench);
      for (const [index, waiting] of batch.entries()) waiting.resolve(results[index]);
    } catch (error) {
      const known = knownError(error);
      for (const { reject } of batch) reject(known);
    } finally {
      this.#busy.delete(bench);
      if (this.#closed) bench.close();
      else this.#idle.push(bench);
      this.#dispatch();
    }
  }

  #newBench(): WorkBench {
    const open = () =>
      Database.open({
        path: ':memory:',
        threads: 1,
        memoryBytes: (this.#budget.memoryBytes * MEMORY_SHARE) / this.#size,
        temporaryFolder: this.#folder,
      });
    return new WorkBench(open, this.#folder);
  }

  #wake(): void {
    for (const wake of this.#roomWaiters.splice(0)) wake();
  }
}

function knownError(error: unknown): MillpondError {
  return isInterrupt(error) ? interrupted() : asMillpondError(error);
}
