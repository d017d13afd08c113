import type { Ask, Job } from './ask.js';

/** How records stand in the plain bytes: one JSON array of objects, or one object a line. */
export type ArtifactFormat = 'array' | 'ndjson';

/**
 * A finished file exactly as the source made it, kept in the landing folder. Immutable.
 * This record stands beside the file, so that the folder explains itself.
 */
export interface Artifact {
  /** Unique in a landing folder, safe in a file name. */
  readonly id: string;
  /** Path of the file, relative to the landing folder. */
  readonly path: string;
  /** sha256 of the bytes as they came, hex. */
  readonly sha256: string;
  /** sha256 of the plain (inflated) bytes, hex: equal content has equal hashes whatever gzip did. */
  readonly contentSha256: string;
  /** Size of the file as it came. */
  readonly bytes: number;
  /** Size of the plain content. */
  readonly contentBytes: number;
  readonly compression: 'gzip' | 'none';
  readonly format: ArtifactFormat;
  readonly ask: Ask;
  readonly job?: Job;
  /** Ids of all jobs that answer the ask together, this one's among them. */
  readonly jobs?: readonly string[];
  /** A file that somebody brought: it answers no job. */
  readonly imported?: ImportedFile;
  /** ISO instant at which the source was asked. */
  readonly asOf: string;
  /** ISO instant at which the last byte was on disk. */
  readonly landedAt: string;
}

/** Where an imported file comes from. */
export interface ImportedFile {
  /** Its name where it came from. */
  readonly name: string;
  /** Which of several files for one slice: `1`, `2` …; absent where it is the only one. */
  readonly part?: string;
  /** Ids of all artifacts that make the slice together, this one's among them, in their order. */
  readonly artifacts: readonly string[];
  /** The pipeline into whose sinks it was brought. */
  readonly pipeline: string;
}
