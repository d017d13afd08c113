import { inflatedBytes, spoiltGzip } from '../../base/gzip.js';
import type { Inflated } from './protocol.js';
import { readingThread } from './reading-thread.js';

/** A text that was inflated where it is read, and what is known of it here. */
export interface InflatedText extends Pick<Inflated, 'bytes' | 'sha256' | 'head' | 'lastByte'> {
  readonly text: KeptText;
}

let texts = 0;

/** A small text that is kept on the reading thread until it is read. */
export class KeptText {
  readonly #thread = readingThread();
  /** What the thread knows it by. */
  readonly number = texts++;

  static of(bytes: Uint8Array): KeptText {
    const text = new KeptText();
    text.#thread.tell({ kind: 'keep', text: text.number, bytes });
    return text;
  }

  /**
   * Of a gzip'd file, whole, that is inflated there: nothing of it travels but its ends.
   * @returns undefined where its content is more than `mostBytes`.
   * @throws MillpondError `E_ARTIFACT_CORRUPT`.
   */
  static async inflate(file: Uint8Array, mostBytes: number): Promise<InflatedText | undefined> {
    const bytes = inflatedBytes(file);
    if (bytes > mostBytes) return undefined;
    const text = new KeptText();
    const call = { kind: 'inflate', text: text.number, file, bytes, mostBytes } as const;
    const { isTooLong, spoilt, ...inflated } = await text.#thread.ask<Inflated>(call);
    if (spoilt !== undefined) throw spoiltGzip(spoilt);
    return isTooLong ? undefined : { text, ...inflated };
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
