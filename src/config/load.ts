import fs from 'node:fs/promises';
import path from 'node:path';
import { MillpondError, messageOf, systemCode } from '../base/errors.js';
import { connectors as allConnectors } from '../connectors/registry.js';
import type { Connector } from '../contracts/index.js';
import { checkConflicts } from './conflicts.js';
import { type CheckedConnection, checkConnection } from './connections.js';
import { readYaml, type YamlDocument } from './document.js';
import { readForm, type Salvage } from './form.js';
import { checkPipeline } from './pipelines.js';
import { Problems } from './problems.js';
import type { Config, LandingConfig, SinkConfig } from './types.js';

/**
 * Reads and checks a configuration. The secrets of connections are not needed: their references
 * are resolved by `ConnectionConfig.resolve`, all others here.
 * @param connectors what a connection may be of; by default all there are.
 * @throws MillpondError `E_CONFIG_MISSING`; `E_CONFIG`, `E_CONFLICT`, `E_WAREHOUSE_NAME` or
 *   `E_SECRET_MISSING` listing every problem with file, line and column.
 */
export async function loadConfig(file: string, connectors: readonly Connector[] = allConnectors): Promise<Config> {
  const folder = path.dirname(path.resolve(file));
  const document = readYaml(await readText(file));
  const problems = new Problems(file, document);
  for (const fault of document.faults) problems.addAt(fault.position, fault.message);
  problems.throwIfAny();

  const salvage = readForm(document, folder, problems);
  const config = salvage && assemble(salvage, { file, folder, document, connectors, problems });
  problems.throwIfAny();
  if (!config) throw new MillpondError('E_BUG', `${file} was refused without a reason`);
  return config;
}

async function readText(file: string): Promise<string> {
  try {
    return await fs.readFile(file, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new MillpondError('E_CONFIG_MISSING', `There is no configuration ${file}`);
    throw new MillpondError('E_CONFIG', `The configuration ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** Looks names up, makes paths absolute, and notes what does not fit together. */
function assemble(
  { written, names }: Salvage,
  context: {
    readonly file: string;
    readonly folder: string;
    readonly document: YamlDocument;
    readonly connectors: readonly Connector[];
    readonly problems: Problems;
  },
): Config {
  const { file, folder, problems } = context;
  const connections = new Map<string, CheckedConnection>();
  for (const [name, tree] of Object.entries(written.connections)) {
    const checked = checkConnection(name, tree, context);
    if (checked) connections.set(name, checked);
  }
  const landing: LandingConfig = {
    path: path.resolve(folder, written.landing.path),
    keepMs: written.landing.keep,
    maxBytes: written.landing.max === 'none' ? undefined : written.landing.max,
  };
  const sinks = Object.entries(written.sinks).map(
    ([name, sink]): SinkConfig => ({
      name,
      sink: sink.sink,
      path: path.resolve(folder, sink.path),
      lockWaitMs: sink.lock_wait,
    }),
  );
  for (const section of ['connections', 'sinks'] as const) {
    if (names(section).length === 0) problems.add([section], 'name at least one', { part: 'key' });
  }
  const known = {
    connections: new Map(names('connections').map((name) => [name, connections.get(name)?.connector])),
    sinks: names('sinks'),
    problems,
  };
  const pipelines = Object.entries(written.pipelines).map(([name, pipeline]) => checkPipeline(name, pipeline, known));
  checkConflicts({ connections, landing, sinks, pipelines }, problems);
  return {
    file: path.resolve(file),
    connections: byName([...connections.values()].map((connection) => connection.config)),
    landing,
    memoryBytes: written.memory,
    sinks: byName(sinks),
    pipelines: byName(pipelines),
  };
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.name, item]));
}
