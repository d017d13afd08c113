import type { Answer, Begun, Cells, MachineCall, Memory, PlainMember, Progress, TextsRead } from './protocol.js';
import { PAGES, WASM } from './wasm.js';
import { threadFor, type WorkerThread } from './worker-thread.js';

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number; readonly shared: true }) => Memory;
};

type CallOf<Kind extends MachineCall['kind']> = Omit<Extract<MachineCall, { kind: Kind }>, 'machine'>;

/** How many bytes may come at once. Inflated text comes in pieces of this size. */
export const PIECE_BYTES = 1 << 20;

let compiled: object | undefined;
const idle: Machine[] = [];
let machines = 0;

/** A reader on the reading thread, with a memory of its own, which never shrinks: it is used again. */
export class Machine {
  readonly #thread: WorkerThread;
  readonly #number = machines++;
  readonly #memory = new WebAssembly.Memory({ ...PAGES, shared: true });
  /** Where pieces of the text go, and how many have gone. */
  #docks: readonly number[] = [];
  #pieces = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #isBroken = false;

  private constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(WASM, 'base64'));
    this.#thread = threadFor('reading');
    this.#thread.tell({ machine: this.#number, kind: 'open', module: compiled, memory: this.#memory });
  }

  /** One that is free, or a new one. */
  static take(): Machine {
    for (let machine = idle.pop(); machine; machine = idle.pop()) if (machine.#isFit) return machine;
    return new Machine();
  }

  /** It is not needed any more. */
  release(): void {
    this.#thread.tell({ machine: this.#number, kind: 'free' });
    if (this.#isFit) idle.push(this);
  }

  get #isFit(): boolean {
    return !this.#isBroken && !this.#thread.hasEnded;
  }

  /** Begins a text with what is known of it already. */
  async begin(isLines: boolean, members: readonly PlainMember[], text: Uint8Array): Promise<Progress> {
    const begun = await this.#ask<Begun>({ kind: 'begin', isLines, members, text, pieceBytes: PIECE_BYTES });
    this.#docks = begun.docks;
    return begun;
  }

  /**
   * The next bytes of the text, copied at once; one call may be under way when the next is made.
   * After something that is not plain all is kept, and nothing read.
   * @param bytes no more than {@link PIECE_BYTES}.
   */
  push(bytes: Uint8Array): Promise<Progress> {
    const at = this.#docks[this.#pieces++ % this.#docks.length]!;
    this.view(at, bytes.length).set(bytes);
    return this.#ask({ kind: 'push', at, bytes: bytes.length });
  }

  /** Reads texts, each from its beginning to its end. Their memory, all of it, goes with them. */
  read(isLines: boolean, members: readonly PlainMember[], texts: readonly Uint8Array[]): Promise<TextsRead> {
    const memory = texts.map(({ buffer }) => buffer as ArrayBuffer);
    return this.#ask({ kind: 'read', isLines, members, texts }, memory);
  }

  /** Where the cells are that were read since the text began. */
  cells(): Promise<Cells> {
    return this.#ask({ kind: 'take' });
  }

  /** So many bytes of its memory. @throws RangeError where there are not so many: a view would be cut short in silence. */
  view(start: number, length: number): Buffer {
    const { bytes } = this;
    if (start + length > bytes.length) throw new RangeError('Places beyond the memory of the reader');
    return bytes.subarray(start, start + length);
  }

  /** Its memory as it is now. */
  get bytes(): Buffer {
    const { buffer } = this.#memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = Buffer.from(buffer);
    return this.#bytes;
  }

  async #ask<Expected extends Answer>(
    call: CallOf<'begin'> | CallOf<'push'> | CallOf<'read'> | CallOf<'take'>,
    given: readonly ArrayBuffer[] = [],
  ): Promise<Expected> {
    try {
      return await this.#thread.ask<Expected>({ machine: this.#number, ...call }, given);
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }
}
