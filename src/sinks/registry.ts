import type { Sink } from '../contracts/index.js';
import { createDuckdbSink } from './duckdb/index.js';
import { createParquetSink } from './parquet/index.js';

/** A sink as the configuration names it. */
export interface SinkChoice {
  readonly name: string;
  readonly sink: SinkKind;
  /** Absolute path of file or folder. */
  readonly path: string;
  readonly lockWaitMs: number;
}

/** What a sink may spend, and which schemas the configuration's connections fill. */
export interface SinkBudget {
  readonly memoryBytes: number;
  readonly threads: number;
  readonly reservedNames: readonly string[];
}

/** Every kind of sink: a new one is one folder and one line here. */
const FACTORIES = {
  duckdb: createDuckdbSink,
  parquet: createParquetSink,
} as const satisfies Record<string, (options: Omit<SinkChoice, 'sink'> & SinkBudget) => Sink>;

export type SinkKind = keyof typeof FACTORIES;

/** The names that `sink:` may have in the configuration. */
export const SINK_KINDS = Object.keys(FACTORIES) as readonly SinkKind[];

/** Makes the sink that the configuration describes; opens nothing yet. */
export function createSink({ sink, name, path, lockWaitMs }: SinkChoice, budget: SinkBudget): Sink {
  return FACTORIES[sink]({ name, path, lockWaitMs, ...budget });
}
