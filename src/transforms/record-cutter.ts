import { BYTE, DEPTH, isSpace } from './json-bytes.js';

const { BACKSLASH, COMMA, NEW_LINE, QUOTE } = BYTE;

/** The text between two cuts: one record, or (`uncut`) all that is left where no cut can be found. */
export interface RawRecord {
  readonly bytes: Buffer;
  readonly uncut?: true;
}

/**
 * Cuts the records of a JSON array, or of lines, apart without parsing them: it knows strings,
 * escapes and depth, and nothing else, so that one malformed record costs only itself.
 */
export class RecordCutter {
  readonly #lines: boolean;
  #buffer: Buffer = Buffer.alloc(0);
  /** Where the record under way begins, and how far the buffer was read. */
  #from = 0;
  #at = 0;
  #depth = 0;
  #inString = false;
  #started = false;
  #ended = false;

  constructor(format: 'array' | 'ndjson') {
    this.#lines = format === 'ndjson';
  }

  /** Whether the array's closing bracket has been seen (of lines: always). */
  get isComplete(): boolean {
    return this.#lines || this.#ended;
  }

  /** Takes more bytes; yields the records that are whole, each good until the next is asked for. */
  *push(bytes: Uint8Array): Generator<RawRecord> {
    this.#buffer =
      this.#buffer.length > 0
        ? Buffer.concat([this.#buffer, bytes])
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    yield* this.#lines ? this.#cutLines() : this.#cutArray();
    // Copied: the bytes are the caller's.
    this.#buffer = Buffer.from(this.#buffer.subarray(this.#from));
    this.#at -= this.#from;
    this.#from = 0;
  }

  /** What is left when no more bytes come. */
  *end(): Generator<RawRecord> {
    const rest = trimmed(this.#buffer.subarray(this.#from));
    if (rest.length > 0) yield this.#lines ? { bytes: rest } : { bytes: rest, uncut: true };
    this.#buffer = Buffer.alloc(0);
    this.#from = this.#at = 0;
  }

  *#cutLines(): Generator<RawRecord> {
    for (let end = this.#buffer.indexOf(NEW_LINE, this.#at); end >= 0; end = this.#buffer.indexOf(NEW_LINE, this.#at)) {
      const bytes = trimmed(this.#buffer.subarray(this.#from, end));
      this.#from = this.#at = end + 1;
      if (bytes.length > 0) yield { bytes };
    }
    this.#at = this.#buffer.length;
  }

  *#cutArray(): Generator<RawRecord> {
    const buffer = this.#buffer;
    for (; this.#at < buffer.length && !this.#ended; this.#at += 1) {
      const byte = buffer[this.#at]!;
      if (this.#inString) {
        if (byte === BACKSLASH) this.#at += 1;
        else if (byte === QUOTE) this.#inString = false;
      } else if (byte === QUOTE) this.#inString = true;
      else if (DEPTH[byte] === 1) {
        this.#depth += 1;
        if (!this.#started) {
          this.#started = true;
          this.#from = this.#at + 1;
        }
      } else if (DEPTH[byte] === -1) {
        this.#depth -= 1;
        if (this.#depth === 0) yield* this.#cutAt(this.#at, true);
      } else if (byte === COMMA && this.#depth === 1) yield* this.#cutAt(this.#at, false);
    }
  }

  *#cutAt(end: number, last: boolean): Generator<RawRecord> {
    const bytes = trimmed(this.#buffer.subarray(this.#from, end));
    this.#from = end + 1;
    this.#ended = last;
    if (bytes.length > 0) yield { bytes };
  }
}

function trimmed(bytes: Buffer): Buffer {
  let [from, to] = [0, bytes.length];
  while (from < to && isSpace(bytes[from]!)) from += 1;
  while (to > from && isSpace(bytes[to - 1]!)) to -= 1;
  return bytes.subarray(from, to);
}
