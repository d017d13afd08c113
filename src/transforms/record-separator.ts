import { RecordCutter } from './record-cutter.js';

/**
 * The bytes between two records of an array, from the first one's closing brace to the second
 * one's first member: `},{"date"`. They cannot stand inside a text, where every quote has a
 * backslash before it; so where they stand, a record ends (or, rarely, an object inside one,
 * which shows when the piece does not parse).
 * @returns undefined where the head does not hold a whole record and the beginning of another.
 */
export function recordSeparator(head: Buffer): Buffer | undefined {
  const [first] = new RecordCutter('array').push(head);
  if (!first) return undefined;
  const end = head.indexOf(first.bytes) + first.bytes.length - 1;
  const match = /^\}\s*,\s*\{\s*"(?:[^"\\]|\\.)*"/.exec(head.toString('latin1', end, end + 4096));
  return match ? Buffer.from(match[0], 'latin1') : undefined;
}

/** How often `pattern` stands in `bytes`. */
export function occurrences(bytes: Buffer, pattern: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + pattern.length)) count += 1;
  return count;
}
