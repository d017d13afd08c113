import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../../base/errors.js';
import { writeFileAtomic } from '../../../base/files.js';
import type { SnapshotJob } from '../../../contracts/index.js';

/** What is old of a job: whatever else it shows is news to who waits for it. */
export interface JobMark {
  readonly lastSuccess: string | null;
  readonly lastFailure: string | null;
}

/**
 * Where waiting for a job begins: put down when it is started, and when somebody begins to wait;
 * taken away when the news came. So what happens between a start and a wait, or between two waits
 * of which the first was cut short, is not missed.
 */
export class JobMarks {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The mark that stands, or undefined. One that cannot be read counts for none: waiting begins anew. */
  async find(id: string): Promise<JobMark | undefined> {
    try {
      return JSON.parse(await fs.readFile(this.#file(id), 'utf8')) as JobMark;
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  async keep(id: string, mark: JobMark): Promise<void> {
    await fs.mkdir(this.#folder, { recursive: true });
    await writeFileAtomic(this.#file(id), `${JSON.stringify(mark)}\n`);
  }

  async drop(id: string): Promise<void> {
    await fs.rm(this.#file(id), { force: true });
  }

  #file(id: string): string {
    return path.join(this.#folder, `${id}.mark.json`);
  }
}

/** All that a job shows now, as old. */
export function markOf({ details }: SnapshotJob): JobMark {
  return { lastSuccess: details?.lastSuccess ?? null, lastFailure: details?.lastFailure ?? null };
}
