import { messageOf } from '../base/errors.js';
import { nearest } from '../base/names.js';
import type { Connector, Dataset, DatasetOptions } from '../contracts/index.js';
import type { Path } from './document.js';
import { suggest } from './issues.js';
import type { Problems } from './problems.js';
import type { WrittenDataset, WrittenPipeline } from './schema.js';
import { entryFor, namesDataset } from './select.js';
import { checkSnapshots } from './snapshots.js';
import type { DatasetEntry, PipelineConfig } from './types.js';

/** What a pipeline may refer to. */
export interface Known {
  /** The connector of each connection; undefined where the file names an unknown one. */
  readonly connections: ReadonlyMap<string, Connector | undefined>;
  readonly sinks: readonly string[];
  readonly problems: Problems;
}

/** Looks up what a pipeline names, and turns it into what the rest of Millpond reads. */
export function checkPipeline(name: string, written: WrittenPipeline, known: Known): PipelineConfig {
  const { problems } = known;
  const at = (...path: Path): Path => ['pipelines', name, ...path];
  const connections = lookUp('connection', written.connection, [...known.connections.keys()], at, problems);
  if (written.connection === undefined && connections.length > 1) {
    problems.add(at(), `name its \`connection\`; there are ${connections.map((c) => `\`${c}\``).join(', ')}`, {
      part: 'key',
    });
  }
  const sinks = lookUp('sinks', written.sinks, known.sinks, at, problems);
  if (written.since.kind === 'day' && written.until !== undefined && written.since.day > written.until) {
    problems.add(at('until'), `lies before \`since\` (${written.since.day})`);
  }
  const datasets = written.datasets.map(toEntry);
  const connectors = [...new Set(connections.map((connection) => known.connections.get(connection)))];
  if (connectors.length > 0 && !connectors.includes(undefined)) {
    checkDatasets(datasets, connectors as Connector[], at, problems);
  }
  const makers = connections.filter((connection) => known.connections.get(connection)?.making !== undefined);
  const snapshots = written.snapshots && checkSnapshots(written.snapshots, { all: connections, makers }, at, problems);
  return {
    name,
    connections,
    sinks,
    since: written.since,
    until: written.until,
    lookback: written.lookback as PipelineConfig['lookback'],
    schedule: written.schedule,
    schemaPolicy: written.schema_policy,
    maxRejects: written.max_rejects,
    shrink: written.shrink,
    // "Nothing but exclusions" means: everything but those.
    datasets: datasets.every((entry) => entry.pattern.startsWith('!')) ? [EVERYTHING, ...datasets] : datasets,
    ...(snapshots && { snapshots }),
  };
}

const EVERYTHING: DatasetEntry = { pattern: '*', columns: undefined, filter: undefined, types: {} };

/** The names given, else all there are; unknown ones are noted and left out. */
function lookUp(
  key: 'connection' | 'sinks',
  given: readonly string[] | undefined,
  known: readonly string[],
  at: (...path: Path) => Path,
  problems: Problems,
): string[] {
  if (given === undefined) return [...known];
  const word = key === 'sinks' ? 'sink' : key;
  const found: string[] = [];
  for (const [i, one] of given.entries()) {
    const path = given.length === 1 ? at(key) : at(key, i);
    if (!known.includes(one)) problems.add(path, `there is no ${word} \`${one}\`; ${suggest(one, known)}`);
    else if (found.includes(one)) problems.add(path, `\`${one}\` is named twice`);
    else found.push(one);
  }
  return found;
}

function toEntry(written: WrittenDataset): DatasetEntry {
  return { pattern: written.name, columns: written.columns, filter: written.filter, types: written.types };
}

/** The options of an entry as the connector reads them. */
export function optionsOf(entry: DatasetEntry): DatasetOptions {
  return {
    ...(entry.columns && { columns: entry.columns }),
    ...(entry.filter && { filter: entry.filter }),
  };
}

function checkDatasets(
  entries: readonly DatasetEntry[],
  connectors: readonly Connector[],
  at: (...path: Path) => Path,
  problems: Problems,
): void {
  const catalogue = connectors.flatMap((connector) => connector.datasets);
  for (const [i, entry] of entries.entries()) {
    const excludes = entry.pattern.startsWith('!');
    const pattern = entry.pattern.replace(/^!/, '');
    const named = catalogue.filter((dataset) => namesDataset(pattern, dataset));
    if (named.length === 0) {
      problems.add(at('datasets', i), unknownDataset(pattern, catalogue, connectors));
      continue;
    }
    if (excludes && (entry.columns || entry.filter || Object.keys(entry.types).length > 0)) {
      problems.add(at('datasets', i), 'an exclusion takes no columns, filter or types');
      continue;
    }
    const counts = named.filter((dataset) => entryFor(dataset, entries) === entry);
    checkOptions(entry, counts, at('datasets', i), problems);
  }
}

function unknownDataset(pattern: string, catalogue: readonly Dataset[], connectors: readonly Connector[]): string {
  const where = connectors.map((connector) => connector.name).join(', ');
  if (/[*?]/.test(pattern)) return `\`${pattern}\` matches no dataset of ${where}; \`millpond datasets\` lists them`;
  const near = nearest(
    pattern,
    catalogue.map((dataset) => dataset.name),
  );
  const help = near === undefined ? '`millpond datasets` lists them' : `did you mean \`${near}\`?`;
  return `there is no dataset \`${pattern}\` in ${where}; ${help}`;
}

/** Lets the connector judge columns and filter, one by one so that each is named with its line. */
function checkOptions(entry: DatasetEntry, datasets: readonly Dataset[], path: Path, problems: Problems): void {
  for (const dataset of datasets) {
    const single: [Path, DatasetOptions][] = [
      ...(entry.columns ?? []).map((column, i): [Path, DatasetOptions] => [['columns', i], { columns: [column] }]),
      ...Object.entries(entry.filter ?? {}).map(([key, values]): [Path, DatasetOptions] => [
        ['filter', key],
        { filter: { [key]: values } },
      ]),
    ];
    const faults = single.flatMap(([below, options]) => {
      const fault = refusal(dataset, options);
      return fault === undefined ? [] : [{ below, fault }];
    });
    for (const { below, fault } of faults) problems.add([...path, ...below], fault);
    const whole = faults.length > 0 ? undefined : refusal(dataset, optionsOf(entry));
    if (whole !== undefined) problems.add(path, whole);
    if (faults.length > 0 || whole !== undefined) return; // The first dataset of a glob speaks for the rest.
  }
}

function refusal(dataset: Dataset, options: DatasetOptions): string | undefined {
  try {
    dataset.request(options);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
