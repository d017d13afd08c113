import { MillpondError } from '../base/errors.js';
import { nearest } from '../base/names.js';
import type { Config, PipelineConfig } from '../config/types.js';
import type { Dataset } from '../contracts/index.js';
import { choosePipelines } from './choose.js';
import { isNamed, selectOwned } from './owners.js';
import { namesOf, type Selected } from './select.js';
import { catalogueOf } from './workspace.js';

/** Where imported files go. */
export interface ImportTarget {
  readonly pipeline: PipelineConfig;
  readonly connection: string;
  readonly selected: Selected;
}

/** One place where they could go. */
interface Candidate extends Pick<ImportTarget, 'pipeline' | 'connection'> {
  readonly dataset: Dataset;
  readonly isNamed: boolean;
}

/**
 * The pipeline whose sinks and policy hold for imported files of a dataset: the one that loads it;
 * of a dataset that none loads, for it was switched off, the only one whose connection has it.
 * @throws MillpondError `E_NOT_FOUND` naming the nearest right dataset, pipeline or connection;
 *   `E_USAGE` where several are left.
 */
export function importTarget(
  config: Config,
  wanted: { readonly dataset: string; readonly pipeline?: string; readonly connection?: string },
): ImportTarget {
  const { connection } = wanted;
  if (connection !== undefined && !config.connections[connection]) {
    throw notFound('connection', connection, Object.keys(config.connections));
  }
  const pipelines = choosePipelines(config, wanted.pipeline === undefined ? [] : [wanted.pipeline]);
  const pairs = pipelines.flatMap((pipeline) =>
    pipeline.connections
      .filter((name) => connection === undefined || name === connection)
      .map((name) => ({ pipeline, connection: name })),
  );
  if (pairs.length === 0) {
    throw new MillpondError(
      'E_NOT_FOUND',
      `No pipeline${wanted.pipeline ? ` ${wanted.pipeline}` : ''} loads from ${connection}`,
      {
        hint: 'Add one to the configuration: it says into which sinks the rows go.',
      },
    );
  }
  const candidates = pairs.flatMap((pair) => candidatesOf(config, pair, wanted.dataset));
  if (candidates.length === 0) {
    const known = pairs.flatMap((pair) => catalogueOf(config, pair.connection).flatMap(namesOf));
    throw notFound('dataset', wanted.dataset, known);
  }
  const naming = candidates.filter((candidate) => candidate.isNamed);
  const [first, ...others] = naming.length > 0 ? naming : candidates;
  if (others.length > 0) throw ambiguous(wanted.dataset, [first!, ...others]);
  const { pipeline, dataset, connection: name } = first!;
  return { pipeline, connection: name, selected: selectOwned(pipeline, dataset) };
}

function candidatesOf(config: Config, pair: Pick<ImportTarget, 'pipeline' | 'connection'>, name: string): Candidate[] {
  return catalogueOf(config, pair.connection)
    .filter((dataset) => namesOf(dataset).includes(name))
    .map((dataset) => ({ ...pair, dataset, isNamed: isNamed(pair.pipeline, dataset) }));
}

function ambiguous(dataset: string, candidates: readonly Candidate[]): MillpondError {
  const pipelines = [...new Set(candidates.map(({ pipeline }) => pipeline.name))];
  const [what, names] =
    pipelines.length > 1 ? ['pipeline', pipelines] : ['connection', candidates.map(({ connection }) => connection)];
  return new MillpondError('E_USAGE', `${dataset} could go through the ${what}s ${names.join(', ')}`, {
    hint: `Name one with --${what}.`,
  });
}

function notFound(what: string, name: string, known: readonly string[]): MillpondError {
  const near = nearest(name, known);
  return new MillpondError('E_NOT_FOUND', `There is no ${what} ${name}`, {
    hint: near
      ? `Did you mean ${near}?`
      : `\`millpond ${what === 'dataset' ? 'datasets' : 'check'}\` lists what there is.`,
  });
}
