import { randomBytes } from 'node:crypto';

/** Sorts by time, names nothing else. */
export function newRunId(now: Date): string {
  return `${now.toISOString().replace(/[-:]/g, '').slice(0, 15)}-${randomBytes(4).toString('hex')}`;
}
