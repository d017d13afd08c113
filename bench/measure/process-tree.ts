import fs from 'node:fs';

/**
 * Watches the resident memory of a process and all its descendants, where the system shows it
 * (Linux). Shared pages count once per process; a peak shorter than the interval may be missed.
 */
export class TreeMemory {
  readonly #root: number;
  readonly #timer: NodeJS.Timeout;
  #pids: readonly number[];
  #looks = 0;
  #peakKiB = 0;

  constructor(root: number, intervalMs = 25) {
    this.#root = root;
    this.#pids = [root];
    this.#timer = setInterval(() => this.#look(), intervalMs);
  }

  /** @returns the highest sum seen, in MiB; 0 where nothing could be seen. */
  stop(): number {
    clearInterval(this.#timer);
    return this.#peakKiB / 1024;
  }

  #look(): void {
    if (this.#looks++ % 8 === 0) this.#pids = descendants(this.#root);
    const sum = this.#pids.reduce((total, pid) => total + residentKiB(pid), 0);
    this.#peakKiB = Math.max(this.#peakKiB, sum);
  }
}

function residentKiB(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readText(`/proc/${pid}/status`));
  return Number(found?.[1] ?? 0);
}

/** A process, its children, theirs, and so on. */
function descendants(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    for (const task of listFolder(`/proc/${pid}/task`)) {
      for (const child of readText(`/proc/${pid}/task/${task}/children`).split(' ')) {
        if (child !== '') found.push(Number(child));
      }
    }
  }
  return found;
}

/** Processes end while they are looked at: then there is nothing. */
function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function listFolder(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}
