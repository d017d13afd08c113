/** Chance without state: every value of the sandbox is a pure function of a seed and of names. */

/** Mixes 32 bits well (the finalizer of MurmurHash3). @returns an unsigned 32-bit integer. */
export function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Unsigned 32-bit hash of a seed and any number of names (FNV-1a, then {@link mix}). */
export function hashOf(seed: number, ...names: readonly (string | number)[]): number {
  let h = mix(seed) ^ 0x811c9dc5;
  for (const name of names) {
    const text = String(name);
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    h = Math.imul(h ^ 0x1f, 0x01000193);
  }
  return mix(h);
}

/** A seeded sequence of numbers in [0, 1), for what happens in the order of requests (faults). */
export function sequence(seed: number): () => number {
  let step = 0;
  return () => mix(seed ^ Math.imul(++step, 0x9e3779b1)) / 0x1_0000_0000;
}
