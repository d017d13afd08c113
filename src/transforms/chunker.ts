import fs from 'node:fs/promises';
import { removeFile } from '../base/files.js';
import { settleAll } from '../base/settle.js';
import { JoinedBytes } from './joined-bytes.js';
import type { PlainReader } from './plain/reader.js';
import type { PlainRecords } from './plain/records.js';
import { occurrences, recordSeparator } from './record-separator.js';

/** A file with a piece of an artifact's text: a whole array (or whole lines). */
export interface TextFile {
  readonly path: string;
  readonly bytes: number;
}

/** Neighbouring records of an artifact, to be staged together. */
export type Chunk = {
  /** Records of the artifact before it, as far as separators tell. */
  readonly firstRow: number;
} & (
  | {
      readonly kind: 'text';
      readonly text: TextFile;
      /** Whether it is the artifact's only one: it goes together with others like it. Pieces of a large one do not wait. */
      readonly isWhole: boolean;
    }
  /** The text is kept where the chunk before it is one of text: a wrong cut would have spoiled both. */
  | { readonly kind: 'plain'; readonly plain: PlainRecords; readonly text?: TextFile }
);

/** How much of the beginning is looked at for two records. */
const HEAD_BYTES = 1 << 20;

const NOTHING = Buffer.alloc(0);
const OPENING = Buffer.from('[');
const CLOSING = Buffer.from(']');

/**
 * Cuts an artifact's text into chunks while it lands. What is plain is read as it passes; from
 * where it is not, text is cut into files at record boundaries, without parsing it: the boundary
 * is learned from the first two records. Where none can be learned, there is one chunk.
 */
export class Chunker {
  readonly #lines: boolean;
  readonly #target: number;
  readonly #readTarget: () => number;
  readonly #newPath: () => string;
  readonly #newReader: () => PlainReader | undefined;
  readonly #emit: (chunk: Chunk) => Promise<void>;
  #separator: Buffer | undefined;
  #learned = false;
  readonly #joined = new JoinedBytes();
  /** Bytes that may hold the beginning of a separator, or all bytes before it is learned. */
  #carry: Buffer = NOTHING;
  /** What reads the chunk under way, as long as it is plain. */
  #reader: PlainReader | undefined;
  /** Where the chunk under way is written, unless all of it is known to be plain. */
  #file: { readonly path: string; readonly handle: fs.FileHandle } | undefined;
  #size = 0;
  #separators = 0;
  #firstRow = 0;
  /** Whether no chunk was let go yet. */
  #isFirst = true;
  /** Whether no more text comes. */
  #isEnding = false;
  /** Whether the last chunk was text: where it was cut is a guess. */
  #isCutGuessed = false;
  /** The records that were read last, being written: two chunks are in memory at most. */
  #written = Promise.resolve();

  constructor(options: {
    readonly format: 'array' | 'ndjson';
    /** Size of a chunk of text at which the next boundary ends it. */
    readonly target: number;
    /** Text that is read before its records are let go: they are in memory. */
    readTarget(): number;
    newPath(): string;
    /** What reads plain text. */
    newReader(): PlainReader | undefined;
    /** Resolves when plain records are written; they are whoever takes them to release. */
    emit(chunk: Chunk): Promise<void>;
  }) {
    this.#lines = options.format === 'ndjson';
    this.#target = options.target;
    this.#readTarget = options.readTarget;
    this.#newPath = options.newPath;
    this.#newReader = options.newReader;
    this.#emit = options.emit;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const text = this.#joined.join(this.#carry, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    if (!this.#learned) {
      this.#separator = this.#lines ? Buffer.from('\n') : recordSeparator(text);
      this.#learned = this.#separator !== undefined || text.length >= HEAD_BYTES;
      if (!this.#learned) {
        this.#carry = Buffer.from(text);
        return;
      }
    }
    this.#carry = NOTHING;
    await this.#take(text);
  }

  /** What is left makes the last chunk. */
  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#endText();
    await this.#written;
  }

  async #endText(): Promise<void> {
    const rest = this.#carry;
    this.#carry = NOTHING;
    if (this.#file) await this.#put(rest);
    else if (rest.length > 0 || !this.#reader) await this.#take(rest);
    if (!this.#file) {
      const left = await this.#reader!.end();
      await this.#emitRead();
      this.#dropReader();
      if (!left) return;
      await this.#open();
      await this.#put(left);
    }
    await this.#put(this.#carry);
    await this.#finish(0);
  }

  /** Closes and deletes the file under way. No other call may be under way. */
  async abort(): Promise<void> {
    this.#dropReader();
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
    if (file) await removeFile(file.path);
  }

  async #take(text: Buffer): Promise<void> {
    if (!this.#file && !this.#reader) await this.#begin(NOTHING);
    let rest = text;
    if (!this.#file) {
      const reader = this.#reader!;
      let left = await reader.push(text);
      const isDue = reader.isOver || reader.bytes >= this.#readTarget();
      // What came last may be no plain text, or stand behind the list.
      if (isDue) left ??= await reader.settled();
      if (left || isDue) await this.#emitRead();
      if (!left) return;
      this.#dropReader();
      await this.#open();
      rest = left;
    }
    const separator = this.#separator;
    const cut = separator && this.#size + rest.length >= this.#target ? rest.lastIndexOf(separator) : -1;
    if (cut >= 0) {
      await this.#cut(rest, cut, separator!);
      await this.#take(rest.subarray(this.#lines ? cut + 1 : cut + separator!.indexOf('{')));
      return;
    }
    const keep = Math.min(rest.length, (separator?.length ?? 1) - 1);
    if (separator) this.#separators += occurrences(rest, separator);
    // Copied: the bytes are the caller's, or in memory that is used again.
    this.#carry = Buffer.from(rest.subarray(rest.length - keep));
    await this.#put(rest.subarray(0, rest.length - keep));
  }

  /** Ends a chunk of text at a boundary, and begins the next. */
  async #cut(text: Buffer, at: number, separator: Buffer): Promise<void> {
    this.#separators += occurrences(text.subarray(0, at), separator);
    await this.#put(text.subarray(0, at + 1));
    if (!this.#lines) await this.#put(CLOSING);
    await this.#finish(1);
    await this.#begin(this.#lines ? NOTHING : OPENING);
  }

  async #begin(opening: Buffer): Promise<void> {
    this.#reader = this.#newReader();
    if (!this.#reader || this.#isCutGuessed) await this.#open();
    await this.#put(opening);
  }

  async #open(): Promise<void> {
    const path = this.#newPath();
    this.#file = { path, handle: await fs.open(path, 'w') };
    this.#size = 0;
    this.#separators = 0;
  }

  /** The next bytes of the chunk under way. */
  async #put(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    // To the end of both: a reader that is given back while it is at work would write into somebody else's memory.
    const [left] = await settleAll<unknown>([this.#reader?.push(bytes), this.#file?.handle.writeFile(bytes)]);
    if (left) this.#dropReader();
    this.#size += bytes.length;
  }

  /** What the reader has read, as a chunk; it goes on while that is written. */
  async #emitRead(text?: TextFile): Promise<void> {
    const reader = this.#reader!;
    await this.#written;
    if (reader.isIdle && !text) return;
    const plain = await reader.take();
    const records = plain.texts.reduce((sum, { records: own }) => sum + own, 0);
    if (records === 0 && !text) {
      plain.release();
      return;
    }
    this.#isFirst = false;
    this.#written = this.#emit({ kind: 'plain', firstRow: this.#firstRow, plain, ...(text ? { text } : {}) });
    // Whoever waits for it next learns of a failure.
    this.#written.catch(() => {});
    this.#firstRow += records;
  }

  /**
   * Ends the chunk that is written to a file.
   * @param last records that end with the chunk and have no separator in it.
   */
  async #finish(last: number): Promise<void> {
    const { path, handle } = this.#file!;
    this.#file = undefined;
    await handle.close();
    const text = { path, bytes: this.#size };
    const isPlain = this.#reader !== undefined && (await this.#reader.end()) === undefined;
    if (isPlain) await this.#emitRead(text);
    else {
      const isWhole = this.#isFirst && this.#isEnding;
      this.#isFirst = false;
      await this.#emit({ kind: 'text', firstRow: this.#firstRow, text, isWhole });
      this.#firstRow += this.#separators + last;
    }
    this.#isCutGuessed = !isPlain;
    this.#dropReader();
  }

  #dropReader(): void {
    this.#reader?.release();
    this.#reader = undefined;
  }
}
