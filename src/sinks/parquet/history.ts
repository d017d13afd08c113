import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../base/errors.js';
import { writeFileAtomic } from '../../base/files.js';
import type { Footer, FooterSlice } from './footer.js';
import { ownPaths } from './paths.js';
import type { Replaced } from './unit.js';

/** A line of the history: a commit as `millpond.commits` shows it, and its mark. */
export interface CommitLine {
  readonly commit: string;
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  readonly run_id: string;
  readonly committed_at: string;
  readonly rows: number;
  readonly artifact_sha256: string | null;
  readonly replaced_sha256: string | null;
  /** Absent in lines of old. */
  readonly schema_name?: string;
}

/** More files than this are put together in a quiet hour. */
const MANY = 50;

/** The commit that a slice of the ledger came from. */
export function commitLine(footer: Footer, slice: FooterSlice): CommitLine {
  return {
    commit: slice.commit,
    dataset: footer.dataset,
    scope: footer.scope,
    slice: slice.slice,
    run_id: slice.run_id,
    committed_at: slice.committed_at,
    rows: slice.rows,
    artifact_sha256: slice.artifacts.at(-1)?.sha256 ?? null,
    replaced_sha256: slice.replaced_sha256,
    schema_name: footer.schema,
  };
}

/**
 * Keeps the commits that are about to be replaced. The newest commit of each slice stands in a
 * footer, so the history is the footers' and this, each commit counted once by its mark: written
 * before the rename, no kill can lose a line.
 */
export async function archive(root: string, replaced: readonly Replaced[]): Promise<void> {
  if (replaced.length === 0) return;
  await append(
    root,
    replaced.map(({ footer, slice }) => commitLine(footer, slice)),
  );
}

/** The files of the history, absolute. */
export async function historyFiles(root: string): Promise<string[]> {
  const { commits } = ownPaths(root);
  try {
    const names = await fs.readdir(commits);
    return names.filter((name) => /^[^.].*\.ndjson$/.test(name)).map((name) => path.join(commits, name));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Puts many small files of history together into one. Under the lock. */
export async function compactHistory(root: string): Promise<void> {
  const files = await historyFiles(root);
  if (files.length <= MANY) return;
  const lines = new Map<string, CommitLine>();
  for (const file of files) {
    for (const text of (await fs.readFile(file, 'utf8')).split('\n')) {
      if (text === '') continue;
      const line = JSON.parse(text) as CommitLine;
      lines.set(line.commit, line);
    }
  }
  // A kill before the removal leaves lines twice; they are counted once.
  await append(root, [...lines.values()]);
  await Promise.all(files.map((file) => fs.rm(file)));
}

async function append(root: string, lines: readonly CommitLine[]): Promise<void> {
  const { commits } = ownPaths(root);
  await fs.mkdir(commits, { recursive: true });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFileAtomic(path.join(commits, `${randomUUID()}.ndjson`), text);
}
