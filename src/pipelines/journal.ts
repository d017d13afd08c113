import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { crashPoint } from '../base/crash-points.js';
import { MillpondError, systemCode } from '../base/errors.js';
import { createFileAtomic, removeFile, syncFolder } from '../base/files.js';
import { OpenFile } from '../base/open-file.js';
import type { Ask, JournalEntry, Phase } from '../contracts/index.js';

/** The format of an entry's file. A newer one is refused, so that no older Millpond ends what it cannot read. */
const FORMAT = 1;

/** To add to a file that is there, whoever else does, and to read it. */
const ADDING = constants.O_RDWR | constants.O_APPEND;

/** Entries that are claimed at once: hundreds would hold up all else that goes to the disk. */
const CLAIMS_AT_ONCE = 8;

/** An entry that could not be read: set aside, never deleted. */
export interface DamagedEntry {
  /** Where it lies now. */
  readonly file: string;
  readonly why: string;
}

/**
 * What is in flight, a small file an ask: `<ask's fingerprint>.jsonl`, a line a revision. The file
 * appears whole, with its first line. A move adds a line; of lines with one revision the first
 * counts, so whoever sees another's before its own did not move it (compare-and-set without a
 * lock). A line that is torn never was. Every call is durable on return.
 */
export class Journal {
  readonly #folder: string;
  readonly #claims = pLimit(CLAIMS_AT_ONCE);

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the journal of a landing folder, making its folder where it is missing. */
  static async open(landing: string): Promise<Journal> {
    const folder = path.join(landing, 'journal');
    await fs.mkdir(path.join(folder, 'damaged'), { recursive: true });
    return new Journal(folder);
  }

  /**
   * Everything in flight, whoever owns it. Damaged files are moved to `journal/damaged/`.
   * @throws MillpondError `E_FORMAT_NEWER` where a newer Millpond wrote an entry.
   */
  async entries(): Promise<{ entries: JournalEntry[]; damaged: DamagedEntry[] }> {
    const damaged: DamagedEntry[] = [];
    const entries: JournalEntry[] = [];
    for (const name of await fs.readdir(this.#folder)) {
      const id = /^([0-9a-f]{32})\.jsonl$/.exec(name)?.[1];
      const entry = id && (await this.#read(id, damaged));
      if (entry) entries.push(entry);
    }
    return { entries, damaged };
  }

  /** The entry of an ask, or undefined where it is not in flight. */
  async find(fingerprint: string): Promise<JournalEntry | undefined> {
    return this.#read(fingerprint, []);
  }

  /**
   * Makes the ask's entry, with its intent on disk, unless it is there.
   * @returns the entry, and whether this call made it.
   */
  async claim(ask: Ask, owner: string, state: Phase, now: Date): Promise<{ entry: JournalEntry; created: boolean }> {
    const entry: JournalEntry = {
      id: ask.fingerprint,
      revision: 1,
      ask,
      owner,
      askedAt: now.toISOString(),
      attempts: 0,
      state,
    };
    for (;;) {
      const isOurs = await this.#claims(() => createFileAtomic(this.#file(entry.id), `${encode(entry)}\n`));
      if (isOurs) return { entry, created: true };
      const existing = await this.find(entry.id);
      if (existing) return { entry: existing, created: false };
    }
  }

  /**
   * The next revision of an entry.
   * @returns undefined where somebody else moved it first, or ended it.
   */
  async move(
    entry: JournalEntry,
    change: Partial<Pick<JournalEntry, 'owner' | 'askedAt' | 'attempts' | 'state'>>,
  ): Promise<JournalEntry | undefined> {
    const next: JournalEntry = { ...entry, ...change, revision: entry.revision + 1 };
    return (await this.#add(next)) ? next : undefined;
  }

  /** The ask is no longer in flight. */
  async end(entry: JournalEntry): Promise<void> {
    await removeFile(this.#file(entry.id));
    await syncFolder(this.#folder);
    crashPoint('journal.entry.ended');
  }

  /** Adds a revision to its entry's file. @returns whether nobody else had added it, nor ended the entry. */
  async #add(next: JournalEntry): Promise<boolean> {
    const file = this.#file(next.id);
    let opened: OpenFile;
    try {
      opened = await OpenFile.open(file, ADDING);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
    try {
      // What a full disk left of another's line is ended by the line feed before ours.
      const line = encode(next);
      await opened.write(`\n${line}\n`);
      const isOurs = decode(await opened.readText(), next.id, file).lines.get(next.revision) === line;
      if (isOurs) await opened.sync();
      return isOurs;
    } finally {
      await opened.close();
    }
  }

  /** The newest revision; a file without any is set aside. */
  async #read(id: string, damaged: DamagedEntry[]): Promise<JournalEntry | undefined> {
    const file = this.#file(id);
    let text: string;
    try {
      text = await fs.readFile(file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined; // ended while we looked
      throw error;
    }
    const { newest, why } = decode(text, id, file);
    if (newest) return newest;
    const aside = path.join(this.#folder, 'damaged', path.basename(file));
    await fs.rename(file, aside);
    damaged.push({ file: aside, why });
    return undefined;
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.jsonl`);
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The line of a revision. */
function encode(entry: JournalEntry): string {
  return JSON.stringify({ format: FORMAT, sha256: checksum(JSON.stringify(entry)), entry });
}

/** What a file says: its newest revision, the line of each, and what is wrong with the last line that is none. */
interface Decoded {
  readonly newest: JournalEntry | undefined;
  readonly lines: ReadonlyMap<number, string>;
  readonly why: string;
}

/** @throws MillpondError `E_FORMAT_NEWER`. */
function decode(text: string, id: string, file: string): Decoded {
  const lines = new Map<number, string>();
  let newest: JournalEntry | undefined;
  let why = 'it is empty';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const entry = decodeLine(line, id, file);
    if (typeof entry === 'string') why = entry;
    else if (!lines.has(entry.revision)) {
      lines.set(entry.revision, line);
      if (entry.revision > (newest?.revision ?? 0)) newest = entry;
    }
  }
  return { newest, lines, why };
}

/** The entry, or what is wrong with its line. */
function decodeLine(line: string, id: string, file: string): JournalEntry | string {
  try {
    const { format, sha256, entry } = JSON.parse(line) as { format: number; sha256: string; entry: JournalEntry };
    if (typeof format === 'number' && format > FORMAT) {
      throw new MillpondError(
        'E_FORMAT_NEWER',
        `${file} has journal format ${format}; this Millpond knows ${FORMAT} at most`,
        { at: { path: file } },
      );
    }
    if (sha256 !== checksum(JSON.stringify(entry))) return 'its checksum does not hold';
    return entry.id === id ? entry : `it belongs to ${entry.id}`;
  } catch (error) {
    if (error instanceof MillpondError) throw error;
    return 'it is no journal entry';
  }
}
