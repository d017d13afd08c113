import { entryFor } from '../config/select.js';
import type { Config, PipelineConfig } from '../config/types.js';
import type { Dataset } from '../contracts/index.js';
import { type Selected, selectDatasets } from './select.js';

/** Whose a dataset of a connection is. */
export interface Ownership {
  readonly pipelines: readonly PipelineConfig[];
  /** `named` in their configuration; else where it was `imported`, or by `default` the first of the connection. */
  readonly by: 'named' | 'imported' | 'default';
}

/**
 * The pipelines whose policy and sinks hold for files of a dataset: all that name it. Of one that
 * none names (any more), such as a retired one whose old files were imported, the pipeline into
 * which it was imported, else the first of its connection.
 * @param imported the pipeline that an import was made into.
 */
export function ownersOf(config: Config, connection: string, dataset: Dataset, imported?: string): Ownership {
  const all = Object.values(config.pipelines).filter(({ connections }) => connections.includes(connection));
  const naming = all.filter((pipeline) => isNamed(pipeline, dataset));
  if (naming.length > 0) return { pipelines: naming, by: 'named' };
  const into = all.filter(({ name }) => name === imported);
  if (into.length > 0) return { pipelines: into, by: 'imported' };
  return { pipelines: all.slice(0, 1), by: 'default' };
}

/** Whether a pipeline loads a dataset of its own accord. */
export function isNamed(pipeline: PipelineConfig, dataset: Dataset): boolean {
  return dataset.always === true || entryFor(dataset, pipeline.datasets) !== undefined;
}

/** A dataset as a pipeline asks for it; one that it does not name whole, under the pipeline's policy. */
export function selectOwned(pipeline: PipelineConfig, dataset: Dataset): Selected {
  const whole = { pattern: dataset.name, columns: undefined, filter: undefined, types: {} };
  const datasets = isNamed(pipeline, dataset) ? pipeline.datasets : [whole];
  return selectDatasets({ ...pipeline, datasets }, [dataset], [])[0]!;
}
