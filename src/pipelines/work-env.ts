import type { LimitFunction } from 'p-limit';
import type { MillpondError } from '../base/errors.js';
import type { PipelineConfig } from '../config/types.js';
import type { Ctx, Scope, Sink, Source, Stager } from '../contracts/index.js';
import type { Committer } from './committer.js';
import type { Journal } from './journal.js';
import type { Landing } from './landing.js';
import type { RunReport } from './report.js';
import type { SinkHoldings, SinkState } from './sink-state.js';

/** A connection, open, with its scopes. */
export interface OpenConnection {
  readonly name: string;
  readonly schema: string;
  readonly source: Source;
  /** How patient to be with its jobs. */
  readonly timing: NonNullable<Source['timing']>;
  readonly scopes: ReadonlyMap<string, Scope>;
}

/** A sink of the run, and who commits to it. */
export interface RunSink {
  /** `duckdb:/absolute/path`: what the journal calls it. */
  readonly id: string;
  readonly sink: Sink;
  readonly holdings: SinkHoldings;
  readonly committer: Committer;
}

/** The same as a connection sees it: with what its schema held at the start. */
export interface OpenSink extends RunSink {
  readonly state: SinkState;
}

/** How much goes on side by side. */
export interface Lanes {
  /** Jobs between request and readiness, per connection. */
  readonly jobs: LimitFunction;
  /** Bodies on their way in. */
  readonly landing: LimitFunction;
  /** Artifacts between their first byte and their commit. */
  readonly staging: LimitFunction;
}

/** What staging an artifact needs. */
export interface StagingEnv {
  readonly landing: Landing;
  readonly stager: Stager;
  readonly report: RunReport;
  readonly lanes: Pick<Lanes, 'landing' | 'staging'>;
  readonly ctx: Ctx;
}

/** What committing slices needs: nothing of the source. */
export interface CommitEnv {
  readonly pipeline: Pick<PipelineConfig, 'maxRejects' | 'shrink'>;
  readonly connection: Pick<OpenConnection, 'schema' | 'scopes'>;
  readonly sinks: readonly OpenSink[];
  readonly report: RunReport;
}

/** All that the work on one ask needs. */
export interface WorkEnv extends StagingEnv, CommitEnv {
  readonly pipeline: PipelineConfig;
  readonly connection: OpenConnection;
  readonly journal: Journal;
  readonly lanes: Lanes;
  readonly noWait: boolean;
  /** Ask again for what is held. */
  readonly reload: boolean;
  /** `--slice`: what to look at only. */
  readonly onlySlices: readonly string[];
  /** Set once the source is known to be out of reach, or our credentials to be bad: nobody else tries. */
  readonly outage: { error?: MillpondError };
}
