/**
 * The thread on which plain text is read, by WebAssembly, in memory that it shares with who asks:
 * bytes and cells never travel, only their places. Started by `machine.ts`.
 */
import { createHash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import type {
  Answer,
  Call,
  Cells,
  CellsOfColumn,
  Failure,
  Inflated,
  MachineCall,
  Memory,
  OddRecord,
  PlainMember,
  Progress,
  TextCall,
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

/** How many bytes there is room for without asking: inflated text comes in pieces of this size. */
const ROOM = 1 << 20;
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

/** How much of a text's beginning is shown to who asks. */
const HEAD_BYTES = 64 << 10;
/** Less than this stands in memory that Node shares out: it cannot be given to another thread. */
const LEAST_PIECE = 64 << 10;
/** What JSON calls white space. */
const SPACES: readonly (number | undefined)[] = [0x20, 0x09, 0x0a, 0x0d];

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

  push(bytes: number): Progress {
    return this.#progress(this.#exports.push(bytes) !== 0, ROOM);
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

  room(bytes: number): Progress {
    return this.#progress(true, bytes);
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
    return this.push(bytes.length);
  }

  #put(bytes: Uint8Array): void {
    const at = this.#exports.input(bytes.length);
    this.#bytes.set(bytes, at);
  }

  #progress(isPlain: boolean, room: number): Progress {
    const exports = this.#exports;
    // Making room may move what is not read yet.
    const input = exports.input(room);
    const [place, rest, restBytes] = [exports.place(), exports.rest(), exports.restBytes()];
    const isWhole = isPlain && restBytes === 0 && (this.#isLines || place === AFTER);
    return { isPlain, isWhole, place, rest, restBytes, input, room };
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
const SILENT: readonly Call['kind'][] = ['open', 'free', 'keep', 'drop'];

const instances = new Map<number, Instance>();
const texts = new Map<number, Uint8Array>();

parentPort!.on('message', (call: Call) => {
  const answer = answerTo(call);
  if (answer) parentPort!.postMessage(answer, answer instanceof Uint8Array ? [answer.buffer as ArrayBuffer] : []);
});

/** One that fails leaves the others alone. */
function answerTo(call: Call): Answer | Failure | undefined {
  try {
    return 'machine' in call ? work(call) : keep(call);
  } catch (error) {
    if ('machine' in call) instances.delete(call.machine);
    return SILENT.includes(call.kind) ? undefined : { failure: String(error) };
  }
}

function work(call: MachineCall): Progress | Cells | TextsRead | undefined {
  if (call.kind === 'open') {
    instances.set(call.machine, new Instance(call.module, call.memory));
    return undefined;
  }
  const instance = instances.get(call.machine);
  if (!instance) throw new Error('There is no such reader of plain records.');
  switch (call.kind) {
    case 'begin':
      return instance.begin(call.isLines, call.members, call.text);
    case 'push':
      return instance.push(call.bytes);
    case 'read':
      return read(instance, call);
    case 'room':
      return instance.room(call.bytes);
    case 'take':
      return instance.take();
    case 'free':
      instance.free();
      return undefined;
  }
}

function read(instance: Instance, call: Extract<MachineCall, { kind: 'read' }>): TextsRead {
  instance.begin(call.isLines, call.members, Buffer.alloc(0));
  const read = call.texts.map((number) => {
    const cells = instance.readText(textOf(number));
    if (cells) texts.delete(number);
    return cells;
  });
  return { texts: read, cells: instance.take() };
}

function keep(call: TextCall): Inflated | Uint8Array | undefined {
  switch (call.kind) {
    case 'keep':
      texts.set(call.text, call.bytes);
      return undefined;
    case 'inflate':
      return inflate(call);
    case 'give': {
      const text = textOf(call.text);
      texts.delete(call.text);
      return text;
    }
    case 'drop':
      texts.delete(call.text);
      return undefined;
  }
}

function textOf(number: number): Uint8Array {
  const text = texts.get(number);
  if (!text) throw new Error('There is no such text.');
  return text;
}

function inflate({ text: number, file, bytes, mostBytes }: Extract<TextCall, { kind: 'inflate' }>): Inflated {
  const nothing = { bytes: 0, sha256: '', head: new Uint8Array(0), lastByte: undefined };
  let text: Uint8Array;
  try {
    // One byte more, or zlib makes another piece to see that nothing follows.
    text = gunzipSync(file, { chunkSize: Math.max(bytes + 1, LEAST_PIECE), maxOutputLength: mostBytes });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { ...nothing, isTooLong: true };
    if (code.startsWith('Z_')) return { ...nothing, spoilt: message };
    throw error;
  }
  texts.set(number, text);
  let end = text.length;
  while (end > 0 && SPACES.includes(text[end - 1])) end -= 1;
  const sha256 = createHash('sha256').update(text).digest('hex');
  return { bytes: text.length, sha256, head: new Uint8Array(text.subarray(0, HEAD_BYTES)), lastByte: text[end - 1] };
}
