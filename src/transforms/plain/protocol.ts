import type { Reading } from './types.js';

/** Of WebAssembly's interface what is needed: Node's types have none of it. */
export interface Memory {
  /** What it is now: when it grows, it is another. */
  readonly buffer: SharedArrayBuffer;
}

/** A member of a plain record. */
export interface PlainMember {
  readonly source: string;
  /** A record without it, or with null, is not plain. */
  readonly isNeeded: boolean;
  readonly reads: Reading;
}

/** What a thread is asked to do; it answers those calls that say so, in their order. */
export type Call = MachineCall | InflateCall;

/** A call to one machine. */
export type MachineCall = { readonly machine: number } & (
  | { readonly kind: 'open'; readonly module: object; readonly memory: Memory }
  /** Begins a text, with what is known of it already. Answered by {@link Begun}. */
  | {
      readonly kind: 'begin';
      readonly isLines: boolean;
      readonly members: readonly PlainMember[];
      readonly text: Uint8Array;
      /** Of what is to follow, piece by piece: how long one is at most. */
      readonly pieceBytes: number;
    }
  /** Reads a piece that was put into a dock. Answered by a {@link Progress}. */
  | { readonly kind: 'push'; readonly at: number; readonly bytes: number }
  /**
   * Reads texts, each from its beginning to its end, into the same cells; those that are not plain
   * leave no cell behind. Their memory goes with them. Answered by {@link TextsRead}.
   */
  | {
      readonly kind: 'read';
      readonly isLines: boolean;
      readonly members: readonly PlainMember[];
      readonly texts: readonly Uint8Array[];
    }
  /** Answered by {@link Cells}. */
  | { readonly kind: 'take' }
  /** Forgets everything. */
  | { readonly kind: 'free' }
);

/** Inflates a gzip file. Answered by {@link Inflated}. */
export interface InflateCall {
  readonly kind: 'inflate';
  readonly file: Uint8Array;
  /** How long the text should be, and how long it may be. */
  readonly bytes: number;
  readonly mostBytes: number;
}

/** What a call is answered by. */
export type Answer = Progress | Begun | Cells | TextsRead | Inflated;

/** What is in a file; or that it is longer than it may be; or, in zlib's words, why it cannot be inflated. */
export type Inflated = InflatedText | { readonly isTooLong: true } | { readonly spoilt: string };

/** A text, in memory that is nobody else's. */
export interface InflatedText {
  readonly text: Uint8Array;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** Instead of an answer: what went wrong. A machine is of no use any more. */
export interface Failure {
  readonly failure: string;
}

/** How far a text is read. Places are addresses in the machine's memory. */
export interface Progress {
  readonly isPlain: boolean;
  /** Whether it is plain, and nothing of it is missing. */
  readonly isWhole: boolean;
  /** Where in the text the reader stands, by the numbers of `assembly/reader.ts`. */
  readonly place: number;
  /** What is not read yet. */
  readonly rest: number;
  readonly restBytes: number;
}

/** A text that has begun. */
export interface Begun extends Progress {
  /**
   * Where its pieces are put, in turns. One may wait while another is read: what is left of that
   * stays where it is until the next is read, so the piece after these goes to a third dock.
   */
  readonly docks: readonly number[];
}

/** A record that is not plain, among others that are: a copy of it. */
export interface OddRecord {
  /** Its number among the records of its text that are taken together, from 1. */
  readonly row: number;
  readonly bytes: Uint8Array;
}

/** What was read, where it stands in the machine's memory. */
export interface Cells {
  /** All records of the text under way, odd ones included. */
  readonly records: number;
  /** Those of the text under way. */
  readonly odd: readonly OddRecord[];
  /** Numbers of the plain ones of all texts, each in its own, of 32 bits. */
  readonly rows: number;
  readonly rowCount: number;
  /** In the order of the members. */
  readonly columns: readonly CellsOfColumn[];
}

/** What came of texts that were read one after the other. */
export interface TextsRead {
  /** What there was when each had been read; one that is not plain, back. */
  readonly texts: readonly (Cells | Uint8Array)[];
  /** What there is of all together. */
  readonly cells: Cells;
}

/** The cells of a column. */
export interface CellsOfColumn {
  /** Values that are not null. */
  readonly values: number;
  readonly count: number;
  /** Rows that are null, of 32 bits. */
  readonly nulls: number;
  readonly nullCount: number;
  /** Of texts: what the values are places of, on a page. */
  readonly dictionary?: { readonly start: number; readonly bytes: number; readonly count: number };
}
