import fs from 'node:fs';
import { promisify } from 'node:util';

const open = promisify(fs.open);
const write = promisify(fs.write);
const sync = promisify(fs.fsync);

/** What is no longer than this is written at once. */
const SMALL_BYTES = 16 << 10;

/**
 * An open file. What may wait for a disk or a network goes to libuv's pool: opening, syncing, and
 * what is long. A few bytes to or from the system's memory, and closing, do not: each way to the
 * pool and back costs a tenth of a millisecond, and of some kinds of file there are thousands.
 */
export class OpenFile {
  readonly #descriptor: number;
  /** Calls in the pool. No other file may get the number of ours before they are done. */
  readonly #calls = new Set<Promise<unknown>>();
  #isOpen = true;

  private constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** @param flags as of `open(2)`. @throws what the system says. */
  static async open(path: string, flags: string | number): Promise<OpenFile> {
    return new OpenFile(await open(path, flags));
  }

  /** Writes all of it, behind what was written before. @throws `ENOSPC`, and what else the system says. */
  async write(content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    if (bytes.length <= SMALL_BYTES) fs.writeFileSync(this.#descriptor, bytes);
    else await this.#called(this.#writeLong(bytes));
  }

  /** All that it holds: for files of a few lines. */
  async readText(): Promise<string> {
    const bytes = Buffer.allocUnsafe(fs.fstatSync(this.#descriptor).size);
    let read = 0;
    for (let more = -1; more !== 0 && read < bytes.length; read += more) {
      more = fs.readSync(this.#descriptor, bytes, read, bytes.length - read, read);
    }
    return bytes.toString('utf8', 0, read);
  }

  /** What was written survives a power cut. */
  async sync(): Promise<void> {
    await this.#called(sync(this.#descriptor));
  }

  /** Closes it once calls under way are done. Again: nothing. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#calls.size > 0) await Promise.allSettled(this.#calls);
    fs.closeSync(this.#descriptor);
  }

  async #writeLong(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await write(this.#descriptor, bytes, at, bytes.length - at, null);
      at += bytesWritten;
    }
  }

  async #called<T>(call: Promise<T>): Promise<T> {
    this.#calls.add(call);
    try {
      return await call;
    } finally {
      this.#calls.delete(call);
    }
  }
}
