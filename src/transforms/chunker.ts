import fs from 'node:fs/promises';
import { removeFile } from '../base/files.js';
import { JoinedBytes } from './joined-bytes.js';
import { isSpace } from './json-bytes.js';
import type { PlainScanner, PlainText } from './plain-scanner.js';
import { occurrences, recordSeparator } from './record-separator.js';

/** A piece of an artifact's text in a file of its own: a whole array (or whole lines). */
export interface Chunk {
  readonly path: string;
  readonly bytes: number;
  /** Records of the artifact before it, as far as separators tell. */
  readonly firstRow: number;
  /** What it holds, where all of it is plain. */
  readonly plain: PlainText | undefined;
}

/** How much of the beginning is looked at for two records. */
const HEAD_BYTES = 1 << 20;

/** How much of it is kept for learning from it. */
const HEAD_KEPT = 64 << 10;

const OPENING = Buffer.from('[');
const CLOSING = Buffer.from(']');

/**
 * Cuts plain text into chunk files at record boundaries while it lands, without parsing it:
 * the boundary is learned from the first two records. Where none can be learned, there is one chunk.
 */
export class Chunker {
  readonly #lines: boolean;
  readonly #target: number;
  readonly #newPath: () => string;
  readonly #newScanner: () => PlainScanner | undefined;
  readonly #emit: (chunk: Chunk) => void;
  #separator: Buffer | undefined;
  #learned = false;
  readonly #joined = new JoinedBytes();
  /** Bytes that may hold the beginning of a separator, or all bytes before it is learned. */
  #carry: Buffer = Buffer.alloc(0);
  #file:
    | { readonly path: string; readonly handle: fs.FileHandle; readonly scanner: PlainScanner | undefined }
    | undefined;
  #size = 0;
  #separators = 0;
  #firstRow = 0;
  /** The beginning of the text, for those who must know what came. */
  head: Buffer = Buffer.alloc(0);
  /** The last byte that is no white space. */
  lastByte: number | undefined;

  constructor(options: {
    readonly format: 'array' | 'ndjson';
    /** Size of a chunk at which the next boundary ends it. */
    readonly target: number;
    newPath(): string;
    /** What looks at a chunk's text as it passes; asked when {@link Chunker.head} is there. */
    newScanner(): PlainScanner | undefined;
    emit(chunk: Chunk): void;
  }) {
    this.#lines = options.format === 'ndjson';
    this.#target = options.target;
    this.#newPath = options.newPath;
    this.#newScanner = options.newScanner;
    this.#emit = options.emit;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#noteEnds(bytes);
    let text = this.#joined.join(this.#carry, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    if (!this.#learned) {
      this.#separator = this.#lines ? Buffer.from('\n') : recordSeparator(text);
      this.#learned = this.#separator !== undefined || text.length >= HEAD_BYTES;
      if (!this.#learned) {
        this.#carry = Buffer.from(text);
        return;
      }
    }
    if (this.#separator && this.#size + text.length >= this.#target) text = await this.#cut(text, this.#separator);
    const keep = Math.min(text.length, (this.#separator?.length ?? 1) - 1);
    if (this.#separator) this.#separators += occurrences(text, this.#separator);
    // Copied: the bytes are the caller's, or in memory that is used again.
    this.#carry = Buffer.from(text.subarray(text.length - keep));
    await this.#put(text.subarray(0, text.length - keep));
  }

  /** Writes what is left as the last chunk. */
  async end(): Promise<void> {
    await this.#put(this.#carry);
    this.#carry = Buffer.alloc(0);
    await this.#finish(0);
  }

  /** Closes and deletes the file under way. */
  async abort(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
    if (file) await removeFile(file.path);
  }

  /** Ends the chunk at the last boundary in `text`. @returns what comes after it. */
  async #cut(text: Buffer, separator: Buffer): Promise<Buffer> {
    const at = text.lastIndexOf(separator);
    if (at < 0) return text;
    const end = at + 1;
    this.#separators += occurrences(text.subarray(0, at), separator);
    await this.#put(text.subarray(0, end));
    if (!this.#lines) await this.#put(CLOSING);
    await this.#finish(1);
    if (this.#lines) return text.subarray(end);
    await this.#put(OPENING);
    return text.subarray(at + separator.indexOf('{'));
  }

  async #put(bytes: Buffer): Promise<void> {
    if (bytes.length === 0 && this.#file) return;
    if (!this.#file) {
      const path = this.#newPath();
      this.#file = { path, handle: await fs.open(path, 'w'), scanner: this.#newScanner() };
    }
    const written = this.#file.handle.writeFile(bytes);
    this.#file.scanner?.push(bytes);
    await written;
    this.#size += bytes.length;
  }

  /** @param last records that end with the chunk and have no separator in it. */
  async #finish(last: number): Promise<void> {
    const { path, handle, scanner } = this.#file!;
    this.#file = undefined;
    await handle.close();
    const plain = scanner?.end();
    this.#emit({ path, bytes: this.#size, firstRow: this.#firstRow, plain });
    this.#firstRow += plain ? plain.records : this.#separators + last;
    this.#separators = 0;
    this.#size = 0;
  }

  #noteEnds(bytes: Uint8Array): void {
    if (this.head.length < HEAD_KEPT) this.head = Buffer.concat([this.head, bytes]).subarray(0, HEAD_KEPT);
    for (let i = bytes.length - 1; i >= 0; i -= 1) {
      const byte = bytes[i]!;
      if (isSpace(byte)) continue;
      this.lastByte = byte;
      return;
    }
  }
}
