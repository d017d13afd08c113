import { Worker } from 'node:worker_threads';
import { MillpondError } from '../../base/errors.js';
import type { Call, Cells, Failure, Memory, PlainMember, Progress } from './protocol.js';
import { PAGES, WASM } from './wasm.js';

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number; readonly shared: true }) => Memory;
};

/** What somebody waits for. */
interface Waiting {
  resolve(answer: never): void;
  reject(error: unknown): void;
}

type CallOf<Kind extends Call['kind']> = Omit<Extract<Call, { kind: Kind }>, 'machine'>;

/** The thread that reads, started when it is first needed. It keeps no process alive but while it is waited for. */
class Thread {
  readonly module = new WebAssembly.Module(Buffer.from(WASM, 'base64'));
  readonly #worker = new Worker(new URL('./thread.js', import.meta.url), { name: 'millpond reader', execArgv: [] });
  readonly #waiting: Waiting[] = [];
  #ended: unknown;

  constructor() {
    this.#worker.unref();
    this.#worker.on('message', (answer) => this.#take(answer));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', () => this.#end(new MillpondError('E_BUG', 'The thread that reads has ended')));
  }

  tell(call: Call): void {
    this.#worker.postMessage(call);
  }

  /** @throws MillpondError `E_BUG` where the call fails; whatever the thread died of. */
  ask<Answer extends Progress | Cells>(call: Call): Promise<Answer> {
    if (this.#ended) return Promise.reject(this.#ended);
    return new Promise<Answer>((resolve, reject) => {
      this.#worker.ref();
      this.#waiting.push({ resolve, reject });
      this.tell(call);
    });
  }

  #take(answer: Progress | Cells | Failure): void {
    const waiting = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#worker.unref();
    if ('failure' in answer) waiting?.reject(new MillpondError('E_BUG', answer.failure));
    else waiting?.resolve(answer as never);
  }

  #end(error: unknown): void {
    this.#ended ??= error;
    if (thread === this) thread = undefined;
    idle.length = 0;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

let thread: Thread | undefined;
const idle: Machine[] = [];
let machines = 0;

/** A reader on the reading thread, with a memory of its own, which never shrinks: it is used again. */
export class Machine {
  readonly #thread: Thread;
  readonly #number = machines++;
  readonly #memory = new WebAssembly.Memory({ ...PAGES, shared: true });
  #bytes: Buffer = Buffer.alloc(0);
  #isBroken = false;

  private constructor() {
    thread ??= new Thread();
    this.#thread = thread;
    thread.tell({ machine: this.#number, kind: 'open', module: thread.module, memory: this.#memory });
  }

  /** One that is free, or a new one. */
  static take(): Machine {
    return idle.pop() ?? new Machine();
  }

  /** It is not needed any more. */
  release(): void {
    this.#thread.tell({ machine: this.#number, kind: 'free' });
    if (thread === this.#thread && !this.#isBroken) idle.push(this);
  }

  /** Begins a text with what is known of it already. */
  begin(isLines: boolean, members: readonly PlainMember[], text: Uint8Array): Promise<Progress> {
    return this.#ask({ kind: 'begin', isLines, members, text });
  }

  /** Begins another text of the same kind. @param keeps whether the cells of the one before stay. */
  next(keeps: boolean): Promise<Progress> {
    return this.#ask({ kind: 'next', keeps });
  }

  /** The next bytes of the text. @param after what the last call said. */
  async push(bytes: Uint8Array, after: Progress): Promise<Progress> {
    const { input } =
      bytes.length <= after.room ? after : await this.#ask<Progress>({ kind: 'room', bytes: bytes.length });
    this.bytes.set(bytes, input);
    return this.#ask({ kind: 'push', bytes: bytes.length });
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

  async #ask<Answer extends Progress | Cells>(
    call: CallOf<'begin'> | CallOf<'next'> | CallOf<'room'> | CallOf<'push'> | CallOf<'take'>,
  ): Promise<Answer> {
    try {
      return await this.#thread.ask<Answer>({ machine: this.#number, ...call });
    } catch (error) {
      this.#isBroken = true;
      throw error;
    }
  }
}
