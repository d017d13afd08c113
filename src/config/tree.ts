import type { Path } from './document.js';

/** Work on trees of plain values (mappings, lists, scalars), which are never changed in place. */

/** A copy of a tree of plain values in which `change` has replaced every string. */
export function mapStrings(value: unknown, change: (text: string, path: Path) => unknown, at: Path = []): unknown {
  if (typeof value === 'string') return change(value, at);
  if (Array.isArray(value)) return value.map((item, i) => mapStrings(item, change, [...at, i]));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, mapStrings(item, change, [...at, key])]),
    );
  }
  return value;
}

/** The value at a path of a tree, or undefined. */
export function valueAt(value: unknown, at: Path): unknown {
  return at.reduce<unknown>((node, step) => (node as Record<PropertyKey, unknown> | null | undefined)?.[step], value);
}

/** A copy of a tree without the key at `path`; lists keep their length. */
export function without(value: unknown, path: Path): unknown {
  const [step, ...rest] = path;
  if (step === undefined || value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? without(item, rest) : item));
  const entries = Object.entries(value).filter(([key]) => key !== step || rest.length > 0);
  return Object.fromEntries(entries.map(([key, item]) => [key, key === step ? without(item, rest) : item]));
}

/** Whether a value is a mapping. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
