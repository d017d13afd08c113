/**
 * One measured run in a process of its own: `one-run.ts millpond|limit JOB`, where JOB is JSON.
 * Prints what it took as JSON.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { loadConfig } from '../dist/config/index.js';
import { registerConnector } from '../dist/connectors/registry.js';
import { makeCtx, runPipelines } from '../dist/pipelines/index.js';
import { REPORT } from './columns.js';
import { benchConnector } from './connector.js';

/** What a run is given. */
export interface RunJob {
  readonly files: readonly string[];
  readonly url: string;
  readonly memory: string;
}

/** What it took, and what the table then held. */
export interface Measured {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly rows: number;
  readonly impressions: string;
  readonly cost: string;
  readonly keyword_id: string;
}

const [, , who, text] = process.argv;
const job = JSON.parse(text!) as RunJob;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'millpond-bench-'));
const warehouse = path.join(folder, 'w.duckdb');
try {
  const run = who === 'limit' ? limit : await millpond();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await run();
  const seconds = (performance.now() - began) / 1000;
  const used = process.cpuUsage(cpu);
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  const held = await totals(who === 'limit' ? 't' : `bench.${REPORT.name}`);
  console.log(JSON.stringify({ seconds, cpuSeconds: (used.user + used.system) / 1e6, peakMiB, ...held }));
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

/** The whole way: HTTP, landing, staging, one safe commit. Set up before the clock starts. */
async function millpond(): Promise<() => Promise<void>> {
  const slices = job.files.map((_, i) => new Date(Date.UTC(2026, 0, 1) - i * 86_400_000).toISOString().slice(0, 10));
  registerConnector(benchConnector({ url: job.url, slices }));
  const file = path.join(folder, 'millpond.yaml');
  fs.writeFileSync(
    file,
    `version: 1
connections: { b: { connector: bench } }
landing: ./landing
memory: ${job.memory}
sinks: { warehouse: { sink: duckdb, path: ./w.duckdb } }
pipelines: { b: { connection: b, since: ${slices.at(-1)}, until: 2026-01-01, datasets: [${REPORT.name}] } }
`,
  );
  const config = await loadConfig(file);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const ctx = makeCtx({ signal: new AbortController().signal, log, memoryBytes: config.memoryBytes });
  const everything = { pipelines: [], datasets: [], scopes: [], slices: [] };
  return async () => {
    const { summary } = await runPipelines(
      { ...everything, config, reload: false, noWait: false, trigger: 'manual', parent: null, onEvent() {} },
      ctx,
    );
    if (summary.status !== 'succeeded') throw new Error(JSON.stringify(summary));
  };
}

/** The least anybody can do: DuckDB reads the local files into a typed table, checking nothing. */
async function limit(): Promise<void> {
  const instance = await DuckDBInstance.create(warehouse, { threads: '2' });
  const connection = await instance.connect();
  const columns = REPORT.columns.map(({ source, type }) => `"${source}": '${type}'`).join(', ');
  const files = job.files.map((file) => `'${file}'`).join(', ');
  await connection.run(`CREATE TABLE t AS SELECT * FROM read_json([${files}], format='array', columns={${columns}})`);
  connection.closeSync();
  instance.closeSync();
}

async function totals(table: string): Promise<Omit<Measured, 'seconds' | 'cpuSeconds' | 'peakMiB'>> {
  const instance = await DuckDBInstance.create(warehouse, { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const id = who === 'limit' ? '"keywordId"' : 'keyword_id';
  const reader = await connection.runAndReadAll(
    `SELECT count(*)::INT AS rows, sum(impressions)::VARCHAR AS impressions, sum(cost)::VARCHAR AS cost,
       sum(${id})::VARCHAR AS keyword_id FROM ${table}`,
  );
  connection.closeSync();
  instance.closeSync();
  return reader.getRowObjectsJson()[0] as never;
}
