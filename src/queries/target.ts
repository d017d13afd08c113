import { MillpondError } from '../base/errors.js';
import { nearest } from '../base/names.js';
import type { Config, SinkConfig } from '../config/types.js';
import type { OpenOptions } from './open.js';

/**
 * Which sink a query reads: the named one, else the first DuckDB file, else the first lake.
 * @throws MillpondError `E_NOT_FOUND` naming the nearest right one.
 */
export function chooseTarget(
  config: Config,
  name: string | undefined,
): Pick<OpenOptions, 'target' | 'schemas' | 'lockWaitMs'> {
  const sink = chooseSink(config, name);
  return {
    target: { sink: sink.sink, path: sink.path },
    schemas: [...new Set(Object.values(config.connections).map((connection) => connection.schema))],
    lockWaitMs: sink.lockWaitMs,
  };
}

function chooseSink(config: Config, name: string | undefined): SinkConfig {
  const sinks = Object.values(config.sinks);
  if (name !== undefined) {
    const sink = config.sinks[name];
    if (sink) return sink;
    const near = nearest(name, Object.keys(config.sinks));
    throw new MillpondError('E_NOT_FOUND', `There is no sink ${name} in ${config.file}`, {
      hint: near ? `Did you mean ${near}?` : `There are: ${Object.keys(config.sinks).join(', ')}.`,
    });
  }
  const sink = sinks.find((s) => s.sink === 'duckdb') ?? sinks[0];
  if (!sink) throw new MillpondError('E_NOT_FOUND', `${config.file} names no sink to read`);
  return sink;
}
