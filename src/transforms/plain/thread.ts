/**
 * The threads on which plain text is inflated and read. Reading is WebAssembly's, in memory that is
 * shared with who asks: cells never travel, only their places. Started by `worker-thread.ts`.
 */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import type {
  Answer,
  Begun,
  Call,
  Cells,
  CellsOfColumn,
  Failure,
  InflateCall,
  Inflated,
  MachineCall,
  Memory,
  OddRecord,
  PlainMember,
  Progress,
  TextsRead,
} from './protocol.js';

/** What `assembly/index.ts` exports; places are addresses in its memory. */
interface Exports {
  begin(isLines: boolean): void;
  next(keeps: boolean): void;
  collect(): void;
  addMember(nameLength: number, isNeeded: boolean, kind: number, whole: number, scale: number): void;
  input(bytes: number): number;
  push(bytes: number): number;
  docks(): number;
  dock(number: number, bytes: number): number;
  pushDocked(at: number, bytes: number): number;
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

declare const WebAssembly: {
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** By the numbers of `types.ts`. */
const TEXT = 2;
/** The place behind a list, by the numbers of `assembly/reader.ts`. */
const AFTER = 3;
/** Ends the last of lines, which need not be. */
const NEW_LINE = Buffer.from('\n');

/** So many plain records make one that is not worth judging by itself; with more, what follows is judged in SQL. */
const PLAIN_FOR_ODD = 32;
/** Odd ones that may come before it is known how many are plain. */
const ODD_AT_FIRST = 16;
/** Bytes of odd records that are kept in memory. */
const MOST_ODD_BYTES = 4 << 20;

/** Less than this stands in memory that Node shares out: it cannot be given to another thread. */
const LEAST_PIECE = 64 << 10;

/** An instance of the reader in WebAssembly, with its memory. */
class Instance {
  readonly #exports: Exports;
  readonly #memory: Memory;
  #isLines = false;
  #members: readonly PlainMember[] = [];
  #odd: OddRecord[] = [];
  #oddBytes = 0;

  constructor(module: object, memory: Memory) {
    const host: Host = {
      doubleOf: (at, length) => Number(this.#bytes.toString('latin1', at, at + length)),
      setAside: (at, length, number) => Number(this.#setAside(at, length, number)),
    };
    const env = {
      memory,
      abort: () => {
        throw new Error('The reader of plain records failed.');
      },
    };
    this.#memory = memory;
    this.#exports = new WebAssembly.Instance(module, { host, env }).exports as Exports;
  }

  begin(isLines: boolean, members: readonly PlainMember[], text: Uint8Array): Progress {
    this.#exports.begin(isLines);
    this.#isLines = isLines;
    this.#members = members;
    this.#beginText();
    for (const { source, isNeeded, reads } of members) {
      const { kind, whole = 0, scale = 0 } = reads;
      this.#put(Buffer.from(source));
      this.#exports.addMember(source.length, isNeeded, kind, whole, scale);
    }
    return this.#read(text);
  }

  /** Where pieces of the text go. */
  docks(pieceBytes: number): number[] {
    return Array.from({ length: this.#exports.docks() }, (_, number) => this.#exports.dock(number, pieceBytes));
  }

  push(at: number, bytes: number): Progress {
    return this.#progress(this.#exports.pushDocked(at, bytes) !== 0);
  }

  /** Reads a text from its beginning to its end. @returns all cells there are then; undefined where it is not plain. */
  readText(text: Uint8Array): Cells | undefined {
    let progress = this.#read(text);
    if (this.#isLines && progress.isPlain) progress = this.#read(NEW_LINE);
    const cells = progress.isWhole ? this.take() : undefined;
    this.#exports.next(progress.isWhole);
    this.#beginText();
    return cells;
  }

  take(): Cells {
    const { records, rows, rowCount } = this.#exports;
    const columns = this.#members.map((_, member) => this.#column(member));
    return { records: records(), odd: this.#odd, rows: rows(), rowCount: rowCount(), columns };
  }

  free(): void {
    this.#exports.begin(false);
    this.#exports.collect();
    this.#odd = [];
  }

  get #bytes(): Buffer {
    return Buffer.from(this.#memory.buffer);
  }

  #beginText(): void {
    this.#odd = [];
    this.#oddBytes = 0;
  }

  #read(bytes: Uint8Array): Progress {
    this.#put(bytes);
    return this.#progress(this.#exports.push(bytes.length) !== 0);
  }

  #put(bytes: Uint8Array): void {
    const at = this.#exports.input(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #progress(isPlain: boolean): Progress {
    const exports = this.#exports;
    const [place, rest, restBytes] = [exports.place(), exports.rest(), exports.restBytes()];
    const isWhole = isPlain && restBytes === 0 && (this.#isLines || place === AFTER);
    return { isPlain, isWhole, place, rest, restBytes };
  }

  #column(member: number): CellsOfColumn {
    const { values, valueCount, nulls, nullCount, dictionary, dictionaryBytes, dictionaryCount } = this.#exports;
    const cells = {
      values: values(member),
      count: valueCount(member),
      nulls: nulls(member),
      nullCount: nullCount(member),
    };
    if (this.#members[member]!.reads.kind !== TEXT) return cells;
    const page = { start: dictionary(member), bytes: dictionaryBytes(member), count: dictionaryCount(member) };
    return { ...cells, dictionary: page };
  }

  #setAside(at: number, length: number, row: number): boolean {
    const isTooMuch = this.#odd.length >= ODD_AT_FIRST + row / PLAIN_FOR_ODD;
    if (isTooMuch || this.#oddBytes + length > MOST_ODD_BYTES) return false;
    this.#odd.push({ row, bytes: new Uint8Array(this.#bytes.subarray(at, at + length)) });
    this.#oddBytes += length;
    return true;
  }
}

/** Calls that nobody waits for. */
const SILENT: readonly Call['kind'][] = ['open', 'free'];

const instances = new Map<number, Instance>();

parentPort!.on('message', (call: Call) => {
  const answer = answerTo(call);
  if (answer) parentPort!.postMessage(answer, memoryOf(answer));
});

/** One that fails leaves the others alone. */
function answerTo(call: Call): Answer | Failure | undefined {
  try {
    return call.kind === 'inflate' ? inflate(call) : work(call);
  } catch (error) {
    if (call.kind !== 'inflate') instances.delete(call.machine);
    return SILENT.includes(call.kind) ? undefined : { failure: String(error) };
  }
}

/** Memory that goes with an answer. */
function memoryOf(answer: Answer | Failure): ArrayBuffer[] {
  const texts = 'texts' in answer ? answer.texts : 'text' in answer ? [answer.text] : [];
  return texts.flatMap((text) => (text instanceof Uint8Array ? [text.buffer as ArrayBuffer] : []));
}

function work(call: MachineCall): Progress | Begun | Cells | TextsRead | undefined {
  if (call.kind === 'open') {
    instances.set(call.machine, new Instance(call.module, call.memory));
    return undefined;
  }
  const instance = instances.get(call.machine);
  if (!instance) throw new Error('There is no such reader of plain records.');
  switch (call.kind) {
    case 'begin':
      return { ...instance.begin(call.isLines, call.members, call.text), docks: instance.docks(call.pieceBytes) };
    case 'push':
      return instance.push(call.at, call.bytes);
    case 'read': {
      instance.begin(call.isLines, call.members, Buffer.alloc(0));
      const texts = call.texts.map((text) => instance.readText(text) ?? text);
      return { texts, cells: instance.take() };
    }
    case 'take':
      return instance.take();
    case 'free':
      instance.free();
      return undefined;
  }
}

function inflate({ file, bytes, mostBytes }: InflateCall): Inflated {
  try {
    // One byte more, or zlib makes another piece to see that nothing follows.
    const text = gunzipSync(file, { chunkSize: Math.max(bytes + 1, LEAST_PIECE), maxOutputLength: mostBytes });
    return { text, sha256: createHash('sha256').update(text).digest('hex') };
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { isTooLong: true };
    if (code.startsWith('Z_')) return { spoilt: message };
    throw error;
  }
}
