import { asMillpondError } from '../base/errors.js';
import { removeFile } from '../base/files.js';
import type { Artifact, Content, Ctx, Stage, StageRequest, StageWriter } from '../contracts/index.js';
import { assembleStage, type ChunkOutcome } from './assemble.js';
import { type Chunk, Chunker } from './chunker.js';
import { interrupted } from './interrupted.js';
import { readMalformed } from './malformed.js';
import type { Outcome } from './outcome.js';
import { newPath } from './parts.js';
import { inflateWhole } from './plain/inflate.js';
import { PlainReader } from './plain/reader.js';
import { type PlainTable, plainTable } from './plain/table.js';
import type { Job, Pool } from './pool.js';
import { learnFromHead, type UsualKeys } from './sample.js';
import { type FileJob, type FileResult, stageFiles } from './stage-files.js';
import { finishPlain, isUnfinished, type PlainStage, stagePlain } from './stage-plain.js';
import { stageWholes, type WholeText } from './stage-wholes.js';
import { TableWork } from './table-work.js';
import { checkWhole, TextEnds } from './whole.js';
import type { WorkBench } from './work-bench.js';

/** Of the text that one worker takes: what is small enough to be kept in memory until it is whole. */
const SMALL_SHARE = 1 / 8;

/** Small texts that wait in memory: so much makes a part that is worth opening. */
const IN_MEMORY = { worth: 8 << 20, most: 16 << 20 };
/** Those that wait in files: so much is worth a query. */
const IN_FILES = { worth: 24 << 20, most: 64 << 20 };

/** What a writer shares with the others of its stager. */
export interface WriterEnv {
  readonly pool: Pool;
  readonly folder: string;
  readonly chunkBytes: number;
  /** What their artifacts looked like so far. */
  readonly usual: UsualKeys;
}

/** A text that is small so far. */
interface SmallText {
  readonly pieces: Uint8Array[];
  bytes: number;
  /** It is one piece, in memory that is nobody else's. */
  readonly isOwn?: true;
}

/** A chunk on its way through the workers: one result a table, in the order of the tables. */
interface ChunkUnderWay {
  readonly chunk: Chunk;
  readonly results: readonly Promise<FileResult>[];
  /** Whether all of its tables were staged; known once they are. */
  readonly isStaged: Promise<boolean>;
}

/**
 * Cuts one artifact's text into chunks, has them staged while the rest lands, and puts the
 * outcomes together.
 */
export class ChunkedWriter implements StageWriter {
  readonly #request: StageRequest;
  readonly #env: WriterEnv;
  readonly #signal: AbortSignal;
  readonly #works: readonly TableWork[];
  readonly #chunker: Chunker;
  readonly #chunks: ChunkUnderWay[] = [];
  readonly #ends = new TextEnds();
  /** The text so far, while it is small: then it is staged whole, together with others. */
  #small: SmallText | undefined = { pieces: [], bytes: 0 };
  /** What becomes of a small text; itself where it is not plain. */
  #whole: Promise<Outcome | Uint8Array> | undefined;
  readonly #onSignal = () => void this.abort();
  /** The bytes that came last, being read: whoever brings them can fetch the next. */
  #reading = Promise.resolve();
  #aborting: Promise<void> | undefined;
  #isClosed = false;
  #isLanded = false;
  #isLearned = false;

  constructor(request: StageRequest, env: WriterEnv, ctx: Ctx) {
    this.#request = request;
    this.#env = env;
    this.#signal = ctx.signal;
    this.#works = request.tables.map((table) => new TableWork(table, request.policy, request));
    this.#chunker = new Chunker({
      format: request.format,
      target: env.chunkBytes,
      // Where many land, each keeps less in memory: together no more than two would.
      readTarget: () => env.chunkBytes / Math.max(1, env.pool.landing / 2),
      newPath: () => newPath(env.folder, 'json'),
      newReader: () => this.#newReader(),
      emit: (chunk) => this.#submit(chunk),
    });
    this.#signal.addEventListener('abort', this.#onSignal, { once: true });
    env.pool.expect();
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.#read();
    this.#ends.note(bytes);
    this.#reading = this.#take(bytes);
    // Whoever waits for it next learns of a failure.
    this.#reading.catch(() => {});
    await this.#env.pool.room();
    this.#throwIfAborted();
  }

  async writeGzip(file: Uint8Array): Promise<Content | undefined> {
    await this.#read();
    await this.#env.pool.room(IN_MEMORY.most);
    const inflated = await inflateWhole(file, this.#smallBytes);
    this.#throwIfAborted();
    if (!inflated) return undefined;
    const { text, sha256 } = inflated;
    this.#ends.note(text);
    this.#small = { pieces: [text], bytes: text.length, isOwn: true };
    return { bytes: text.length, sha256 };
  }

  /** A text that may turn out to be small is kept until that is known. */
  async #take(bytes: Uint8Array): Promise<void> {
    if (!this.#small) return this.#chunker.write(bytes);
    this.#small.pieces.push(bytes);
    this.#small.bytes += bytes.length;
    if (this.#small.bytes <= this.#smallBytes) return;
    const { pieces } = this.#small;
    this.#small = undefined;
    await this.#chunk(pieces);
  }

  async #chunk(pieces: readonly Uint8Array[]): Promise<void> {
    for (const piece of pieces) await this.#chunker.write(piece);
  }

  /** Waits until what was written has been read. */
  async #read(): Promise<void> {
    this.#throwIfAborted();
    try {
      await this.#reading;
    } catch (error) {
      this.#throwIfAborted();
      throw asMillpondError(error);
    }
    this.#throwIfAborted();
  }

  async close(artifact: Artifact): Promise<Stage[]> {
    this.#throwIfAborted();
    try {
      const stages = await this.#finish(artifact);
      // Whoever gave it up meanwhile has released what they are made of.
      this.#throwIfAborted();
      this.#isClosed = true;
      return stages;
    } catch (error) {
      const known = this.#isAborted ? interrupted() : asMillpondError(error);
      await this.abort();
      throw known;
    } finally {
      this.#signal.removeEventListener('abort', this.#onSignal);
    }
  }

  async abort(): Promise<void> {
    if (this.#isClosed) return;
    this.#aborting ??= this.#cleanUp();
    await this.#aborting;
  }

  async #finish(artifact: Artifact): Promise<Stage[]> {
    await this.#read();
    checkWhole(this.#request.format, this.#ends);
    const whole = await this.#stageSmall();
    if (!whole) {
      this.#reading = this.#chunker.end();
      await this.#reading;
      this.#landed();
    }
    const stages: Stage[] = [];
    try {
      for (const [index, work] of this.#works.entries()) {
        const outcomes = whole ? [{ outcome: whole, firstRow: 0 }] : await this.#outcomes(work, index);
        const write = (query: string) => this.#do((bench) => bench.write(query));
        stages.push(await assembleStage(artifact, work, outcomes, this.#request.ask, write));
      }
    } catch (error) {
      await Promise.all(stages.map((stage) => stage.discard()));
      throw error;
    }
    await this.#removeTexts();
    return stages;
  }

  /** Has a small text staged. @returns undefined where there is none, or it is not plain: its chunks have begun then. */
  async #stageSmall(): Promise<Outcome | undefined> {
    const small = this.#small;
    this.#small = undefined;
    if (!small) return undefined;
    const work = this.#works[0]!;
    const table = this.#plainTable();
    let pieces: readonly Uint8Array[] = small.pieces;
    if (table) {
      const job: WholeJob = {
        text: inOwnMemory(small),
        bytes: small.bytes,
        work,
        table,
        firstRow: 0,
        batch: { key: `whole ${work.signature}`, ...IN_MEMORY },
        isAbandoned: () => this.#isAborted,
        run: (batch, bench) => stageWholes(batch as readonly WholeJob[], bench),
      };
      this.#whole = this.#env.pool.submit(job);
      this.#landed();
      const outcome = await this.#whole;
      if (!(outcome instanceof Uint8Array)) return outcome;
      pieces = [outcome];
    }
    this.#reading = this.#chunk(pieces);
    await this.#reading;
    return undefined;
  }

  get #smallBytes(): number {
    return this.#env.chunkBytes * SMALL_SHARE;
  }

  /** What is plain in the text; that can be told for one table at a time. */
  #plainTable(): PlainTable | undefined {
    if (!this.#isLearned) learnFromHead(this.#ends.head, this.#works, this.#env.usual);
    this.#isLearned = true;
    return this.#works.length === 1 ? plainTable(this.#works[0]!) : undefined;
  }

  #newReader(): PlainReader | undefined {
    const table = this.#plainTable();
    return table && new PlainReader(table, this.#request.format);
  }

  /** Has a chunk staged. Resolves when its plain records are written. */
  async #submit(chunk: Chunk): Promise<void> {
    if (chunk.kind === 'text') {
      this.#note(chunk, this.#submitText(chunk));
      return;
    }
    const { plain, firstRow } = chunk;
    const source = { work: this.#works[0]!, table: plain.table, firstRow };
    const written = stagePlain(newPath(this.#env.folder, 'parquet'), plain, [source]).finally(() => plain.release());
    const outcome = written.then(async (stages) => {
      const stage = stages[0]!;
      return isUnfinished(stage) ? this.#finishPlain(stage) : stage.outcome;
    });
    this.#note(chunk, [outcome.then((all): FileResult => ({ kind: 'staged', outcome: all }))]);
    await written;
  }

  /** Has a worker do what is left to do about plain records. */
  async #finishPlain(stage: PlainStage): Promise<Outcome> {
    const bytes = stage.odd.reduce((sum, odd) => sum + odd.bytes.length, 0);
    try {
      return await this.#do(async (bench) => (await finishPlain([stage], bench))[0]!, bytes);
    } catch (error) {
      await Promise.all(stage.outcome.parts.map(({ part }) => part.release()));
      throw error;
    }
  }

  /** Has a text staged for each table. */
  #submitText({ text, firstRow, isWhole }: Extract<Chunk, { kind: 'text' }>): Promise<FileResult>[] {
    return this.#works.map((work) => {
      const job: StagingJob = {
        ...text,
        firstRow,
        work,
        batch: isWhole ? { key: work.signature, ...IN_FILES } : undefined,
        isAbandoned: () => this.#isAborted,
        run: (batch, bench) => stageFiles(batch as readonly StagingJob[], bench),
      };
      return this.#env.pool.submit(job);
    });
  }

  #note(chunk: Chunk, results: readonly Promise<FileResult>[]): void {
    const isStaged = Promise.all(results).then(
      (all) => all.every(({ kind }) => kind === 'staged'),
      () => false,
    );
    const before = this.#chunks.at(-1)?.isStaged ?? Promise.resolve(true);
    // A malformed chunk is read again together with the one after it.
    void Promise.all([before, isStaged]).then(([a, b]) => (a && b ? removeText(chunk) : undefined));
    this.#chunks.push({ chunk, results, isStaged });
  }

  /** The outcomes of a table's chunks in order; those that DuckDB could not read are read one by one. */
  async #outcomes(work: TableWork, table: number): Promise<ChunkOutcome[]> {
    const results = await Promise.all(this.#chunks.map((chunk) => chunk.results[table]!));
    const outcomes: ChunkOutcome[] = [];
    let read = 0;
    for (let at = 0; at < results.length; ) {
      const result = results[at]!;
      let next = at + 1;
      let outcome: ChunkOutcome;
      if (result.kind === 'staged') {
        outcome = { outcome: result.outcome, firstRow: this.#chunks[at]!.chunk.firstRow };
      } else {
        // The malformed ones that follow, and the one after them: a wrong cut spoils both its sides.
        while (next < results.length && results[next - 1]!.kind === 'malformed') next += 1;
        const chunks = this.#chunks.slice(at, next).map(({ chunk }) => chunk);
        const texts = chunks.flatMap(({ text }) => text ?? []);
        await releaseParts(results.slice(at, next));
        const firstRow = work.table.within ? chunks[0]!.firstRow : read;
        outcome = { outcome: await this.#do((bench) => readMalformed(texts, work, firstRow, bench)), firstRow };
      }
      outcomes.push(outcome);
      read += outcome.outcome.read;
      at = next;
    }
    return outcomes;
  }

  /** Has a worker do something for this artifact alone. */
  #do<Result>(task: (bench: WorkBench) => Promise<Result>, bytes = 0): Promise<Result> {
    return this.#env.pool.submit<Result>({
      batch: undefined,
      bytes,
      isAbandoned: () => this.#isAborted,
      run: async (_batch, bench) => [await task(bench)],
    });
  }

  get #isAborted(): boolean {
    return this.#aborting !== undefined || this.#signal.aborted;
  }

  #throwIfAborted(): void {
    if (this.#isAborted) throw interrupted();
  }

  /** No more text comes. */
  #landed(): void {
    if (this.#isLanded) return;
    this.#isLanded = true;
    this.#env.pool.expected();
  }

  async #cleanUp(): Promise<void> {
    this.#landed();
    this.#signal.removeEventListener('abort', this.#onSignal);
    // Not at once: jobs are abandoned only when `#aborting` is set.
    await Promise.resolve();
    this.#env.pool.sweep();
    await this.#reading.catch(() => {});
    await this.#chunker.abort();
    const whole = await this.#whole?.catch(() => undefined);
    if (whole && !(whole instanceof Uint8Array)) await releaseAll(whole);
    for (const { results } of this.#chunks) {
      for (const result of await Promise.allSettled(results)) {
        if (result.status === 'fulfilled') await releaseParts([result.value]);
      }
    }
    await this.#removeTexts();
  }

  async #removeTexts(): Promise<void> {
    await Promise.all(this.#chunks.map(({ chunk }) => removeText(chunk)));
  }
}

type StagingJob = Job<FileResult> & FileJob;
type WholeJob = Job<Outcome | Uint8Array> & WholeText;

async function removeText({ text }: Chunk): Promise<void> {
  if (text) await removeFile(text.path);
}

async function releaseParts(results: readonly FileResult[]): Promise<void> {
  for (const result of results) if (result.kind === 'staged') await releaseAll(result.outcome);
}

async function releaseAll({ parts }: Outcome): Promise<void> {
  await Promise.all(parts.map(({ part }) => part.release()));
}

/** In memory that can be given away. */
function inOwnMemory({ pieces, bytes, isOwn }: SmallText): Uint8Array {
  if (isOwn) return pieces[0]!;
  const text = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    text.set(piece, at);
    at += piece.length;
  }
  return text;
}
