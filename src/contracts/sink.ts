import type { Audit } from './audit.js';
import type { GapReason } from './connector.js';
import type { Ctx } from './ctx.js';
import type { SliceKey } from './slice.js';
import type { Stage } from './stage.js';
import type { Table, UnknownColumn, View } from './table.js';

/** A ledger row: a slice that is held. What identifies it is its schema and its key. */
export interface LedgerSlice extends SliceKey {
  /** The schema it stands in: two accounts of one connector can fill the same key of two schemas. */
  readonly schema: string;
  /** Rows of the dataset's own table: the first of those it fills. */
  readonly rows: number;
  /** Of all tables that the dataset fills. */
  readonly rejects: number;
  /** Every artifact the slice was made from, the newest last. */
  readonly artifacts: readonly LedgerArtifact[];
  readonly requestFingerprint: string;
  /** ISO instant at which the source was asked. */
  readonly asOf: string;
  readonly committedAt: string;
  readonly runId: string;
  /** The source will not restate it any more. */
  readonly final: boolean;
}

/** An artifact's share in a slice. */
export interface LedgerArtifact {
  readonly sha256: string;
  readonly contentSha256: string;
  /** Relative to the landing folder. */
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly rejects: number;
  readonly asOf: string;
}

/** A slice that could not be had (yet). */
export interface Outcome extends SliceKey {
  readonly schema: string;
  readonly outcome: 'failed' | 'skipped' | 'waiting';
  readonly reason: GapReason;
  readonly message: string;
  /** How often in a row; since when (ISO). */
  readonly attempts: number;
  readonly since: string;
  readonly runId: string;
}

/** One execution of a pipeline, as it stands in `millpond.runs`. */
export interface RunRecord {
  readonly runId: string;
  readonly pipeline: string;
  /** What set it off: `manual`, `schedule`, `operator`; or what it did instead of asking a source: `replay`, `import`. */
  readonly trigger: string;
  readonly parent: string | null;
  readonly status: 'running' | 'succeeded' | 'partial' | 'failed' | 'waiting' | 'nothing_to_do' | 'interrupted';
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly version: string;
  readonly rows: number;
  readonly rejects: number;
  readonly errors: number;
}

/** Narrows a look into the ledger; absent: everything. */
export interface LedgerQuery {
  readonly datasets?: readonly string[];
  readonly scopes?: readonly string[];
}

/** Which columns of a table somebody wants to see, of one scope. */
export interface HeldRowsQuery {
  readonly schema: string;
  readonly table: Table;
  readonly scope: string;
  /** Names of the table's columns, or `_slice`. */
  readonly columns: readonly string[];
}

/** What a sink holds. Reads need no lock that a writer could be kept waiting by for long. */
export interface Ledger {
  slices(query: LedgerQuery, ctx: Ctx): Promise<LedgerSlice[]>;
  outcomes(query: LedgerQuery, ctx: Ctx): Promise<Outcome[]>;
  /** The newest run of each pipeline. */
  lastRuns(ctx: Ctx): Promise<RunRecord[]>;
  /** Columns that are new to the catalogue, and those that had values once and have none any more. */
  drift(query: LedgerQuery, ctx: Ctx): Promise<ColumnDrift[]>;
  /** All three in one look: what a run wants to know before it plans. */
  look(query: LedgerQuery, ctx: Ctx): Promise<LedgerLook>;
  /**
   * The rows that a table holds of one scope, each as the texts of the columns wanted; none where
   * there is no such table yet. For keys: all of it comes into memory.
   */
  rows(query: HeldRowsQuery, ctx: Ctx): Promise<readonly (readonly (string | null)[])[]>;
}

/** What {@link Ledger.look} saw. */
export interface LedgerLook {
  readonly slices: readonly LedgerSlice[];
  readonly outcomes: readonly Outcome[];
  readonly lastRuns: readonly RunRecord[];
}

/** A slice on its way into a sink. */
export interface SliceWrite {
  readonly kind: 'replace';
  readonly key: SliceKey;
  /** Schema of the connection (`amazon_ads`). */
  readonly schema: string;
  /** Current state: all rows of dataset × scope are replaced, whatever their slice. */
  readonly currentState: boolean;
  /** All stages that hold rows of this slice: one per artifact × table. */
  readonly stages: readonly Stage[];
  /**
   * The stages are all that the slice is made of: tables of mode `append`, which otherwise keep
   * the rows and artifacts they have, are filled anew like all others.
   */
  readonly rebuild?: true;
  readonly requestFingerprint: string;
  readonly asOf: string;
  readonly final: boolean;
}

/** Same content and same request as what is held: only `asOf` (and `final`) move. */
export interface SliceTouch {
  readonly kind: 'touch';
  readonly key: SliceKey;
  readonly schema: string;
  readonly asOf: string;
  readonly final: boolean;
}

export type Write = SliceWrite | SliceTouch;

/** What became of one write. */
export interface Committed {
  readonly key: SliceKey;
  /** `superseded`: what is held is of a later `asOf`, and stays. */
  readonly result: 'committed' | 'unchanged' | 'superseded';
  /** What the ledger says of the slice now: of `append` tables all that it holds. */
  readonly rows: number;
  readonly rejects: number;
}

/** Work done before the lock is taken. Opaque to everybody but its sink. */
export interface Prepared {
  readonly writes: readonly Write[];
  /** Deletes what preparing left on disk. */
  discard(): Promise<void>;
}

/** A table as a run met it. */
export interface TableNote {
  readonly schema: string;
  readonly dataset: string;
  readonly table: Table;
  /** Names of the columns of which some record of the run had a value; absent where none was looked at. */
  readonly seen?: readonly string[];
  /** Those that were asked for and of which no record had one. */
  readonly vanished?: readonly string[];
}

/** A column that the catalogue does not know, or that the source has ceased to send. */
export interface ColumnDrift {
  readonly schema: string;
  readonly dataset: string;
  readonly table: string;
  readonly column: string;
  /** The source's spelling, or path. */
  readonly source: string;
  readonly documented: boolean;
  /** Of one that the catalogue does not know: the type that every value seen would fit. */
  readonly suggestedType: string | null;
  /** ISO instants. */
  readonly firstSeenAt: string;
  readonly lastSeenAt: string | null;
  /** The run since which no record has a value; null where the last one saw one. */
  readonly vanishedSince: string | null;
}

/** What a run wants written besides slices, in a transaction of its own or with the next commit. */
export interface RunNotes {
  readonly run: RunRecord;
  /** Outcomes to record; the key and reason identify one, `attempts` and `since` are the sink's to count. */
  readonly outcomes: readonly Omit<Outcome, 'attempts' | 'since' | 'runId'>[];
  /** Columns that the catalogue does not know, seen in this run. */
  readonly unknown: readonly (UnknownColumn & { readonly schema: string; readonly dataset: string })[];
  /** Tables of this run, unknown columns included, so that `millpond.columns` can describe them. */
  readonly tables: readonly TableNote[];
  /** Slices whose outcomes do not hold any more though nothing was committed: they were looked at, and are well. */
  readonly cleared: readonly (SliceKey & { readonly schema: string })[];
  /** Views over the tables of this run, each made anew once the tables it reads are there. */
  readonly views: readonly { readonly schema: string; readonly view: View }[];
}

/** A place where typed rows come to rest. */
export interface Sink {
  /** The name in the configuration. */
  readonly name: string;
  /** `duckdb`, `parquet` */
  readonly kind: string;
  /** Absolute path of file or folder. */
  readonly path: string;
  readonly ledger: Ledger;
  /** Reads back what is held, for `verify`. */
  readonly audit: Audit;
  /**
   * Refuses early what could never be committed: no such folder, not ours, newer.
   * @throws MillpondError `E_SINK_UNWRITABLE`, `E_NOT_A_WAREHOUSE`, `E_FORMAT_NEWER`, `E_SINK_LOCKED`.
   */
  check(ctx: Ctx): Promise<void>;
  /** Everything that needs no lock: merge, upload, or nothing. Any worker. */
  prepare(writes: readonly Write[], run: RunRecord, ctx: Ctx): Promise<Prepared>;
  /**
   * Short, one committer: per write data, rejects and ledger together or not at all. An older
   * `asOf` never replaces a newer one. An outcome of a committed slice is cleared with it.
   * Waits `lockWaitMs` for another holder.
   * @throws MillpondError `E_SINK_LOCKED` naming the holder, `E_DISK_FULL`.
   */
  commit(prepared: readonly Prepared[], run: RunRecord, ctx: Ctx): Promise<Committed[]>;
  /** Writes the run's own row, its outcomes and columns. Idempotent. */
  note(notes: RunNotes, ctx: Ctx): Promise<void>;
  /** Makes what is not there yet, and brings an older format up to date: otherwise the first write does. */
  migrate(ctx: Ctx): Promise<void>;
  /** Removes what dead writers left (temporary files), compacts where that is due. */
  maintain(ctx: Ctx): Promise<void>;
  close(): Promise<void>;
}
