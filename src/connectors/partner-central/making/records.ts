import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { MillpondError, systemCode } from '../../../base/errors.js';
import { createFileAtomic, writeFileAtomic } from '../../../base/files.js';
import type { Ctx } from '../../../contracts/index.js';

/** What is made, wherever it comes from. */
export interface Subject {
  readonly kind: 'snapshot' | 'job';
  readonly catalog: string;
  readonly engagement: string;
  readonly resource: string;
  readonly template: string;
}

/** One making: its subject, and which of all its makings it is. */
export interface Identity {
  readonly subject: Subject;
  /** The state of the resource that is copied, or the user's own token: another one is another making. */
  readonly of: string;
}

/** What the service answered. */
export interface Made {
  readonly arn: string;
  /** Of a snapshot. */
  readonly revision?: number;
  /** Of a job. */
  readonly id?: string;
  /** ISO instant at which we knew. */
  readonly at: string;
}

/** A making on record. */
export interface MakingRecord extends Identity {
  readonly format: 1;
  /** What the service knows it by. */
  readonly token: string;
  /** ISO instant: the service may have been asked from then on. */
  readonly begunAt: string;
  /** Null: the answer is not here. */
  readonly made: Made | null;
}

/**
 * The makings of one connection, a small file each. A record is on disk before the service is
 * asked, and whoever finds it uses its token again: that is what keeps a making from happening twice.
 */
export class MakingRecords {
  readonly #folder: string;

  /** @param folder `making/<connection>` of the landing folder; made at the first record. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws MillpondError `E_JOURNAL_CORRUPT` for a record that cannot be read. */
  async find(identity: Identity): Promise<MakingRecord | undefined> {
    const file = this.#file(identity);
    let text: string;
    try {
      text = await fs.readFile(file, 'utf8');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
    return readRecord(text, file);
  }

  /**
   * Puts a making on record, unless it is there already; of two processes at once, one wins.
   * @returns the record that stands there now: `resumed` if it is an earlier one.
   */
  async begin(
    identity: Identity,
    token: string | undefined,
    ctx: Ctx,
  ): Promise<{ readonly record: MakingRecord; readonly resumed: boolean }> {
    const record: MakingRecord = {
      format: 1,
      ...identity,
      token: token ?? randomUUID(),
      begunAt: ctx.now().toISOString(),
      made: null,
    };
    await fs.mkdir(this.#folder, { recursive: true });
    if (await createFileAtomic(this.#file(identity), toText(record))) return { record, resumed: false };
    const earlier = await this.find(identity);
    return earlier ? { record: earlier, resumed: true } : this.begin(identity, token, ctx);
  }

  /** Adds the answer, and forgets makings of other states: no state comes again, and nobody will ask with their tokens. */
  async settle(record: MakingRecord, made: Omit<Made, 'at'>, ctx: Ctx): Promise<void> {
    const settled: MakingRecord = { ...record, made: { ...made, at: ctx.now().toISOString() } };
    const current = this.#file(record);
    await writeFileAtomic(current, toText(settled));
    for (const name of await fs.readdir(this.#folder)) {
      const isState = name.startsWith(`${subjectMark(record.subject)}-s`);
      if (isState && name !== path.basename(current)) await fs.rm(path.join(this.#folder, name), { force: true });
    }
  }

  /** For a making that the service has refused for good. */
  async forget(identity: Identity): Promise<void> {
    await fs.rm(this.#file(identity), { force: true });
  }

  #file({ subject, of }: Identity): string {
    const state = of.startsWith('state ') ? 's' : 't';
    return path.join(this.#folder, `${subjectMark(subject)}-${state}${mark(of)}.json`);
  }
}

function subjectMark({ kind, catalog, engagement, resource, template }: Subject): string {
  return mark(kind, catalog, engagement, resource, template);
}

function mark(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24);
}

function toText(record: MakingRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

function readRecord(text: string, file: string): MakingRecord {
  try {
    const record = JSON.parse(text) as MakingRecord;
    if (record.format === 1 && typeof record.token === 'string') return record;
  } catch {
    // Told below, like any other record that makes no sense.
  }
  throw new MillpondError('E_JOURNAL_CORRUPT', `The record of a making, ${file}, cannot be read`, {
    hint: 'Look at the service whether it was made; then remove the file.',
    at: { path: file },
  });
}
