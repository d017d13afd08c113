import { Machine, PIECE_BYTES } from './machine.js';
import type { Progress } from './protocol.js';
import { type PlainRecords, recordsIn, textRead } from './records.js';
import type { PlainTable } from './table.js';

/** Nothing, where there could be text. */
const NO_TEXT = Buffer.alloc(0);
/** Ends the last of lines, which need not be. */
const NEW_LINE = Buffer.from('\n');

/** What must stand before the rest of a text to make a text of it, by the places of `assembly/reader.ts`. */
const BEFORE_REST = ['', '[', '[', '[]'] as const;
/** The last of those places: behind the list. */
const AFTER = 3;

/**
 * Types plain records as their bytes pass: known members only, in their usual order, each value
 * spelled so that there is one reading only. A few odd records among many plain ones are noted,
 * to be judged one by one. Where they are more, or where it cannot be told where they end, it
 * stops: what was read before stays, and all that follows is to be judged in SQL.
 */
export class PlainReader {
  readonly #table: PlainTable;
  readonly #lines: boolean;
  /** What reads, and how far it is; undefined until there is something to read. */
  #machine: Machine | undefined;
  #progress: Progress | undefined;
  /** What was pushed last, being read. */
  #reading: Promise<Progress> | undefined;
  /** Text that was left when the records before it were taken. */
  #rest: Buffer = NO_TEXT;
  /** Bytes of the text that came since the last {@link take}. */
  bytes = 0;

  constructor(table: PlainTable, format: 'array' | 'ndjson') {
    this.#table = table;
    this.#lines = format === 'ndjson';
  }

  /**
   * The next bytes of the text. Resolves while they are read, so that others can come.
   * @returns what is not plain, and all that follows it, as a text of its own, if that is known yet.
   */
  async push(bytes: Uint8Array): Promise<Buffer | undefined> {
    const { machine } = await this.#begun();
    this.bytes += bytes.length;
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      const before = this.#reading;
      this.#reading = machine.push(bytes.subarray(at, at + PIECE_BYTES));
      this.#reading.catch(() => {}); // whoever waits for it learns of a failure
      if (before) this.#progress = await before;
    }
    return this.#progress!.isPlain ? undefined : this.settled();
  }

  /** Waits until all is read that came. @returns like {@link push}. */
  async settled(): Promise<Buffer | undefined> {
    if (!this.#machine) return undefined;
    this.#progress = (await this.#reading) ?? this.#progress!;
    this.#reading = undefined;
    return this.#progress.isPlain ? undefined : this.#left(this.#machine, this.#progress);
  }

  /** The text is over. @returns what is left of it, where that is not plain. */
  async end(): Promise<Buffer | undefined> {
    if (this.#lines) await this.push(NEW_LINE);
    const left = await this.settled();
    if (left) return left;
    if (this.isIdle && this.isOver) return undefined;
    const { machine, progress } = await this.#begun();
    return progress.isWhole ? undefined : this.#left(machine, progress);
  }

  /** Whether the list has ended, as far as is known: what may follow is white space. */
  get isOver(): boolean {
    return !this.#lines && this.#progress?.place === AFTER;
  }

  /** Whether nothing came since the last {@link take}. */
  get isIdle(): boolean {
    return this.#machine === undefined;
  }

  /**
   * What was read since the last call, all of it {@link settled}. The reader goes on in other
   * memory: nobody waits until it is written.
   */
  async take(): Promise<PlainRecords> {
    const { machine, progress } = await this.#begun();
    this.#machine = undefined;
    this.#rest = this.#left(machine, progress);
    this.bytes = 0;
    const cells = await machine.cells();
    return recordsIn(machine, this.#table, cells, [textRead(this.#table, cells)]);
  }

  /** Nothing is asked of it any more. */
  release(): void {
    this.#machine?.release();
    this.#machine = undefined;
    this.#reading = undefined;
  }

  async #begun(): Promise<{ machine: Machine; progress: Progress }> {
    if (!this.#machine) {
      this.#machine = Machine.take();
      this.#progress = await this.#machine.begin(this.#lines, this.#table.members, this.#rest);
    }
    return { machine: this.#machine, progress: this.#progress! };
  }

  #left(machine: Machine, { place, rest, restBytes }: Progress): Buffer {
    const before = this.#lines ? '' : BEFORE_REST[place]!;
    return Buffer.concat([Buffer.from(before), machine.view(rest, restBytes)]);
  }
}
