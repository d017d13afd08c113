import { existsSync } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import type { Artifact, SliceKey } from '../contracts/index.js';
import { artifactBeside, type Landing } from './landing.js';

/** What an artifact's record says, without what takes room: a landing folder can hold a hundred thousand. */
export interface LandedFile
  extends Pick<Artifact, 'id' | 'path' | 'sha256' | 'contentSha256' | 'bytes' | 'asOf' | 'landedAt' | 'imported'> {
  readonly fingerprint: string;
}

/** Files that answer one ask together. */
export interface Answer {
  readonly connection: string;
  readonly dataset: string;
  readonly slices: readonly SliceKey[];
  readonly requestFingerprint: string;
  /** In the order in which they were asked for. */
  readonly files: readonly LandedFile[];
  /** Whether all of them are there. */
  readonly isWhole: boolean;
  /** Of the oldest of them. */
  readonly asOf: string;
}

/** Records that are read side by side. */
const READS_AT_ONCE = 32;

/** Answers while their files are being gathered. */
interface Gathering extends Pick<Answer, 'connection' | 'dataset' | 'slices' | 'requestFingerprint'> {
  /** Jobs or artifacts that make it whole; empty: any one file does. */
  readonly parts: readonly string[];
  readonly files: Map<string, LandedFile>;
}

/**
 * Everything that the landing folder keeps of these datasets, by what it answers. Files without a
 * record, or of another size than it says, do not count.
 */
export async function readAnswers(landing: Landing, datasets: Iterable<string>): Promise<Answer[]> {
  const gathered = new Map<string, Gathering>();
  const limit = pLimit(READS_AT_ONCE);
  for (const dataset of new Set(datasets)) {
    const folder = landing.artifactFolder(dataset);
    const records = (await namesIn(path.join(landing.path, folder))).filter((name) => name.endsWith('.meta.json'));
    await Promise.all(
      records.map((name) =>
        limit(async () => {
          const relative = path.posix.join(folder, name.replaceAll(path.sep, '/'));
          const artifact = await landing.read(artifactBeside(relative));
          if (artifact && artifact.ask.dataset === dataset) gather(gathered, artifact);
        }),
      ),
    );
  }
  return [...gathered.values()].map(answerOf);
}

async function namesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? fs.readdir(folder, { recursive: true }) : [];
}

function gather(gathered: Map<string, Gathering>, artifact: Artifact): void {
  const { ask, job, imported } = artifact;
  const parts = job ? (artifact.jobs ?? [job.id]) : (imported?.artifacts ?? []);
  const id = [ask.fingerprint, ...(parts.length > 0 ? parts : [artifact.id])].join('\0');
  let answer = gathered.get(id);
  if (!answer) {
    const { connection, dataset, slices, requestFingerprint } = ask;
    answer = { connection, dataset, slices, requestFingerprint, parts, files: new Map() };
    gathered.set(id, answer);
  }
  const { path, sha256, contentSha256, bytes, asOf, landedAt } = artifact;
  const file = { id: artifact.id, path, sha256, contentSha256, bytes, asOf, landedAt, fingerprint: ask.fingerprint };
  answer.files.set(job?.id ?? artifact.id, imported ? { ...file, imported } : file);
}

function answerOf({ parts, files, ...answer }: Gathering): Answer {
  const ordered = (parts.length > 0 ? parts : [...files.keys()]).map((part) => files.get(part));
  const there = ordered.filter((file) => file !== undefined);
  return {
    ...answer,
    files: there,
    isWhole: there.length === ordered.length,
    asOf: there.map(({ asOf }) => asOf).sort()[0]!,
  };
}
