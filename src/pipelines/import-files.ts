import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import { gunzipSync, constants as zlib } from 'node:zlib';
import { MillpondError, messageOf, systemCode } from '../base/errors.js';
import { isGzip } from '../base/gzip.js';
import { throwIfAborted } from '../base/retry.js';
import type { ArtifactFormat, Ctx } from '../contracts/index.js';

/** A file as it was found, before anything is done with it. */
export interface FoundFile {
  /** As the user named it. */
  readonly file: string;
  readonly bytes: number;
  readonly modified: Date;
  readonly sha256: string;
  readonly format: ArtifactFormat;
}

/** How much of the beginning tells what a file is. */
const HEAD_BYTES = 4 << 10;

/**
 * Reads a file once: its hash, and what its records look like. gzip is known by its first bytes,
 * whatever the name says.
 * @throws MillpondError `E_NOT_FOUND`, `E_USAGE` for a folder or what is neither a JSON array nor NDJSON.
 */
export async function findFile(file: string, ctx: Ctx): Promise<FoundFile> {
  try {
    const stat = await fs.stat(file);
    if (stat.isDirectory()) {
      throw new MillpondError('E_USAGE', `${file} is a folder`, {
        hint: `Name its files: ${file.replace(/\/$/, '')}/*`,
      });
    }
    const hash = createHash('sha256');
    let head = Buffer.alloc(0);
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      throwIfAborted(ctx.signal);
      hash.update(chunk as Buffer);
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, (chunk as Buffer).subarray(0, HEAD_BYTES)]);
    }
    const format = formatOf(file, head);
    return { file, bytes: stat.size, modified: stat.mtime, sha256: hash.digest('hex'), format };
  } catch (error) {
    if (error instanceof MillpondError) throw error;
    if (systemCode(error) === 'ENOENT') throw new MillpondError('E_NOT_FOUND', `There is no file ${file}`);
    throw new MillpondError('E_USAGE', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function formatOf(file: string, head: Buffer): ArtifactFormat {
  const text = plainHead(file, head).toString('utf8');
  if (text.startsWith('\uFEFF')) {
    throw new MillpondError('E_USAGE', `${file} begins with a byte order mark`, {
      hint: 'Save it as UTF-8 without one.',
    });
  }
  const first = /\S/.exec(text)?.[0];
  if (first === '[') return 'array';
  if (first === '{') return 'ndjson';
  const what = first === undefined ? 'is empty' : 'is neither a JSON array nor a JSON object a line';
  throw new MillpondError('E_USAGE', `${file} ${what}`, {
    hint: 'Reports and snapshots are JSON, perhaps inside gzip.',
  });
}

/** The beginning of the plain content. */
function plainHead(file: string, head: Buffer): Buffer {
  if (!isGzip(head)) return head;
  try {
    return gunzipSync(head, { finishFlush: zlib.Z_SYNC_FLUSH });
  } catch (error) {
    throw new MillpondError('E_ARTIFACT_CORRUPT', `${file} is no whole gzip file: ${messageOf(error)}`, {
      cause: error,
      hint: 'Take another copy of it.',
    });
  }
}
