import { inflatedBytes, spoiltGzip } from '../../base/gzip.js';
import type { Content } from '../../contracts/index.js';
import type { Kept } from './protocol.js';
import { type ReadingThread, readingThread } from './reading-thread.js';

let texts = 0;

/** A small text on the reading thread, which has inflated it there: nothing of it travels but its ends. */
export class KeptText {
  readonly #thread: ReadingThread;
  /** What the thread knows it by. */
  readonly number: number;
  readonly content: Content;
  /** Its beginning, and its last byte that is no white space. */
  readonly head: Uint8Array;
  readonly lastByte: number | undefined;

  private constructor(thread: ReadingThread, number: number, { bytes, sha256, head, lastByte }: Kept) {
    this.#thread = thread;
    this.number = number;
    this.content = { bytes, sha256 };
    this.head = head;
    this.lastByte = lastByte;
  }

  /**
   * @param file gzip'd, whole.
   * @returns undefined where its content is more than `mostBytes`.
   * @throws MillpondError `E_ARTIFACT_CORRUPT`.
   */
  static async inflate(file: Uint8Array, mostBytes: number): Promise<KeptText | undefined> {
    const bytes = inflatedBytes(file);
    if (bytes > mostBytes) return undefined;
    const thread = readingThread();
    const number = texts++;
    const answer = await thread.ask<Kept>({ kind: 'keep', text: number, file, bytes, mostBytes });
    if (answer.spoilt !== undefined) throw spoiltGzip(answer.spoilt);
    return answer.isTooLong ? undefined : new KeptText(thread, number, answer);
  }

  /** All of it, here: it is kept there no longer. */
  take(): Promise<Uint8Array> {
    return this.#thread.ask<Uint8Array>({ kind: 'give', text: this.number });
  }

  /** It is not needed any more. */
  drop(): void {
    this.#thread.tell({ kind: 'drop', text: this.number });
  }
}
