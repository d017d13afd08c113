import { inflatedBytes, spoiltGzip } from '../../base/gzip.js';
import type { Inflated, InflatedText } from './protocol.js';
import { threadFor } from './worker-thread.js';

/**
 * Inflates a small gzip file in one go, on a thread of its own.
 * @returns undefined where its content is more than `mostBytes`.
 * @throws MillpondError `E_ARTIFACT_CORRUPT`.
 */
export async function inflateWhole(file: Uint8Array, mostBytes: number): Promise<InflatedText | undefined> {
  const bytes = inflatedBytes(file);
  if (bytes > mostBytes) return undefined;
  const answer = await threadFor('inflating').ask<Inflated>({ kind: 'inflate', file, bytes, mostBytes });
  if ('spoilt' in answer) throw spoiltGzip(answer.spoilt);
  return 'text' in answer ? answer : undefined;
}
