import { availableParallelism } from 'node:os';
import { MillpondError } from '../base/errors.js';
import type { Config, PipelineConfig } from '../config/types.js';
import { connectorNamed } from '../connectors/registry.js';
import type { Ctx, Dataset, Sink, Source } from '../contracts/index.js';
import { createSink } from '../sinks/registry.js';

/** Patience with jobs where a connection does not say (`poll`). */
const DEFAULT_TIMING = { firstMs: 5_000, maxMs: 120_000, deadlineMs: 6 * 3_600_000, giveUpMs: 24 * 3_600_000 };
const DEFAULT_JOBS_IN_FLIGHT = 50;

/** The context of a command: the process's budget split from the configuration. */
export function makeCtx(options: Pick<Ctx, 'signal' | 'log'> & { readonly memoryBytes: number }): Ctx {
  return {
    signal: options.signal,
    log: options.log,
    now: () => new Date(),
    budget: { memoryBytes: options.memoryBytes, threads: availableParallelism() },
  };
}

/** A connection's catalogue: no secret, no network. */
export function catalogueOf(config: Config, connection: string): readonly Dataset[] {
  return connectorOf(config, connection).datasets;
}

/** Opens a connection: secrets are resolved, nothing is called yet. */
export async function openSource(
  config: Config,
  connection: string,
): Promise<{ source: Source; timing: typeof DEFAULT_TIMING; jobsInFlight: number }> {
  const settings = config.connections[connection]!;
  const source = await connectorOf(config, connection).open(
    { name: connection, schema: settings.schema, reload: () => settings.reload() },
    settings.resolve(),
  );
  return {
    source,
    timing: { ...DEFAULT_TIMING, ...source.timing },
    jobsInFlight: source.jobsInFlight ?? DEFAULT_JOBS_IN_FLIGHT,
  };
}

/** The sinks of a pipeline, each with its share of the memory. */
export function openSinks(
  config: Config,
  pipeline: Pick<PipelineConfig, 'sinks'>,
  ctx: Ctx,
  lockWaitMs?: number,
): Sink[] {
  const reservedNames = [...new Set(Object.values(config.connections).map(({ schema }) => schema))];
  return pipeline.sinks.map((name) => {
    const sink = config.sinks[name]!;
    const memoryBytes = ctx.budget.memoryBytes / 2 / pipeline.sinks.length;
    return createSink(
      { ...sink, lockWaitMs: lockWaitMs ?? sink.lockWaitMs },
      { memoryBytes, threads: ctx.budget.threads, reservedNames },
    );
  });
}

/** What the journal calls a sink. */
export function sinkId(sink: Pick<Sink, 'kind' | 'path'>): string {
  return `${sink.kind}:${sink.path}`;
}

function connectorOf(config: Config, connection: string) {
  const name = config.connections[connection]!.connector;
  const connector = connectorNamed(name);
  if (!connector) throw new MillpondError('E_CONFIG', `Connection ${connection}: there is no connector ${name}`);
  return connector;
}
