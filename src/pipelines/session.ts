import { setMaxListeners } from 'node:events';
import fs from 'node:fs/promises';
import { crashPoint } from '../base/crash-points.js';
import { asMillpondError, MillpondError } from '../base/errors.js';
import type { Config, PipelineConfig } from '../config/types.js';
import type { Ctx, Dataset, RunNotes, RunRecord, Sink } from '../contracts/index.js';
import { createStager } from '../transforms/index.js';
import { VERSION } from '../version.js';
import { Committer } from './committer.js';
import type { RunEvent, RunResult } from './events.js';
import { Landing } from './landing.js';
import { listLandingFiles } from './landing-files.js';
import { makeLanes } from './lanes.js';
import { lockPipeline } from './pipeline-lock.js';
import { readHoldings } from './plan-input.js';
import { RunReport } from './report.js';
import { pruneLanding } from './retention.js';
import { newRunId } from './run-id.js';
import type { CommitEnv, RunSink, StagingEnv } from './work-env.js';
import { openSinks, sinkId } from './workspace.js';

/** How long an interrupted run may take to write its own row. */
const LAST_WORDS_MS = 1500;

/** Who wants something done to a pipeline's sinks, and why. */
export interface SessionOptions {
  readonly config: Config;
  readonly lockWaitMs?: number;
  /** What `millpond.runs` shall say of it: `manual`, `schedule`, `replay`, `import`. */
  readonly trigger: string;
  readonly parent: string | null;
  onEvent(event: RunEvent): void;
}

/** What it takes to stage files and commit their slices; nothing of a source. */
export type SessionEnv = StagingEnv & CommitEnv;

/**
 * One execution over a pipeline's sinks, whether it asks a source or not: the pipeline's lock, its
 * sinks with what they hold, a stager, a report, and at the end the run's own row.
 */
export class Session {
  readonly pipeline: PipelineConfig;
  readonly report: RunReport;
  readonly #options: SessionOptions;
  readonly #ctx: Ctx;
  readonly #started = performance.now();
  readonly #startedAt: string;
  readonly #closing: (() => unknown)[] = [];
  /** Of the datasets that this execution is about. */
  #views: RunNotes['views'] = [];
  #landing: Landing | undefined;
  /** How many artifacts are between landing and commit. */
  #underWay = () => 0;
  #staging: Pick<StagingEnv, 'landing' | 'stager' | 'lanes'> | undefined;
  /** A former run of this pipeline was killed. */
  #foundDead = false;
  readonly sinks: RunSink[] = [];
  /** Those that nobody has written to yet. */
  readonly #newSinks: Sink[] = [];

  constructor(pipeline: PipelineConfig, options: SessionOptions, ctx: Ctx) {
    this.pipeline = pipeline;
    this.#options = options;
    this.#ctx = ctx;
    // Everything that waits listens; a thousand jobs are no leak.
    setMaxListeners(0, ctx.signal);
    this.#startedAt = ctx.now().toISOString();
    this.report = new RunReport(newRunId(ctx.now()), (event) => options.onEvent(event));
  }

  /**
   * Opens the landing folder and takes the pipeline's lock: one execution at a time, whichever
   * process started it.
   * @throws MillpondError `E_LOCKED`, and what the landing folder throws.
   */
  async begin(): Promise<Landing> {
    const { config, lockWaitMs } = this.#options;
    const landing = await Landing.open(config.landing.path);
    const unlock = await lockPipeline(landing, this.pipeline, {
      config,
      signal: this.#ctx.signal,
      lockWaitMs,
      onWait: (pid) => this.report.event({ type: 'lock_wait', what: `pipeline ${this.pipeline.name}`, pid }),
    });
    this.onEnd(unlock);
    await landing.sweep();
    this.#landing = landing;
    return landing;
  }

  /** Looks into the pipeline's sinks. @throws MillpondError what {@link Sink.check} throws. */
  async openSinks(datasets: readonly { readonly schema: string; readonly dataset: Dataset }[]): Promise<void> {
    const names = datasets.map(({ dataset }) => dataset.name);
    const sinks = openSinks(this.#options.config, this.pipeline, this.#ctx, this.#options.lockWaitMs);
    for (const sink of sinks) this.onEnd(() => sink.close());
    for (const sink of sinks) this.sinks.push(await this.#openSink(sink, names));
    this.#views = datasets.flatMap(({ schema, dataset }) => (dataset.views ?? []).map((view) => ({ schema, view })));
  }

  /** Has new sinks made while the source is at work, so that the first commit need not. What fails is said by that commit. */
  makeSinks(): void {
    const made = this.#newSinks.map((sink) => sink.migrate(this.#ctx).catch(() => {}));
    this.onEnd(() => Promise.all(made));
  }

  /** Tells that the work begins. @param resumed how many asks of former runs it goes on with. */
  tellStart(resumed = 0): void {
    this.report.event({ type: 'run_started', run_id: this.report.runId, pipeline: this.pipeline.name, resumed });
  }

  /** Has something closed at the end, before whatever was given earlier. */
  onEnd(close: () => unknown): void {
    this.#closing.push(close);
  }

  /** What stages files, made when it is first asked for: see {@link begin}. */
  get staging(): Pick<StagingEnv, 'landing' | 'stager' | 'lanes'> {
    if (!this.#landing) throw new RangeError('The session has not begun');
    if (this.#staging) return this.#staging;
    const folder = this.#landing.staging(this.report.runId);
    const stager = createStager({ folder, budget: this.#ctx.budget });
    this.onEnd(async () => {
      await stager.close();
      await fs.rm(folder, { recursive: true, force: true });
    });
    const lanes = makeLanes();
    this.#underWay = () => lanes.staging.activeCount + lanes.staging.pendingCount;
    this.#staging = { landing: this.#landing, stager, lanes };
    return this.#staging;
  }

  /** What is needed to fill the schema of a connection. */
  env<Connection extends CommitEnv['connection']>(connection: Connection): SessionEnv & { connection: Connection } {
    const { schema } = connection;
    return {
      ...this.staging,
      pipeline: this.pipeline,
      connection,
      sinks: this.sinks.map((sink) => ({ ...sink, state: sink.holdings.of(schema) })),
      report: this.report.of(schema),
      ctx: this.#ctx,
    };
  }

  /** Something that stops the whole run. */
  fault(thrown: unknown): void {
    const error = asMillpondError(thrown);
    if (error.code !== 'E_INTERRUPTED') this.report.fault(error);
    else if (!this.#ctx.signal.aborted) this.report.fault(new MillpondError('E_BUG', error.message, { cause: thrown }));
    if (error.code === 'E_BUG') {
      const { stack } = error.cause instanceof Error ? error.cause : error;
      this.#ctx.log.debug('unexpected error', { stack });
    }
  }

  /** Writes the run's own row, closes everything, and adds up. Throws nothing. */
  async end(): Promise<RunResult> {
    const interrupted = this.#ctx.signal.aborted;
    try {
      if (this.sinks.length > 0) {
        // Thousands of files take a while to look at: meanwhile the run's row is written.
        const files = interrupted ? undefined : listLandingFiles(this.#options.config.landing.path);
        files?.catch(() => {}); // what it throws is told by who prunes
        await this.#note(interrupted);
        if (files) await pruneLanding(this.#options.config, files, this.report, this.#ctx);
      }
    } catch (error) {
      if (!interrupted) this.fault(error);
    }
    for (const close of this.#closing.reverse()) {
      try {
        await close();
      } catch (error) {
        this.#ctx.log.warn(`Closing: ${asMillpondError(error).message}`);
      }
    }
    const rowsTotal = this.sinks[0]?.holdings.rows ?? 0;
    const seconds = (performance.now() - this.#started) / 1000;
    return this.report.result({ interrupted, rowsTotal, seconds });
  }

  async #openSink(sink: Sink, datasets: readonly string[]): Promise<RunSink> {
    await sink.check(this.#ctx);
    const { holdings, lastRuns } = await readHoldings(sink, datasets, this.#ctx);
    if (lastRuns.length === 0) this.#newSinks.push(sink);
    await this.#closeDeadRuns(sink, lastRuns);
    return {
      id: sinkId(sink),
      sink,
      holdings,
      committer: new Committer(
        sink,
        () => this.#record('running'),
        this.#ctx,
        () => this.#underWay(),
      ),
    };
  }

  /** We hold the pipeline's lock: a run that its ledger still calls running was killed. */
  async #closeDeadRuns(sink: Sink, lastRuns: readonly RunRecord[]): Promise<void> {
    for (const run of lastRuns) {
      if (run.pipeline !== this.pipeline.name || run.status !== 'running') continue;
      this.#foundDead = true;
      const died: RunRecord = { ...run, status: 'interrupted', endedAt: this.#startedAt };
      await sink.note({ run: died, outcomes: [], cleared: [], unknown: [], tables: [], views: [] }, this.#ctx);
    }
  }

  #record(status: RunRecord['status']): RunRecord {
    return {
      runId: this.report.runId,
      pipeline: this.pipeline.name,
      trigger: this.#options.trigger,
      parent: this.#options.parent,
      status,
      startedAt: this.#startedAt,
      endedAt: status === 'running' ? null : this.#ctx.now().toISOString(),
      version: VERSION,
      rows: this.report.rows,
      rejects: this.report.rejects,
      errors: this.report.errors,
    };
  }

  async #note(interrupted: boolean): Promise<void> {
    // The run's own signal may be aborted already; its last words get a short time of their own.
    const ctx = {
      ...this.#ctx,
      signal: interrupted ? AbortSignal.timeout(LAST_WORDS_MS) : new AbortController().signal,
    };
    const run = this.#record(this.report.status(interrupted));
    const notes: RunNotes = { run, ...this.report.notes(), views: this.#views };
    for (const { sink } of this.sinks) {
      await sink.note(notes, ctx);
      crashPoint('run.noted');
      // Only who changed something leaves something to tidy up.
      if (!interrupted && (this.report.count('committed') > 0 || this.#foundDead)) await sink.maintain(ctx);
    }
  }
}
