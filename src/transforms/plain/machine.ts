import { WASM } from './wasm.js';

/** What `assembly/index.ts` exports; places are addresses in its memory. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  begin(isLines: boolean): void;
  collect(): void;
  addMember(nameLength: number, isNeeded: boolean, kind: number, whole: number, scale: number): void;
  input(bytes: number): number;
  push(bytes: number): number;
  clear(): void;
  place(): number;
  rest(): number;
  restBytes(): number;
  records(): number;
  rows(): number;
  rowCount(): number;
  values(member: number): number;
  valueCount(member: number): number;
  nulls(member: number): number;
  nullCount(member: number): number;
  dictionary(member: number): number;
  dictionaryBytes(member: number): number;
  dictionaryCount(member: number): number;
}

/** What `assembly/host.ts` asks for. */
interface Host {
  doubleOf(at: number, length: number): number;
  setAside(at: number, length: number, number: number): number;
}

/** The part of WebAssembly's interface that is needed: Node's types have none of it. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

let compiled: object | undefined;
const idle: Machine[] = [];

/** An instance of the reader in WebAssembly, with a memory of its own, which never shrinks: it is used again. */
export class Machine {
  readonly exports: Exports;
  #bytes: Buffer = Buffer.alloc(0);
  /** Takes a record that is not plain, if it will. */
  onOdd: (record: Buffer, number: number) => boolean = () => false;

  private constructor() {
    compiled ??= new WebAssembly.Module(Buffer.from(WASM, 'base64'));
    const host: Host = {
      doubleOf: (at, length) => Number(this.bytes.toString('latin1', at, at + length)),
      setAside: (at, length, number) => Number(this.onOdd(this.bytes.subarray(at, at + length), number)),
    };
    const env = {
      abort: () => {
        throw new Error('The reader of plain records failed.');
      },
    };
    this.exports = new WebAssembly.Instance(compiled, { host, env }).exports as Exports;
  }

  /** One that is free, or a new one. */
  static take(): Machine {
    return idle.pop() ?? new Machine();
  }

  /** It is not needed any more. */
  release(): void {
    this.exports.begin(false);
    this.exports.collect();
    this.onOdd = () => false;
    idle.push(this);
  }

  /** Its memory as it is now: when it grows, it is another. */
  get bytes(): Buffer {
    const { buffer } = this.exports.memory;
    if (this.#bytes.buffer !== buffer) this.#bytes = Buffer.from(buffer);
    return this.#bytes;
  }

  /** Puts bytes where the reader takes them from. */
  put(bytes: Uint8Array): void {
    const at = this.exports.input(bytes.length);
    this.bytes.set(bytes, at);
  }
}
