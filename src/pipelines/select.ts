import { matchesGlobs } from '../base/names.js';
import { entryFor } from '../config/select.js';
import type { PipelineConfig } from '../config/types.js';
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
 * An entry may name datasets of another connection; that it names any is the configuration's to check.
 * @param only narrows further, as `--dataset` does; empty: everything.
 * @throws MillpondError `E_CONFIG` where an entry's options do not fit.
 */
export function selectDatasets(
  pipeline: Pick<PipelineConfig, 'datasets' | 'schemaPolicy'>,
  datasets: readonly Dataset[],
  only: readonly string[],
): Selected[] {
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
