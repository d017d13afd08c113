import type { Artifact } from './artifact.js';
import type { Ask } from './ask.js';
import type { Ctx } from './ctx.js';
import type { SliceKey } from './slice.js';
import type { Column, Table, UnknownColumn } from './table.js';

/**
 * The columns that Millpond puts before a stage's typed columns, in this order. A row is a
 * reject exactly when `_reasons` is not null; then `_raw` holds its text and the typed cells
 * do not count. Rows of other artifacts, and rows that no stage counts, may share a part: always
 * filter by `_artifact`.
 *
 * | column | type | |
 * | --- | --- | --- |
 * | `_artifact` | VARCHAR | {@link Artifact.id} |
 * | `_scope` | VARCHAR | the row's scope |
 * | `_slice` | VARCHAR | the row's slice; of a reject that names none, the first slice asked for |
 * | `_row` | BIGINT | the record's number in the artifact, from 1 |
 * | `_raw` | VARCHAR | the record's text, of rejects only |
 * | `_reasons` | VARCHAR[] | why it could not be typed, of rejects only |
 */
export const STAGE_COLUMNS = ['_artifact', '_scope', '_slice', '_row', '_raw', '_reasons'] as const;

/** A Parquet file of staged rows. */
export interface StagePart {
  /** Absolute path. */
  readonly uri: string;
}

/** Counts of one slice in one stage. */
export interface SliceTotals {
  readonly key: SliceKey;
  readonly rows: number;
  readonly rejects: number;
}

/** The typed rows of one artifact for one table, and its rejects, waiting to be committed. */
export interface Stage {
  readonly artifact: Artifact;
  readonly table: Table;
  /** The table's columns and then the unknown ones that were kept; parts may hold others beside them. */
  readonly columns: readonly Column[];
  readonly parts: readonly StagePart[];
  readonly totals: {
    /** Records read; always the sum of rows and rejects over the slices. */
    readonly read: number;
    /** Every slice of the ask, also those without a row. */
    readonly slices: readonly SliceTotals[];
    readonly unknown: readonly UnknownColumn[];
    /** Columns asked for of which no record had a value (also of an empty file: none). */
    readonly vanished: readonly string[];
  };
  /** Gives up this stage's claim on its parts; the last claim deletes the files. */
  discard(): Promise<void>;
}

/** What a user decided about columns that the catalogue does not know. */
export interface ColumnPolicy {
  /** `evolve` keeps them as VARCHAR, `freeze` fails the slice, `ignore` records and drops them. */
  readonly unknown: 'evolve' | 'freeze' | 'ignore';
  /** Types by the source's name (or snake_case), from `types:` in the configuration. */
  readonly types: Readonly<Record<string, string>>;
}

/** The plain content of a file. */
export interface Content {
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** Takes plain bytes while they land, and types them. One writer an artifact. */
export interface StageWriter {
  /**
   * Plain (inflated) bytes, in order. Resolves when the writer can take more, so that a slow
   * stager slows the download down rather than filling memory. The bytes must not change after.
   */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Instead of {@link write}: a small body, gzip'd, that is whole. It is inflated in one go.
   * @returns what is in it; undefined where that is not small: then nothing was written.
   * @throws MillpondError `E_ARTIFACT_CORRUPT` where gzip's checksum fails or its end is missing.
   */
  writeGzip(file: Uint8Array): Promise<Content | undefined>;
  /**
   * The artifact is whole and its checksum holds: types what is left.
   * @returns one stage a table.
   * @throws MillpondError `E_ARTIFACT_CUT` where the bytes end inside the array,
   *   `E_SCHEMA_FROZEN` under `freeze`.
   */
  close(artifact: Artifact): Promise<Stage[]>;
  /** Forgets what was written; deletes its files. Safe to call at any time, also twice. */
  abort(): Promise<void>;
}

/** What a stager must know before the first byte. */
export interface StageRequest {
  /** The id that the artifact will have. */
  readonly artifactId: string;
  readonly ask: Ask;
  readonly tables: readonly Table[];
  readonly format: 'array' | 'ndjson';
  readonly policy: ColumnPolicy;
}

/** Turns plain bytes into stages. One per process: it owns the working threads and their memory. */
export interface Stager {
  open(request: StageRequest, ctx: Ctx): StageWriter;
  /** Ends the workers. Parts of stages that were not discarded stay. */
  close(): Promise<void>;
}
