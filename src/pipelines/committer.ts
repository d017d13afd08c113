import { setTimeout as sleep } from 'node:timers/promises';
import { asMillpondError, type MillpondError } from '../base/errors.js';
import type { Committed, Ctx, RunRecord, Sink, Write } from '../contracts/index.js';

/** Slices a commit takes at most: enough that many small ones cost little each, few enough to stay short. */
const MOST_SLICES = 400;
/** Rows after which a commit takes no further slice. */
const MOST_ROWS = 2_000_000;
/** Rows that are worth a commit at once. */
const WORTH_ROWS = 1_000_000;
/** How long a commit waits for company at least: what is staged together should be committed together. */
const LINGER_MS = 20;
/** Twice as long as commits take, and no longer than this, so that a steady stream of small slices makes few of them. */
const LONGEST_LINGER_MS = 10_000;

interface Submission {
  readonly writes: readonly Write[];
  /** Records behind them. */
  readonly rows: number;
  readonly resolve: (committed: Committed[]) => void;
  readonly reject: (error: MillpondError) => void;
}

/**
 * The one committer of a sink in this process. What arrives while a commit is under way goes
 * into the next one together, so that three hundred small slices do not cost three hundred commits.
 */
export class Committer {
  readonly #sink: Sink;
  readonly #run: () => RunRecord;
  readonly #ctx: Ctx;
  readonly #underWay: () => number;
  #waiting: Submission[] = [];
  #working = false;
  /** How long the last commit took; before the first, so long that it waits like all others. */
  #lastMs = LONGEST_LINGER_MS / 2;
  #down: MillpondError | undefined;

  /** @param underWay how many submissions have not been answered yet or may still come; nobody waits for more. */
  constructor(sink: Sink, run: () => RunRecord, ctx: Ctx, underWay: () => number = () => Number.POSITIVE_INFINITY) {
    this.#sink = sink;
    this.#underWay = underWay;
    this.#run = run;
    this.#ctx = ctx;
  }

  /**
   * Commits these writes together with whatever else is waiting.
   * @throws MillpondError what the sink throws, if it was these writes that caused it.
   */
  submit(writes: readonly Write[]): Promise<Committed[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, rows: rowsOf(writes), resolve, reject });
      if (!this.#working) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) {
      await this.#gather();
      const batch = this.#takeBatch();
      try {
        await this.#commit(batch);
      } catch (thrown) {
        const error = asMillpondError(thrown);
        // One bad slice must not take its company down: each goes again by itself.
        if (batch.length > 1 && isOfOneSlice(error)) for (const one of batch) await this.#commitAlone(one);
        else for (const { reject } of batch) reject(error);
      }
    }
    this.#working = false;
  }

  /** Waits while more arrives: nothing that is worth a commit of its own waits. */
  async #gather(): Promise<void> {
    const began = performance.now();
    const until = began + Math.min(LONGEST_LINGER_MS, 2 * this.#lastMs);
    for (let seen = -1; !this.#ctx.signal.aborted && performance.now() < began + LONGEST_LINGER_MS; ) {
      if (seen === this.#waiting.length && performance.now() >= until) return;
      seen = this.#waiting.length;
      const slices = this.#waiting.reduce((sum, { writes }) => sum + writes.length, 0);
      const rows = this.#waiting.reduce((sum, submission) => sum + submission.rows, 0);
      if (seen >= this.#underWay() || slices >= MOST_SLICES || rows >= WORTH_ROWS) return;
      await sleep(LINGER_MS);
    }
  }

  async #commitAlone(submission: Submission): Promise<void> {
    try {
      await this.#commit([submission]);
    } catch (error) {
      submission.reject(asMillpondError(error));
    }
  }

  async #commit(batch: readonly Submission[]): Promise<void> {
    if (this.#down) throw this.#down;
    const began = performance.now();
    try {
      const run = this.#run();
      const writes = batch.flatMap((submission) => submission.writes);
      const prepared = await this.#sink.prepare(writes, run, this.#ctx);
      let committed: Committed[];
      try {
        committed = await this.#sink.commit([prepared], run, this.#ctx);
      } finally {
        await prepared.discard();
      }
      this.#lastMs = performance.now() - began;
      let from = 0;
      for (const { writes: own, resolve } of batch) {
        resolve(committed.slice(from, from + own.length));
        from += own.length;
      }
    } catch (thrown) {
      const error = asMillpondError(thrown);
      // A sink that is locked or full stays so for the rest of the run: nobody else waits for it again.
      if (!isOfOneSlice(error)) this.#down = error;
      throw error;
    }
  }

  /** Waiting submissions, oldest first; never two for the same data in one commit. */
  #takeBatch(): Submission[] {
    const batch: Submission[] = [];
    const later: Submission[] = [];
    const touched = new Set<string>();
    let slices = 0;
    let rows = 0;
    for (const submission of this.#waiting) {
      const names = submission.writes.map(
        ({ schema, key }) => `${schema}\0${key.dataset}\0${key.scope}\0${isState(submission) ? '' : key.slice}`,
      );
      const clash = names.some((name) => touched.has(name));
      if (batch.length > 0 && (clash || slices + names.length > MOST_SLICES || rows > MOST_ROWS)) {
        later.push(submission);
        for (const name of names) touched.add(name);
        continue;
      }
      for (const name of names) touched.add(name);
      slices += names.length;
      rows += submission.rows;
      batch.push(submission);
    }
    this.#waiting = later;
    return batch;
  }
}

function isState(submission: Submission): boolean {
  return submission.writes.some((write) => write.kind === 'replace' && write.currentState);
}

/** Records behind these writes; a stage of several slices counts once a slice, in shares. */
function rowsOf(writes: readonly Write[]): number {
  const stages = writes.flatMap((write) => (write.kind === 'replace' ? write.stages : []));
  return stages.reduce((sum, { totals }) => sum + totals.read / Math.max(1, totals.slices.length), 0);
}

function isOfOneSlice(error: MillpondError): boolean {
  return error.class === 'data' || error.class === 'bug' || error.class === 'source';
}
