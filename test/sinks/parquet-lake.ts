import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database } from '../../src/base/duckdb/database.js';
import { literal } from '../../src/base/duckdb/quote.js';
import type { SinkHarness, TextRow } from '../../src/contracts/conformance/sink.js';
import { textRows } from '../../src/contracts/conformance/sink.js';
import { trialCtx } from '../../src/contracts/conformance/sink-trial.js';
import type { Sink } from '../../src/contracts/index.js';
import { createParquetSink, lakeViews } from '../../src/sinks/parquet/index.js';

/** A Parquet sink at `root`, as tests use it. */
export function parquetSink(root: string, lockWaitMs = 10_000): Sink {
  return createParquetSink({ name: 'lake', path: root, lockWaitMs, memoryBytes: 512e6, threads: 1 });
}

/** Runs a query in a plain DuckDB that knows nothing of Millpond. */
export async function plainQuery(query: string): Promise<TextRow[]> {
  const database = await Database.open({ path: ':memory:', threads: 1, memoryBytes: 256e6 });
  try {
    return await textRows(database, query);
  } finally {
    database.close();
  }
}

/** How the README tells users to read a table of a lake. */
export function tableGlob(root: string, table: string): string {
  return `read_parquet(${literal(`${root}/${table}/**/*.parquet`)}, hive_partitioning=true, union_by_name=true)`;
}

/** Runs a query over the views of a lake. */
export async function viewQuery(root: string, query: string): Promise<TextRow[]> {
  const database = await Database.open({ path: ':memory:', threads: 1, memoryBytes: 256e6 });
  try {
    for (const statement of await lakeViews(root, trialCtx('2026-11-02T06:00:00.000Z'))) await database.run(statement);
    return await textRows(database, query);
  } finally {
    database.close();
  }
}

/** A child process that runs a script of ours; resolves when it has ended. */
export function child(
  script: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly shellPrefix?: string } = {},
) {
  const file = path.join(path.dirname(fileURLToPath(import.meta.url)), script);
  const command = [process.execPath, file, ...args];
  const env = { ...process.env, ...options.env };
  const started = options.shellPrefix
    ? spawn('bash', ['-c', `${options.shellPrefix}; exec "$@"`, 'bash', ...command], { env })
    : spawn(command[0]!, command.slice(1), { env });
  let output = '';
  started.stdout.on('data', (chunk) => {
    output += chunk;
  });
  started.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>((resolve) => {
    started.on('close', (code, signal) => resolve({ code, signal, output }));
  });
  return {
    process: started,
    ended,
    /** Resolves once the output holds `text`. */
    async says(text: string): Promise<void> {
      while (!output.includes(text)) {
        if (started.exitCode !== null || started.signalCode !== null) throw new Error(`child ended: ${output}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
  };
}

/** All files below a folder, relative to it. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** The conformance suite's hands on a lake. */
export const parquetHarness: SinkHarness = {
  makeSink: async (folder, options) => parquetSink(path.join(folder, 'lake'), options?.lockWaitMs),
  async readRows(sink, _schema, table) {
    const there = await fs.access(path.join(sink.path, table)).then(
      () => true,
      () => false,
    );
    return there ? plainQuery(`SELECT * FROM ${tableGlob(sink.path, table)}`) : [];
  },
  query: (sink, sql) => viewQuery(sink.path, sql),
  readRejects: (sink) => viewQuery(sink.path, 'SELECT * FROM millpond.rejects'),
  async hold(folder, holdMs) {
    const holder = child('parquet-hold.mjs', [path.join(folder, 'lake'), String(holdMs)]);
    await holder.says('held');
    return {
      pid: holder.process.pid!,
      async release() {
        holder.process.kill('SIGKILL');
        await holder.ended;
      },
    };
  },
};
