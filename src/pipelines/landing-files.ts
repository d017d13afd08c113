import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import { temporaryOwner } from '../base/files.js';

/** Files looked at side by side. */
const LOOKS_AT_ONCE = 32;

/**
 * What a file of the landing folder is: a source's own, the record beside it, one that turned out
 * to be no good, or one that a writer has not named yet.
 */
export type LandingFileKind = 'artifact' | 'record' | 'damaged' | 'temporary';

/** A file that takes room in the landing folder. Journal, locks and staging are not counted. */
export interface LandingFile {
  /** Relative to the landing folder, with slashes. */
  readonly path: string;
  readonly kind: LandingFileKind;
  readonly bytes: number;
  readonly modified: Date;
}

/** Everything that the landing folder keeps; empty where there is none. */
export async function listLandingFiles(landing: string): Promise<LandingFile[]> {
  const limit = pLimit(LOOKS_AT_ONCE);
  const folders = ['artifacts', 'damaged', path.join('journal', 'damaged')];
  const listed = await Promise.all(
    folders.map(async (folder) => {
      const absolute = path.join(landing, folder);
      if (!existsSync(absolute)) return [];
      const names = await fs.readdir(absolute, { recursive: true, withFileTypes: true });
      const files = names.filter((name) => name.isFile()).map((name) => path.join(name.parentPath, name.name));
      return Promise.all(files.map((file) => limit(() => look(landing, file, folder))));
    }),
  );
  return listed.flat().filter((file) => file !== undefined);
}

async function look(landing: string, file: string, folder: string): Promise<LandingFile | undefined> {
  const stat = await fs.stat(file).catch(() => undefined); // moved on while we looked
  if (!stat) return undefined;
  const name = path.basename(file);
  const isTemporary = temporaryOwner(name) !== undefined;
  const named = folder !== 'artifacts' ? 'damaged' : name.endsWith('.meta.json') ? 'record' : 'artifact';
  return {
    path: path.relative(landing, file).replaceAll(path.sep, '/'),
    kind: isTemporary ? 'temporary' : named,
    bytes: stat.size,
    modified: stat.mtime,
  };
}

/** How much the landing folder keeps. */
export interface LandingSize {
  /** Artifacts; records are not counted. */
  readonly files: number;
  /** Of everything. */
  readonly bytes: number;
  /** ISO instant at which the oldest artifact was written; null where there is none. */
  readonly oldest: string | null;
}

export function sizeOf(files: readonly LandingFile[]): LandingSize {
  const artifacts = files.filter(({ kind }) => kind === 'artifact');
  const oldest = artifacts.reduce(
    (least, { modified }) => Math.min(least, modified.getTime()),
    Number.POSITIVE_INFINITY,
  );
  return {
    files: artifacts.length,
    bytes: totalBytes(files),
    oldest: artifacts.length > 0 ? new Date(oldest).toISOString() : null,
  };
}

export function totalBytes(files: readonly Pick<LandingFile, 'bytes'>[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
