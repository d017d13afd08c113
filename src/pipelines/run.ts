import { setMaxListeners } from 'node:events';
import fs from 'node:fs/promises';
import pLimit from 'p-limit';
import { crashPoint } from '../base/crash-points.js';
import { asMillpondError, MillpondError } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import type { PipelineConfig } from '../config/types.js';
import type { Ctx, RunNotes, RunRecord, Sink } from '../contracts/index.js';
import { createStager } from '../transforms/index.js';
import { VERSION } from '../version.js';
import { Committer } from './committer.js';
import type { RunEvent, RunResult } from './events.js';
import type { RunOptions } from './index.js';
import { Journal } from './journal.js';
import { KeptFiles } from './kept-files.js';
import { Landing } from './landing.js';
import { makeLanes } from './lanes.js';
import { makeSnapshots } from './make.js';
import { lockPipeline } from './pipeline-lock.js';
import { estimateSeconds, makePlan, type PlanSource, type WorkItem } from './plan.js';
import { everHeld, foreignEntries, readHoldings, readSource, retiredError } from './plan-input.js';
import { RunReport } from './report.js';
import { pruneLanding } from './retention.js';
import { newRunId } from './run-id.js';
import { workAsk } from './work-ask.js';
import { workDirect } from './work-direct.js';
import type { OpenConnection, RunSink, WorkEnv } from './work-env.js';
import { workFromKept } from './work-kept.js';
import { openSinks, openSource, sinkId } from './workspace.js';

/** How long an interrupted run may take to write its own row. */
const LAST_WORDS_MS = 1500;

/**
 * Runs one pipeline to the end: plan, request, poll, land, stage, commit.
 * @returns a summary whatever happened; throws nothing.
 */
export async function runPipeline(pipeline: PipelineConfig, options: RunOptions, outer: Ctx): Promise<RunResult> {
  const run = new PipelineRun(pipeline, options, outer);
  try {
    await run.execute();
  } catch (error) {
    run.fault(error);
  }
  return run.end();
}

class PipelineRun {
  readonly #pipeline: PipelineConfig;
  readonly #options: RunOptions;
  readonly #ctx: Ctx;
  readonly #report: RunReport;
  readonly #started = performance.now();
  readonly #startedAt: string;
  readonly #closing: (() => unknown)[] = [];
  #sinks: RunSink[] = [];
  /** Of the datasets that this run is about. */
  #views: RunNotes['views'] = [];
  /** How many artifacts are between landing and commit. */
  #underWay = () => 0;
  /** A former run of this pipeline was killed. */
  #foundDead = false;

  constructor(pipeline: PipelineConfig, options: RunOptions, outer: Ctx) {
    this.#pipeline = pipeline;
    this.#options = options;
    this.#ctx = outer;
    // Everything that waits listens; a thousand jobs are no leak.
    setMaxListeners(0, outer.signal);
    this.#startedAt = outer.now().toISOString();
    this.#report = new RunReport(newRunId(outer.now()), (event: RunEvent) => options.onEvent(event));
  }

  async execute(): Promise<void> {
    const { config } = this.#options;
    const landing = await Landing.open(config.landing.path);
    await this.#lock(landing);
    await landing.sweep();
    const journal = await Journal.open(landing.path);
    const connections = await this.#openConnections();
    this.#refuseSharedScopes(connections);
    await this.#openSinks(connections.flatMap(({ planSource }) => planSource.selected));
    this.#views = connections.flatMap(({ planSource: { schema, selected } }) =>
      selected.flatMap(({ dataset }) => (dataset.views ?? []).map((view) => ({ schema, view }))),
    );
    for (const opened of connections) this.#tellMissing(opened);
    const sources = new Map(connections.map(({ connection: { name, source } }) => [name, source]));
    await makeSnapshots(this.#pipeline, this.#options, sources, this.#report, this.#ctx);

    const { entries, damaged } = await journal.entries();
    for (const { file, why } of damaged) {
      this.#report.warn(
        'E_JOURNAL_CORRUPT',
        `A journal entry was set aside (${why}): ${file}. Its slices are planned anew`,
      );
    }
    const plan = makePlan({
      pipeline: this.#pipeline,
      sources: connections.map(({ planSource }) => planSource),
      sinks: this.#sinks.map(({ holdings }) => holdings),
      journal: entries,
      foreign: await foreignEntries(landing, this.#pipeline.name, entries),
      kept: new KeptFiles(landing),
      filters: this.#options,
      reload: this.#options.reload,
      now: this.#ctx.now(),
    });
    this.#report.event({
      type: 'run_started',
      run_id: this.#report.runId,
      pipeline: this.#pipeline.name,
      resumed: plan.items.filter(({ entry }) => entry !== undefined).length,
    });
    this.#report.event({
      type: 'planned',
      pipeline: this.#pipeline.name,
      slices: plan.items.reduce((sum, { slices }) => sum + slices.length, 0),
      jobs: plan.items.filter(({ action }) => action === 'request').length,
      skipped: plan.skipped.length,
      estimate_seconds: estimateSeconds(
        plan,
        Math.max(0, ...connections.map(({ connection }) => connection.timing.firstMs)),
      ),
    });
    for (const { key, schema, refusal, known } of plan.skipped) {
      this.#report.of(schema).skipped(key, refusal.reason, refusal.message, known);
    }
    if (plan.requestChanged.length > 0) {
      this.#report.warn(
        'W_REQUEST_CHANGED',
        `${plan.requestChanged.length} slices are held with other columns or filters than are configured now; --reload asks for them again`,
      );
    }
    if (plan.items.length > 0) await this.#work(plan.items, connections, landing, journal);
  }

  /** Something that stops the whole run. */
  fault(thrown: unknown): void {
    const error = asMillpondError(thrown);
    if (error.code !== 'E_INTERRUPTED') this.#report.fault(error);
    else if (!this.#ctx.signal.aborted)
      this.#report.fault(new MillpondError('E_BUG', error.message, { cause: thrown }));
    if (error.code === 'E_BUG')
      this.#ctx.log.debug('unexpected error', {
        stack: error.cause instanceof Error ? error.cause.stack : error.stack,
      });
  }

  async end(): Promise<RunResult> {
    const interrupted = this.#ctx.signal.aborted;
    let rowsTotal = 0;
    try {
      if (this.#sinks.length > 0) rowsTotal = await this.#note(interrupted);
      if (this.#sinks.length > 0 && !interrupted) await pruneLanding(this.#options.config, this.#report, this.#ctx);
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
    const seconds = (performance.now() - this.#started) / 1000;
    return this.#report.result({ interrupted, rowsTotal, seconds });
  }

  /** One run of a pipeline at a time, whichever process started it. */
  async #lock(landing: Landing): Promise<void> {
    const { config, lockWaitMs } = this.#options;
    const unlock = await lockPipeline(landing, this.#pipeline, {
      config,
      signal: this.#ctx.signal,
      ...(lockWaitMs === undefined ? {} : { lockWaitMs }),
      onWait: (pid) => this.#report.event({ type: 'lock_wait', what: `pipeline ${this.#pipeline.name}`, pid }),
    });
    this.#closing.push(unlock);
  }

  async #openConnections(): Promise<OpenedConnection[]> {
    const opened: OpenedConnection[] = [];
    for (const name of this.#pipeline.connections) {
      try {
        const { source, timing, jobsInFlight } = await openSource(this.#options.config, name);
        this.#closing.push(() => source.close());
        const settings = this.#options.config.connections[name]!;
        const read = await readSource(this.#pipeline, settings, source, this.#options.datasets, this.#ctx);
        for (const selected of read.retired) this.#report.failed([], retiredError(selected));
        const { schema } = settings;
        const scopes = new Map(read.planSource.scopes.map((scope) => [scope.id, scope]));
        opened.push({ ...read, connection: { name, schema, source, timing, scopes }, jobs: pLimit(jobsInFlight) });
      } catch (error) {
        // One connection's failure leaves the others running.
        throwIfAborted(this.#ctx.signal);
        this.#report.failed([], error);
      }
    }
    return opened;
  }

  /** Which profiles two accounts share only the source can tell: one of them has to leave them out, or fill another schema. */
  #refuseSharedScopes(connections: readonly OpenedConnection[]): void {
    const seen = new Map<string, string>();
    for (const { connection } of connections) {
      for (const id of connection.scopes.keys()) {
        const place = `${connection.schema}\0${id}`;
        const other = seen.get(place);
        if (other !== undefined) {
          const names = `${other} and ${connection.name}`;
          throw new MillpondError(
            'E_CONFLICT',
            `The connections ${names} both see ${id}; they would fill the same slices`,
            {
              hint: 'Let one of them exclude it (`profiles: { exclude: […] }`), or load them into sinks of their own.',
            },
          );
        }
        seen.set(place, connection.name);
      }
    }
  }

  async #openSinks(selected: PlanSource['selected']): Promise<void> {
    for (const sink of openSinks(this.#options.config, this.#pipeline, this.#ctx, this.#options.lockWaitMs)) {
      this.#closing.push(() => sink.close());
      await sink.check(this.#ctx);
      const { holdings, lastRuns } = await readHoldings(sink, selected, this.#ctx);
      await this.#closeDeadRuns(sink, lastRuns);
      this.#sinks.push({
        id: sinkId(sink),
        sink,
        holdings,
        committer: new Committer(
          sink,
          () => this.#record('running'),
          this.#ctx,
          () => this.#underWay(),
        ),
      });
    }
  }

  /** We hold the pipeline's lock: a run that its ledger still calls running was killed. */
  async #closeDeadRuns(sink: Sink, lastRuns: readonly RunRecord[]): Promise<void> {
    for (const run of lastRuns) {
      if (run.pipeline !== this.#pipeline.name || run.status !== 'running') continue;
      this.#foundDead = true;
      const died: RunRecord = { ...run, status: 'interrupted', endedAt: this.#startedAt };
      await sink.note({ run: died, outcomes: [], cleared: [], unknown: [], tables: [], views: [] }, this.#ctx);
    }
  }

  /** Profiles that the configuration names or a sink holds, but the source does not show. */
  #tellMissing({ missing, visible, connection }: OpenedConnection): void {
    const states = this.#sinks.map(({ holdings }) => holdings.of(connection.schema));
    for (const id of missing) {
      if (everHeld(states, id)) continue;
      this.#report.failed(
        [],
        new MillpondError('E_PROFILE_UNKNOWN', `Profile ${id} is not visible with these credentials`),
      );
    }
    const gone = new Set(
      states
        .flatMap((state) => [...state.slices])
        .filter(({ dataset, scope }) => dataset === 'profiles' && !visible.has(scope))
        .map(({ scope }) => scope),
    );
    for (const id of gone) {
      const held = states
        .map((state) => state.held({ dataset: 'profiles', scope: id, slice: '' }, true))
        .find((slice) => slice);
      if (held)
        this.#report
          .of(connection.schema)
          .gap(
            { dataset: 'profiles', scope: id, slice: held.slice },
            'profile_gone',
            `Profile ${id} is no longer visible`,
          );
    }
  }

  async #work(
    items: readonly WorkItem[],
    connections: readonly OpenedConnection[],
    landing: Landing,
    journal: Journal,
  ): Promise<void> {
    const folder = landing.staging(this.#report.runId);
    const stager = createStager({ folder, budget: this.#ctx.budget });
    this.#closing.push(async () => {
      await stager.close();
      await fs.rm(folder, { recursive: true, force: true });
    });
    const lanes = makeLanes();
    this.#underWay = () => lanes.staging.activeCount + lanes.staging.pendingCount;
    const envs = new Map(
      connections.map(({ connection, jobs }): [string, WorkEnv] => [
        connection.name,
        {
          pipeline: this.#pipeline,
          connection,
          landing,
          journal,
          stager,
          sinks: this.#sinks.map((sink) => ({ ...sink, state: sink.holdings.of(connection.schema) })),
          report: this.#report.of(connection.schema),
          lanes: { ...lanes, jobs },
          noWait: this.#options.noWait,
          reload: this.#options.reload,
          onlySlices: this.#options.slices,
          outage: {},
          ctx: this.#ctx,
        },
      ]),
    );
    const workOn = async (some: readonly WorkItem[]) => {
      const results = await Promise.allSettled(some.map((item) => this.#workOn(envs.get(item.connection)!, item)));
      const failure = results.find((result) => result.status === 'rejected');
      if (failure) throw failure.reason;
    };
    // What a direct read left behind is committed before the source is listed again: it is not read twice.
    const isLeft = ({ action, selected }: WorkItem) =>
      selected.request.slicing.kind === 'cursor' && action !== 'request';
    await workOn(items.filter(isLeft));
    await workOn(items.filter((item) => !isLeft(item)));
  }

  #workOn(env: WorkEnv, item: WorkItem): Promise<void> {
    const { fetch } = item.selected.dataset;
    if (item.action === 'fill') return workFromKept(env, item);
    if (fetch.kind === 'direct') return workDirect(env, item, fetch);
    return workAsk(env, item, fetch);
  }

  #record(status: RunRecord['status']): RunRecord {
    return {
      runId: this.#report.runId,
      pipeline: this.#pipeline.name,
      trigger: this.#options.trigger,
      parent: this.#options.parent,
      status,
      startedAt: this.#startedAt,
      endedAt: status === 'running' ? null : this.#ctx.now().toISOString(),
      version: VERSION,
      rows: this.#report.rows,
      rejects: this.#report.rejects,
      errors: this.#report.errors,
    };
  }

  /** Writes the run's own row, its gaps and columns. @returns rows held. */
  async #note(interrupted: boolean): Promise<number> {
    // The run's own signal may be aborted already; its last words get a short time of their own.
    const ctx = {
      ...this.#ctx,
      signal: interrupted ? AbortSignal.timeout(LAST_WORDS_MS) : new AbortController().signal,
    };
    const run = this.#record(this.#report.status(interrupted));
    const notes = { run, ...this.#report.notes(), views: this.#views };
    for (const { sink } of this.#sinks) {
      await sink.note(notes, ctx);
      crashPoint('run.noted');
      // Only who changed something leaves something to tidy up.
      if (!interrupted && (this.#report.count('committed') > 0 || this.#foundDead)) await sink.maintain(ctx);
    }
    return this.#sinks[0]!.holdings.rows;
  }
}

type OpenedConnection = Awaited<ReturnType<typeof readSource>> & {
  readonly connection: OpenConnection;
  readonly jobs: ReturnType<typeof pLimit>;
};
