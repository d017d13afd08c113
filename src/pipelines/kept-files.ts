import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Artifact, Ask } from '../contracts/index.js';
import type { Landing } from './landing.js';

/** What the landing folder still keeps, as a plan wants to know it. Looks into each folder once. */
export class KeptFiles {
  readonly #landing: Landing;
  readonly #folders = new Map<string, readonly string[]>();

  constructor(landing: Landing) {
    this.#landing = landing;
  }

  /** Whether the artifact at this path, relative to the landing folder, is there. */
  has(artifactPath: string): boolean {
    return existsSync(path.join(this.#landing.path, artifactPath));
  }

  /** The files that answered this very ask whole, the last time it was; undefined where there are none. */
  answers(ask: Ask): readonly Artifact[] | undefined {
    const folder = path.posix.dirname(this.#landing.artifactPath(ask, '', undefined).path);
    const names = this.#names(folder).filter((name) => name.startsWith(`${ask.fingerprint}-`));
    if (names.length === 0) return undefined;
    const artifacts = names
      .map((name) => this.#landing.readSync(path.posix.join(folder, name)))
      .filter((artifact) => artifact?.job !== undefined)
      .sort((a, b) => (a!.asOf < b!.asOf ? 1 : -1));
    const jobs = artifacts[0]?.jobs ?? [];
    const whole = jobs.map((id) => artifacts.find((artifact) => artifact!.job!.id === id));
    return jobs.length > 0 && whole.every((artifact) => artifact !== undefined) ? (whole as Artifact[]) : undefined;
  }

  #names(folder: string): readonly string[] {
    let names = this.#folders.get(folder);
    if (!names) {
      const absolute = path.join(this.#landing.path, folder);
      names = existsSync(absolute) ? readdirSync(absolute).filter((name) => name.endsWith('.json.gz')) : [];
      this.#folders.set(folder, names);
    }
    return names;
  }
}
