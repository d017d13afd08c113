import { MillpondError } from '../base/errors.js';
import { matchesGlobs, nearest } from '../base/names.js';
import { entryFor } from '../config/select.js';
import type { DatasetEntry, PipelineConfig } from '../config/types.js';
import type { ColumnPolicy, Dataset, DatasetRequest } from '../contracts/index.js';
import { requestFingerprint } from './asks.js';

/** A dataset that a pipeline loads, with the user's options applied. */
export interface Selected {
  readonly dataset: Dataset;
  readonly request: DatasetRequest;
  readonly requestFingerprint: string;
  readonly policy: ColumnPolicy;
}

/**
 * The datasets a pipeline loads: by names and globs, minus exclusions; where several entries
 * match one dataset, the last counts. A table's name stands for the dataset that fills it.
 * @param only narrows further, as `--dataset` does; empty: everything.
 * @throws MillpondError `E_CONFIG` where an entry matches nothing or its options do not fit.
 */
export function selectDatasets(
  pipeline: Pick<PipelineConfig, 'name' | 'datasets' | 'schemaPolicy'>,
  datasets: readonly Dataset[],
  only: readonly string[],
): Selected[] {
  for (const entry of pipeline.datasets) requireMatch(pipeline.name, entry, datasets);
  const selected: Selected[] = [];
  for (const dataset of datasets) {
    const entry = entryFor(dataset, pipeline.datasets);
    if (!entry && !dataset.always) continue;
    if (only.length > 0 && !namesOf(dataset).some((name) => matchesGlobs(name, only))) continue;
    const request = dataset.request({
      ...(entry?.columns ? { columns: entry.columns } : {}),
      ...(entry?.filter ? { filter: entry.filter } : {}),
    });
    selected.push({
      dataset,
      request,
      requestFingerprint: requestFingerprint(dataset.name, request),
      policy: { unknown: pipeline.schemaPolicy, types: entry?.types ?? {} },
    });
  }
  return selected;
}

/** Names under which a user can ask for a dataset: its own, and its tables'. */
export function namesOf(dataset: Dataset): string[] {
  return [...new Set([dataset.name, ...dataset.tables.map((table) => table.name)])];
}

function requireMatch(pipeline: string, entry: DatasetEntry, datasets: readonly Dataset[]): void {
  const glob = entry.pattern.replace(/^!/, '');
  const names = datasets.flatMap(namesOf);
  if (names.some((name) => matchesGlobs(name, [glob]))) return;
  const meant = nearest(glob, names);
  throw new MillpondError(
    'E_CONFIG',
    `Pipeline ${pipeline}: no dataset is called ${entry.pattern}${meant ? `; did you mean ${meant}?` : ''}`,
    { hint: '`millpond datasets` lists what there is.' },
  );
}
