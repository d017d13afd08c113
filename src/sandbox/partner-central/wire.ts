import { hashOf } from '../data/random.js';

/** How the service writes: compact JSON, keys in alphabetical order, nulls spelt out, no undefined. */
export function wireJson(value: unknown): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(wireJson).join(',')}]`;
  const members = value as Readonly<Record<string, unknown>>;
  const names = Object.keys(members).filter((name) => members[name] !== undefined);
  return `{${names
    .sort()
    .map((name) => `${JSON.stringify(name)}:${wireJson(members[name])}`)
    .join(',')}}`;
}

/** Whether two values say the same, where a null says as much as a member that is missing. */
export const sameContent = (a: unknown, b: unknown): boolean => wireJson(withoutNulls(a)) === wireJson(withoutNulls(b));

function withoutNulls(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(withoutNulls);
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

/** `2025-02-12T00:16:20.244448744Z`: nanoseconds, without zeros at the end. */
export function nanos(ms: number, ...names: readonly (string | number)[]): string {
  const below = String(hashOf(Math.floor(ms), ...names) % 1_000_000).padStart(6, '0');
  return trimmed(`${new Date(ms).toISOString().slice(0, -1)}${below}`);
}

/** The same moment as a list prints it: hundredths, `…26.04Z` of `…26.04932597Z`. */
export const hundredths = (ms: number): string => trimmed(new Date(ms).toISOString().slice(0, -2));

/** `2024-11-14`, in UTC. */
export const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** `2024-11-14T19:32:03Z` */
export const wholeSeconds = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** `2024-11-14T19:32:03.123Z` */
export const milliseconds = (ms: number): string => trimmed(new Date(ms).toISOString().slice(0, -1));

const trimmed = (text: string): string => `${text.replace(/\.?0+$/, '')}Z`;
