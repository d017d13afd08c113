import type { SnapshotWanted } from '../contracts/index.js';

/** A configuration, read and checked: paths absolute, units resolved, names looked up. */
export interface Config {
  /** Absolute path of the file. */
  readonly file: string;
  readonly connections: Readonly<Record<string, ConnectionConfig>>;
  readonly landing: LandingConfig;
  /** Budget of one process. */
  readonly memoryBytes: number;
  readonly sinks: Readonly<Record<string, SinkConfig>>;
  readonly pipelines: Readonly<Record<string, PipelineConfig>>;
}

/** A connection as written: its secrets are resolved only when it is opened. */
export interface ConnectionConfig {
  readonly name: string;
  readonly connector: string;
  readonly schema: string;
  /** The connector's keys, with their references as written: for what needs no secret. */
  readonly settings: Readonly<Record<string, unknown>>;
  /**
   * Resolves `${env:…}` and `${file:…}` now and checks the connector's own keys. Called again at each login.
   * @returns the output of the connector's own zod schema (`Connector.config`), already parsed.
   * @throws MillpondError `E_SECRET_MISSING`, `E_CONFIG`.
   */
  resolve(): unknown;
  /** Like {@link resolve}, but as written, before the connector's schema: what `ConnectionSettings.reload` hands out. */
  reload(): unknown;
}

export interface LandingConfig {
  readonly path: string;
  readonly keepMs: number;
  /** Undefined: no bound. */
  readonly maxBytes: number | undefined;
}

export interface SinkConfig {
  readonly name: string;
  readonly sink: 'duckdb' | 'parquet';
  readonly path: string;
  readonly lockWaitMs: number;
}

export interface PipelineConfig {
  readonly name: string;
  readonly connections: readonly string[];
  readonly sinks: readonly string[];
  readonly since: { readonly kind: 'day'; readonly day: string } | { readonly kind: 'age'; readonly days: number };
  readonly until: string | undefined;
  readonly lookback:
    | { readonly kind: 'auto' }
    | { readonly kind: 'none' }
    | { readonly kind: 'days'; readonly days: number };
  readonly schedule: { readonly cron: string; readonly timezone: string } | undefined;
  readonly schemaPolicy: 'evolve' | 'freeze' | 'ignore';
  readonly maxRejects:
    | { readonly kind: 'share'; readonly share: number }
    | { readonly kind: 'count'; readonly count: number };
  /** What happens where less comes than this share of the rows that it would replace, or nothing. */
  readonly shrink: { readonly action: 'warn' | 'fail'; readonly share: number };
  /** In the order written; where several match one dataset, the last counts. */
  readonly datasets: readonly DatasetEntry[];
  /** What is made at the source before reading; undefined: nothing. */
  readonly snapshots?: SnapshotsConfig | undefined;
}

/** Snapshots that a pipeline has made. */
export interface SnapshotsConfig {
  /** In the order written. */
  readonly create: readonly SnapshotEntry[];
  /** Makings of one run at most. */
  readonly max: number;
}

/** One snapshot to be made whenever its resource has changed. */
export interface SnapshotEntry extends SnapshotWanted {
  readonly connection: string;
}

export interface DatasetEntry {
  /** A name or glob; `!` in front takes datasets out again. */
  readonly pattern: string;
  readonly columns: readonly string[] | undefined;
  readonly filter: Readonly<Record<string, readonly string[]>> | undefined;
  /** Types for columns that the catalogue does not know, by the source's name. */
  readonly types: Readonly<Record<string, string>>;
}
