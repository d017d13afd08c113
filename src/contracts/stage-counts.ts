import { formatSliceKey, type SliceKey } from './slice.js';
import type { Stage } from './stage.js';

/** What a stage says that it holds of one slice. */
export interface Counts {
  readonly rows: number;
  readonly rejects: number;
}

/** Many slices share a stage: its counts are looked through once. */
const indexed = new WeakMap<Stage['totals'], ReadonlyMap<string, Counts>>();

/** Whether a stage knows a slice at all, rows or not. */
export function knows(stage: Stage, key: SliceKey): boolean {
  return indexOf(stage).has(formatSliceKey(key));
}

/** What a stage says that it holds of a slice. */
export function totalsOf(stage: Stage, key: SliceKey): Counts {
  return indexOf(stage).get(formatSliceKey(key)) ?? { rows: 0, rejects: 0 };
}

function indexOf({ totals }: Stage): ReadonlyMap<string, Counts> {
  const known = indexed.get(totals);
  if (known) return known;
  const bySlice = new Map<string, Counts>();
  for (const { key, rows, rejects } of totals.slices) {
    const name = formatSliceKey(key);
    const before = bySlice.get(name);
    bySlice.set(name, { rows: rows + (before?.rows ?? 0), rejects: rejects + (before?.rejects ?? 0) });
  }
  indexed.set(totals, bySlice);
  return bySlice;
}
