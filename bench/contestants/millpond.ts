/**
 * Millpond, the whole way: from the source's bytes to rows that are checked cell by cell and
 * committed in one safe step, the artifact kept under its sha256, rejects and ledger written.
 */
import fs from 'node:fs';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type Ctx, loadConfig, registerConnector, runPipelines, type Table, VERSION } from 'millpond';
import { TABLES } from '../inputs/tables.js';
import { contest, type Told } from './clocked.js';
import type { Job, Loaded } from './job.js';
import { BenchSource } from './source.js';

/** How often the event loop's delay is looked at, in milliseconds. */
const RESOLUTION = 10;

await contest(
  async (job) => void (await run(job, { reload: false })),
  async (job) => {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
    delay.enable();
    const { summary, source } = await run(job, { reload: job.load === 'reload' });
    const ended = performance.now();
    delay.disable();
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
    return (): Told => ({
      loaded: loadedBy(job, TABLES[job.kind]),
      rejects: summary.rejects,
      ...(job.bytesPerSecond ? { remainingSeconds: (ended - source.sentBy) / 1000 } : {}),
      loopDelay: { p99: late(delay.percentile(99)), max: late(delay.max) },
      versions: { millpond: VERSION },
    });
  },
);

async function run(job: Job, { reload }: { readonly reload: boolean }) {
  const table = TABLES[job.kind];
  const fileOf = (slice: string) => job.files[job.slices.indexOf(slice)] ?? job.files[0]!;
  const source = new BenchSource({ table, fileOf, bytesPerSecond: job.bytesPerSecond });
  registerConnector(source.connector());
  const configFile = path.join(job.folder, 'millpond.yaml');
  fs.writeFileSync(configFile, configuration(job, table));
  const config = await loadConfig(configFile);
  const ctx: Ctx = {
    signal: new AbortController().signal,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    now: () => new Date(),
    budget: { memoryBytes: config.memoryBytes, threads: job.threads },
  };
  const { summary } = await runPipelines(
    {
      config,
      pipelines: [],
      datasets: [],
      scopes: [],
      slices: reload ? [`${table.name}:1:${job.slices[0]}`] : [],
      reload,
      noWait: false,
      trigger: 'manual',
      parent: null,
      onEvent() {},
    },
    ctx,
  );
  if (summary.status !== 'succeeded') throw new Error(JSON.stringify(summary.errors));
  return { summary, source };
}

function configuration(job: Job, table: Table): string {
  const since = job.load === 'reload' ? dayBefore(job.slices[0]!, job.held - 1) : job.slices.at(-1);
  const sink = job.sink === 'duckdb' ? 'duckdb, path: ./w.duckdb' : 'parquet, path: ./lake';
  return `version: 1
connections: { b: { connector: bench } }
landing: ./landing
memory: ${job.memory}
sinks: { out: { sink: ${sink} } }
pipelines: { b: { since: ${since}, until: ${job.slices[0]}, lookback: none, datasets: [${table.name}] } }
`;
}

function loadedBy({ folder, sink }: Job, table: Table): Loaded {
  if (sink === 'duckdb') return { file: path.join(folder, 'w.duckdb'), table: `bench.${table.name}` };
  return { glob: path.join(folder, 'lake', table.name, '**', '*.parquet') };
}

function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(day) - days * 86_400_000).toISOString().slice(0, 10);
}
