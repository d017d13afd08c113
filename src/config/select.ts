import { matchesGlobs } from '../base/names.js';
import type { Dataset } from '../contracts/index.js';

/** A dataset by all the names it goes by: its own, and those of its tables. */
type Named = Pick<Dataset, 'name' | 'tables'>;

/** Whether a pattern (without its `!`) names the dataset, or one of the tables it fills. */
export function namesDataset(pattern: string, dataset: Named): boolean {
  return [dataset.name, ...dataset.tables.map((table) => table.name)].some((name) => matchesGlobs(name, [pattern]));
}

/**
 * The entry of a pipeline's `datasets` that counts for a dataset: the last that names it; undefined
 * where none does or that one excludes it.
 */
export function entryFor<E extends { readonly pattern: string }>(dataset: Named, entries: readonly E[]): E | undefined {
  const last = entries.findLast((entry) => namesDataset(entry.pattern.replace(/^!/, ''), dataset));
  return last?.pattern.startsWith('!') ? undefined : last;
}
