import path from 'node:path';
import type { Dataset, DatasetRequest } from '../contracts/index.js';
import type { CheckedConnection } from './connections.js';
import { overlaps, sharedCatalog } from './overlap.js';
import { optionsOf } from './pipelines.js';
import type { Problems } from './problems.js';
import { entryFor } from './select.js';
import type { LandingConfig, PipelineConfig, SinkConfig } from './types.js';

/** A configuration whose parts are right by themselves. */
export interface Parts {
  readonly connections: ReadonlyMap<string, CheckedConnection>;
  readonly landing: LandingConfig;
  readonly sinks: readonly SinkConfig[];
  readonly pipelines: readonly PipelineConfig[];
}

/** Notes what cannot stand side by side: paths, connections, pipelines. */
export function checkConflicts(parts: Parts, problems: Problems): void {
  checkWarehouseNames(parts, problems);
  checkPaths(parts, problems);
  checkConnections(parts, problems);
  checkRequests(parts, problems);
}

/** DuckDB calls a database by its file's name up to the first dot, and cannot tell it from a schema. */
function checkWarehouseNames({ connections, sinks }: Parts, problems: Problems): void {
  const schemas = new Set(['millpond', ...[...connections.values()].map(({ config }) => lower(config.schema))]);
  for (const sink of sinks) {
    const name = path.basename(sink.path).split('.')[0]!;
    if (sink.sink !== 'duckdb' || !schemas.has(lower(name))) continue;
    const text = `a warehouse file must not be named like the schema \`${name}\`; take a name such as warehouse.duckdb`;
    problems.add(['sinks', sink.name, 'path'], text, { code: 'E_WAREHOUSE_NAME' });
  }
}

function lower(text: string): string {
  return text.toLowerCase();
}

/** No two sinks share a place, and the landing folder neither holds one nor lies in one. */
function checkPaths({ landing, sinks }: Parts, problems: Problems): void {
  for (const [one, other] of pairs(sinks)) {
    const inside = isInside(other.path, one.path) || isInside(one.path, other.path);
    if (one.path === other.path) {
      conflict(problems, ['sinks', other.name, 'path'], `the sink \`${one.name}\` has the same path`);
    } else if (inside && one.sink === 'parquet' && other.sink === 'parquet') {
      conflict(problems, ['sinks', other.name, 'path'], `it and the sink \`${one.name}\` lie inside one another`);
    }
  }
  for (const sink of sinks) {
    if (landing.path === sink.path || (sink.sink === 'parquet' && isInside(landing.path, sink.path))) {
      conflict(
        problems,
        ['landing'],
        `the landing folder lies in the sink \`${sink.name}\`; give it a place of its own`,
      );
    } else if (isInside(sink.path, landing.path)) {
      conflict(problems, ['sinks', sink.name, 'path'], 'it lies in the landing folder; give it a place of its own');
    }
  }
}

function isInside(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative !== '' && !/^\.\.(?:$|[\\/])/.test(relative) && !path.isAbsolute(relative);
}

/**
 * In one sink, a schema × dataset × scope belongs to one connection. Accounts that see one catalog
 * each need a schema of their own, or, in a lake, which has no schemas, a lake of their own.
 */
function checkConnections({ connections, sinks, pipelines }: Parts, problems: Problems): void {
  for (const [one, other] of pairs([...connections.values()])) {
    if (one.connector !== other.connector) continue;
    const sinksOf = ({ config }: CheckedConnection) =>
      pipelines.filter((pipeline) => pipeline.connections.includes(config.name)).flatMap((pipeline) => pipeline.sinks);
    const shared = sinks.filter(({ name }) => sinksOf(one).includes(name) && sinksOf(other).includes(name));
    const fault = shared.map((sink) => clashIn(sink, one, other)).find((text) => text !== undefined);
    if (fault !== undefined) conflict(problems, ['connections', other.config.name], fault);
  }
}

/** Why two connections of one connector cannot share this sink, if so. */
function clashIn(sink: SinkConfig, one: CheckedConnection, other: CheckedConnection): string | undefined {
  const catalog = sharedCatalog(one.settings, other.settings);
  if (catalog !== undefined) {
    if (sink.sink === 'parquet') {
      return (
        `it and the connection \`${one.config.name}\` would write the catalog ${catalog} into the same files of the ` +
        `lake \`${sink.name}\`; give the second account a lake of its own`
      );
    }
    if (lower(one.config.schema) !== lower(other.config.schema)) return undefined;
    return (
      `it and the connection \`${one.config.name}\` fill the schema \`${one.config.schema}\` of the sink ` +
      `\`${sink.name}\` from the same catalog ${catalog}; give one of them another \`schema\``
    );
  }
  if (!overlaps(one.settings, other.settings, one.connector.secrets)) return undefined;
  return (
    `it and the connection \`${one.config.name}\` fill the same scopes of the sink \`${sink.name}\`; ` +
    'give them filters that share nothing (`profiles`), or sinks of their own'
  );
}

/** Pipelines that load one dataset of one connection into one sink ask for the same. */
function checkRequests({ connections, pipelines }: Parts, problems: Problems): void {
  for (const [one, other] of pairs(pipelines)) {
    if (!one.sinks.some((sink) => other.sinks.includes(sink))) continue;
    for (const name of one.connections.filter((connection) => other.connections.includes(connection))) {
      for (const dataset of connections.get(name)?.connector.datasets ?? []) {
        const [a, b] = [requestOf(dataset, one), requestOf(dataset, other)];
        if (!a || !b || isSameRequest(a, b) || haveNoSliceInCommon(a, b)) continue;
        conflict(
          problems,
          ['pipelines', other.name, 'datasets'],
          `it asks for other columns or filters of \`${dataset.name}\` than the pipeline \`${one.name}\`, ` +
            'and both fill the same sink; let one of them load it',
        );
      }
    }
  }
}

/** What a pipeline asks of a dataset: undefined where it does not load it, or asks in vain (noted elsewhere). */
function requestOf(dataset: Dataset, pipeline: PipelineConfig): DatasetRequest | undefined {
  const entry = entryFor(dataset, pipeline.datasets);
  try {
    return entry && dataset.request(optionsOf(entry));
  } catch {
    return undefined;
  }
}

function isSameRequest(a: DatasetRequest, b: DatasetRequest): boolean {
  const shape = ({ columns, params }: DatasetRequest) => JSON.stringify([columns.toSorted(), sortKeys(params)]);
  return shape(a) === shape(b);
}

function haveNoSliceInCommon(a: DatasetRequest, b: DatasetRequest): boolean {
  if (a.slicing.kind !== 'day' || b.slicing.kind !== 'day') return false;
  const [one, other] = [a.slicing.parts, b.slicing.parts];
  return one.length > 0 && other.length > 0 && !one.some((part) => other.includes(part));
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sortKeys(item)]),
  );
}

function conflict(problems: Problems, at: readonly PropertyKey[], text: string): void {
  problems.add(at, text, { code: 'E_CONFLICT' });
}

function pairs<T>(items: readonly T[]): [T, T][] {
  return items.flatMap((one, i) => items.slice(i + 1).map((other): [T, T] => [one, other]));
}
