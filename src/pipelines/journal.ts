import { createHash } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { crashPoint } from '../base/crash-points.js';
import { MillpondError, systemCode } from '../base/errors.js';
import { createFileAtomic, removeFile, syncFolder } from '../base/files.js';
import type { Ask, JournalEntry, Phase } from '../contracts/index.js';

/** The format of an entry's file. A newer one is refused, so that no older Millpond ends what it cannot read. */
const FORMAT = 1;

/** An entry that could not be read: set aside, never deleted. */
export interface DamagedEntry {
  /** Where it lies now. */
  readonly file: string;
  readonly why: string;
}

/**
 * What is in flight, as small files: `<ask's fingerprint>.<revision>.json`. A move writes the
 * next revision under a name that must not exist yet (compare-and-set without a lock), then
 * removes the older one; of several revisions the newest counts, and whoever sees older ones removes
 * them. Every call is durable on return.
 */
export class Journal {
  readonly #folder: string;

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
    const revisions = new Map<string, number[]>();
    for (const name of await fs.readdir(this.#folder)) {
      const match = /^([0-9a-f]{32})\.(\d+)\.json$/.exec(name);
      if (match) revisions.set(match[1]!, [...(revisions.get(match[1]!) ?? []), Number(match[2])]);
    }
    const damaged: DamagedEntry[] = [];
    const entries: JournalEntry[] = [];
    for (const id of revisions.keys()) {
      const entry = await this.#newest(id, revisions.get(id)!, damaged);
      if (entry) entries.push(entry);
    }
    return { entries, damaged };
  }

  /** The entry of an ask, or undefined where it is not in flight. */
  async find(fingerprint: string): Promise<JournalEntry | undefined> {
    return this.#newest(fingerprint, await this.#revisions(fingerprint), []);
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
      const existing = await this.find(entry.id);
      if (existing) return { entry: existing, created: false };
      if (await this.#write(entry)) return { entry, created: true };
    }
  }

  /**
   * The next revision of an entry.
   * @returns undefined where somebody else moved it first.
   */
  async move(
    entry: JournalEntry,
    change: Partial<Pick<JournalEntry, 'owner' | 'askedAt' | 'attempts' | 'state'>>,
  ): Promise<JournalEntry | undefined> {
    const next: JournalEntry = { ...entry, ...change, revision: entry.revision + 1 };
    if (!(await this.#write(next))) return undefined;
    await removeFile(this.#file(entry));
    return next;
  }

  /** The ask is no longer in flight. */
  async end(entry: JournalEntry): Promise<void> {
    await removeFile(this.#file(entry));
    await syncFolder(this.#folder);
    crashPoint('journal.entry.ended');
  }

  async #revisions(id: string): Promise<number[]> {
    const names = await fs.readdir(this.#folder);
    return names
      .filter((name) => name.startsWith(`${id}.`) && name.endsWith('.json'))
      .map((name) => Number(name.split('.')[1]));
  }

  async #newest(id: string, revisions: number[], damaged: DamagedEntry[]): Promise<JournalEntry | undefined> {
    for (const revision of [...revisions].sort((a, b) => b - a)) {
      const file = this.#file({ id, revision });
      let text: string;
      try {
        text = await fs.readFile(file, 'utf8');
      } catch (error) {
        if (systemCode(error) === 'ENOENT') continue; // moved on while we looked
        throw error;
      }
      const result = decode(text, id, file);
      if (typeof result !== 'string') {
        await this.#removeBefore(result, revisions);
        return result;
      }
      const aside = path.join(this.#folder, 'damaged', path.basename(file));
      await fs.rename(file, aside);
      damaged.push({ file: aside, why: result });
    }
    return undefined;
  }

  /** What a kill left of a move: it must not come back to life when the newest one goes. */
  async #removeBefore({ id, revision: newest }: JournalEntry, revisions: readonly number[]): Promise<void> {
    for (const revision of revisions) if (revision < newest) await removeFile(this.#file({ id, revision }));
  }

  #file(entry: Pick<JournalEntry, 'id' | 'revision'>): string {
    return path.join(this.#folder, `${entry.id}.${entry.revision}.json`);
  }

  #write(entry: JournalEntry): Promise<boolean> {
    return createFileAtomic(this.#file(entry), encode(entry));
  }
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function encode(entry: JournalEntry): string {
  const body = JSON.stringify(entry);
  return `${JSON.stringify({ format: FORMAT, sha256: checksum(body) })}\n${body}\n`;
}

/** The entry, or what is wrong with its file. */
function decode(text: string, id: string, file: string): JournalEntry | string {
  const [head = '', body = ''] = text.split('\n');
  try {
    const { format, sha256 } = JSON.parse(head) as { format: number; sha256: string };
    if (typeof format === 'number' && format > FORMAT) {
      throw new MillpondError(
        'E_FORMAT_NEWER',
        `${file} has journal format ${format}; this Millpond knows ${FORMAT} at most`,
        { at: { path: file } },
      );
    }
    if (sha256 !== checksum(body)) return 'its checksum does not hold';
    const entry = JSON.parse(body) as JournalEntry;
    return entry.id === id ? entry : `it belongs to ${entry.id}`;
  } catch (error) {
    if (error instanceof MillpondError) throw error;
    return 'it is no journal entry';
  }
}
