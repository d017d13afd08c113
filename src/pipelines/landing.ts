import { readFileSync, statSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { asMillpondError, MillpondError, systemCode } from '../base/errors.js';
import { temporaryOwner, writeFileAtomic } from '../base/files.js';
import type { Artifact, Ask, Job } from '../contracts/index.js';

/**
 * The landing folder:
 *
 * ```
 * journal/      what is in flight
 * artifacts/    <dataset>/<scope>/<ask's fingerprint>-<as of>[-<part>].json.gz, beside each its record .meta.json
 * staging/      parts on their way into sinks; nothing here outlives its process
 * locks/        one a pipeline
 * making/       <connection>/: what was made at the source, or is about to be, with its token
 * ```
 */
export class Landing {
  readonly path: string;

  private constructor(folder: string) {
    this.path = folder;
  }

  /** @throws MillpondError `E_PATH_UNWRITABLE` where the folder cannot be made or written to. */
  static async open(folder: string): Promise<Landing> {
    try {
      for (const sub of ['artifacts', 'journal', 'staging', 'locks'])
        await fs.mkdir(path.join(folder, sub), { recursive: true });
      const probe = path.join(folder, 'staging', `.tmp-${process.pid}-probe`);
      await fs.writeFile(probe, '');
      await fs.rm(probe);
    } catch (error) {
      const known = asMillpondError(error);
      if (known.code === 'E_DISK_FULL') throw known;
      throw new MillpondError(
        'E_PATH_UNWRITABLE',
        `The landing folder ${folder} cannot be written to: ${known.message}`,
        {
          cause: error,
          at: { path: folder },
        },
      );
    }
    return new Landing(folder);
  }

  /** Where a run stages; removed by the {@link sweep} of a later one if its process dies. */
  staging(runId: string): string {
    return path.join(this.path, 'staging', `${process.pid}-${runId}`);
  }

  lock(pipeline: string): string {
    return path.join(this.path, 'locks', `${pipeline.replace(/[^\w.-]/g, '_')}.lock`);
  }

  /** Absolute path of an artifact's file. */
  file(artifact: Pick<Artifact, 'path'>): string {
    return path.join(this.path, artifact.path);
  }

  /** Where an artifact of this ask goes: relative to the landing folder, unique, safe as a file name. */
  artifactPath(ask: Ask, asOf: string, part: string | undefined): { readonly id: string; readonly path: string } {
    const scopes = new Set(ask.slices.map((key) => key.scope));
    const scope = scopes.size === 1 ? [...scopes][0]! : '_all';
    const stamp = asOf.replace(/\D/g, '').slice(0, 17);
    const id = `${ask.fingerprint}-${stamp}${part ? `-${safe(part)}` : ''}`;
    return { id, path: path.posix.join(this.artifactFolder(ask.dataset), safe(scope), `${id}.json.gz`) };
  }

  /** Where the artifacts of a dataset are, a folder a scope: relative to the landing folder. */
  artifactFolder(dataset: string): string {
    return path.posix.join('artifacts', safe(dataset));
  }

  /** Puts an artifact's record beside it: from now on it counts. */
  async record(artifact: Artifact): Promise<void> {
    await writeFileAtomic(this.recordOf(artifact.path), `${JSON.stringify(artifact)}\n`);
  }

  /** The record of the artifact at `relative`, if record and file are both there. */
  async read(relative: string): Promise<Artifact | undefined> {
    try {
      const artifact = JSON.parse(await fs.readFile(this.recordOf(relative), 'utf8')) as Artifact;
      const { size } = await fs.stat(this.file(artifact));
      return size === artifact.bytes ? artifact : undefined;
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** {@link read} for a plan, which does not wait. */
  readSync(relative: string): Artifact | undefined {
    try {
      const artifact = JSON.parse(readFileSync(this.recordOf(relative), 'utf8')) as Artifact;
      return statSync(this.file(artifact)).size === artifact.bytes ? artifact : undefined;
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** What landed of a job, if it is whole. Looks in one place: a folder can hold thousands. */
  async artifactOf(ask: Ask, job: Job): Promise<Artifact | undefined> {
    const artifact = await this.read(this.artifactPath(ask, job.asOf, job.part).path);
    return artifact?.job?.id === job.id ? artifact : undefined;
  }

  /** Artifacts of an ask that are whole, whoever landed them. */
  async artifactsOf(ask: Ask): Promise<Artifact[]> {
    const folder = path.posix.dirname(this.artifactPath(ask, '', undefined).path);
    let names: string[];
    try {
      names = await fs.readdir(path.join(this.path, folder));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
    const records = names.filter((name) => name.startsWith(`${ask.fingerprint}-`) && name.endsWith('.json.gz'));
    const artifacts = await Promise.all(records.sort().map((name) => this.read(path.posix.join(folder, name))));
    return artifacts.filter((artifact) => artifact !== undefined);
  }

  /** Removes what dead processes left behind: staging folders and temporary files. */
  async sweep(): Promise<void> {
    const staging = path.join(this.path, 'staging');
    for (const name of await fs.readdir(staging)) {
      const pid = /^\d+/.test(name) ? Number.parseInt(name, 10) : temporaryOwner(name);
      if (pid !== undefined && pid !== process.pid && !isAlive(pid)) {
        await fs.rm(path.join(staging, name), { recursive: true, force: true });
      }
    }
    for (const folder of ['artifacts', 'journal', 'locks']) {
      for (const name of await fs.readdir(path.join(this.path, folder), { recursive: true })) {
        const pid = temporaryOwner(path.basename(name));
        if (pid !== undefined && pid !== process.pid && !isAlive(pid)) {
          await fs.rm(path.join(this.path, folder, name), { force: true });
        }
      }
    }
  }

  /** Absolute path of the record that stands beside an artifact. */
  recordOf(relative: string): string {
    return path.join(this.path, recordBeside(relative));
  }
}

/** Path of the record that stands beside an artifact, from the artifact's own. */
export function recordBeside(artifact: string): string {
  return artifact.replace(/(\.json)?(\.gz)?$/, '.meta.json');
}

/** Path of the artifact beside which a record stands, from the record's own. */
export function artifactBeside(record: string): string {
  return record.replace(/\.meta\.json$/, '.json.gz');
}

/** A name that no file system and no shell trips over. */
function safe(name: string): string {
  return name.replace(/[^\w=+-]/g, '_').slice(0, 100);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
