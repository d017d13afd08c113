import { MillpondError } from '../base/errors.js';
import { nearest } from '../base/names.js';
import type { Config, ConnectionConfig } from '../config/types.js';
import { connectorNamed } from '../connectors/registry.js';
import type { Making, MakingRules } from '../contracts/index.js';
import { makingFolder } from './make.js';
import { isNamed } from './owners.js';
import { openSource } from './workspace.js';

/** A connection that can make things, open. */
export interface OpenMaking {
  readonly connection: string;
  readonly making: Making;
  close(): Promise<void>;
}

/**
 * Opens the making of one connection, for a command.
 * @param named the connection; may be left out where only one can make anything.
 * @throws MillpondError `E_NOT_FOUND`, `E_USAGE` where there are several, or why it cannot be opened.
 */
export async function openMaking(config: Config, named: string | undefined): Promise<OpenMaking> {
  const connection = chooseMaker(config, named);
  const { source } = await openSource(config, connection);
  const making = source.making?.(makingFolder(config, connection));
  if (!making)
    throw new MillpondError('E_BUG', `The connection ${connection} makes nothing, against its connector's word`);
  return { connection, making, close: () => source.close() };
}

/** Names of the connections that can make things. */
export function makersOf(config: Config): string[] {
  return Object.values(config.connections)
    .filter(({ connector }) => connectorNamed(connector)?.making)
    .map(({ name }) => name);
}

function chooseMaker(config: Config, named: string | undefined): string {
  const makers = makersOf(config);
  if (named !== undefined && makers.includes(named)) return named;
  const all = makers.join(', ');
  if (named !== undefined) {
    const near = nearest(named, makers);
    const what =
      named in config.connections ? `The connection ${named} makes no snapshots` : `There is no connection ${named}`;
    throw new MillpondError('E_NOT_FOUND', what, {
      hint: near ? `Did you mean ${near}?` : all ? `These make snapshots: ${all}.` : NO_MAKER,
    });
  }
  if (makers.length === 1) return makers[0]!;
  throw makers.length === 0
    ? new MillpondError('E_NOT_FOUND', 'No connection of the configuration can make snapshots', { hint: NO_MAKER })
    : new MillpondError('E_USAGE', `Several connections can make snapshots: ${all}`, {
        hint: 'Name one with --connection.',
      });
}

const NO_MAKER = 'Add a connection of `partner-central`.';

/** The permissions of one connection: for what its pipelines read and make. */
export interface ConnectionPolicy {
  readonly connection: string;
  /** The source's own policy document. */
  readonly policy: { readonly [key: string]: unknown };
}

/**
 * The least permissions that each connection needs for what the configuration reads and makes.
 * Needs no network.
 * @param named connections; all that make things where it is empty.
 * @throws MillpondError `E_NOT_FOUND`.
 */
export function policiesOf(
  config: Config,
  named: readonly string[],
  options: { readonly byHand: boolean },
): ConnectionPolicy[] {
  const chosen = named.length > 0 ? named.map((name) => chooseMaker(config, name)) : makersOf(config);
  if (chosen.length === 0) chooseMaker(config, undefined);
  return chosen.map((connection) => ({ connection, policy: policyOf(config, connection, options) }));
}

function policyOf(config: Config, connection: string, { byHand }: { readonly byHand: boolean }) {
  const { making, datasets } = connectorNamed(config.connections[connection]!.connector)!;
  const pipelines = Object.values(config.pipelines).filter(({ connections }) => connections.includes(connection));
  const read = datasets.filter((dataset) => pipelines.some((pipeline) => isNamed(pipeline, dataset)));
  const entries = pipelines.flatMap(({ snapshots }) => snapshots?.create ?? []);
  return making!.policy({
    scope: scopeOf(config.connections[connection]!, making!),
    datasets: read.map(({ name }) => name),
    templates: entries.filter((entry) => entry.connection === connection).map(({ template }) => template),
    byHand,
  });
}

/** As written, for whoever asks for permissions may have no secrets yet; unless it is a reference itself. */
function scopeOf({ settings, resolve }: ConnectionConfig, { scopeKey }: MakingRules): string {
  const written = String(settings[scopeKey]);
  return written.includes('${') ? String((resolve() as Readonly<Record<string, unknown>>)[scopeKey]) : written;
}
