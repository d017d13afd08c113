/**
 * What a contestant's process is given, as JSON in its only argument, and what it prints when it
 * is done: one line that begins with {@link RESULT}. Node and Python contestants alike.
 */
import type { Kind } from '../inputs/tables.js';

/** Begins the line of the result; whatever else a program prints does not count. */
export const RESULT = 'RESULT ';

export interface Job {
  /** `prepare`: bring the folder to where the measured run begins; not measured. */
  readonly action: 'prepare' | 'run';
  /** A folder of the contestant's own: empty before a first load, kept from run to run of a reload. */
  readonly folder: string;
  readonly sink: 'duckdb' | 'parquet';
  /** `reload`: replace the slice that the files hold in what was prepared. */
  readonly load: 'first' | 'reload';
  readonly kind: Kind;
  /** The source's names and DuckDB's types. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  /** Paths of gzip'd JSON arrays; each is a slice. */
  readonly files: readonly string[];
  /** The slice (a day) of each file; the first is the newest. */
  readonly slices: readonly string[];
  /** Slices that a prepared warehouse holds, the reloaded one included: each a copy of the file. */
  readonly held: number;
  readonly threads: number;
  /** Budget, in the words of the configuration. Millpond's. */
  readonly memory: string;
  /** The file arrives at this many bytes a second; absent: as fast as it is read. */
  readonly bytesPerSecond?: number;
  /** The contestant's own variant, such as `ignore_errors`. */
  readonly variant?: string;
}

/** Where the loaded rows stand. */
export type Loaded = { readonly file: string; readonly table: string } | { readonly glob: string };

/** What a contestant says of its run. */
export interface JobResult {
  /** From the start of the work to its durable end; start-up of interpreter and libraries is before it. */
  readonly seconds: number;
  /** User and system time of that span, of the process and its children. */
  readonly cpuSeconds: number;
  /** Highest resident memory of the process by itself. */
  readonly ownPeakMiB: number;
  readonly loaded: Loaded;
  /** Rows that were kept aside as not fitting, where a contestant has such a thing. */
  readonly rejects?: number;
  /** Size of the warehouse after the run. */
  readonly fileBytes?: number;
  /** From the moment at which a slow source had sent its last byte. */
  readonly remainingSeconds?: number;
  /** How late timers fired, in milliseconds: the delay of Node's event loop. */
  readonly loopDelay?: { readonly p99: number; readonly max: number };
  readonly versions?: Readonly<Record<string, string>>;
}
