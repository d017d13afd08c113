import fs from 'node:fs/promises';
import { MillpondError, systemCode } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import type { Artifact, LedgerArtifact, Stage } from '../contracts/index.js';
import type { LandedFile } from './landed-files.js';
import type { Landing } from './landing.js';
import { asAsked } from './replay-work.js';
import type { Selected } from './select.js';
import { closeWriters, rewrite } from './stage-artifacts.js';
import type { StagingEnv } from './work-env.js';

/** A file that a ledger names, as the landing folder has it. */
export type Found =
  | { readonly kind: 'kept'; readonly artifact: Artifact }
  /** Past its keeping. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'damaged'; readonly why: string };

/** The same once its content was read. */
export type Restaged =
  | { readonly kind: 'staged'; readonly stages: readonly Stage[] }
  | Exclude<Found, { kind: 'kept' }>;

/**
 * Looks for a file that a ledger names, and checks it against its own record.
 * @param others what the landing folder keeps of the slice: a later file can have the same content.
 */
export async function findArtifact(
  landing: Landing,
  named: LedgerArtifact,
  others: readonly LandedFile[],
): Promise<Found> {
  const size = await sizeOf(landing.file(named));
  if (size === undefined) {
    const same = others.find(({ contentSha256 }) => contentSha256 === named.contentSha256);
    const artifact = same && (await landing.read(same.path));
    return artifact ? { kind: 'kept', artifact } : { kind: 'gone' };
  }
  const record = await recordOf(landing, named.path);
  if (!record) return { kind: 'damaged', why: 'the record beside it is gone, or makes no sense' };
  if (record.sha256 !== named.sha256) {
    return { kind: 'damaged', why: 'its record speaks of another file than the ledger' };
  }
  if (record.bytes !== size) return { kind: 'damaged', why: `it has ${size} bytes; ${record.bytes} landed` };
  return { kind: 'kept', artifact: record };
}

/**
 * Reads an artifact from its first byte to its last, and types it under today's catalogue.
 * @throws MillpondError `E_INTERRUPTED`, `E_DISK_FULL`, and what is no fault of the file.
 */
export async function restage(env: StagingEnv, selected: Selected, artifact: Artifact): Promise<Restaged> {
  // What the pipeline would refuse or drop today may well be held.
  const policy = { ...selected.policy, unknown: 'evolve' as const };
  const asLoaded = asAsked({ selected, requestFingerprint: selected.requestFingerprint }, [artifact]);
  try {
    const written = await rewrite(env, { ...asLoaded, policy }, artifact);
    return { kind: 'staged', stages: await closeWriters(env, selected.dataset.name, [written]) };
  } catch (error) {
    throwIfAborted(env.ctx.signal);
    if (!(error instanceof MillpondError)) throw error;
    if (error.code === 'E_ARTIFACT_MISSING') return { kind: 'gone' };
    if (error.code === 'E_ARTIFACT_CORRUPT' || error.code === 'E_ARTIFACT_CUT') {
      return { kind: 'damaged', why: error.message };
    }
    throw error;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await fs.stat(file)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function recordOf(landing: Landing, path: string): Promise<Artifact | undefined> {
  try {
    return JSON.parse(await fs.readFile(landing.recordOf(path), 'utf8')) as Artifact;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
