import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Database } from '../../src/base/duckdb/database.js';
import { StageForge } from '../../src/contracts/conformance/sink-fixtures.js';
import { trialCtx, trialRun } from '../../src/contracts/conformance/sink-trial.js';
import type { Committed, Sink, Write } from '../../src/contracts/index.js';
import { createDuckdbSink, type DuckdbSinkOptions } from '../../src/sinks/duckdb/index.js';
import { query, warehouseIn } from './duckdb-harness.js';

/** A warehouse in a folder of its own, for one test. */
export class DuckdbTrial {
  readonly folder: string;
  readonly forge: StageForge;
  readonly file: string;
  sink: Sink;

  private constructor(folder: string, forge: StageForge) {
    this.folder = folder;
    this.forge = forge;
    this.file = warehouseIn(folder);
    this.sink = this.sinkAt(this.file);
  }

  static async open(): Promise<DuckdbTrial> {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-duckdb-'));
    return new DuckdbTrial(folder, await StageForge.open(folder));
  }

  /** A sink on that file, as the configuration would make it. */
  sinkAt(file: string, more: Partial<DuckdbSinkOptions> = {}): Sink {
    const plain = { name: 'warehouse', lockWaitMs: 2000, memoryBytes: 256e6, threads: 1 };
    return createDuckdbSink({ ...plain, path: file, ...more });
  }

  async close(): Promise<void> {
    this.forge.close();
    await fs.rm(this.folder, { recursive: true, force: true });
  }

  async commit(writes: readonly Write[], runId = 'run-1', sink = this.sink): Promise<Committed[]> {
    const ctx = trialCtx('2026-11-02T06:00:00.000Z');
    return sink.commit([await sink.prepare(writes, trialRun(runId), ctx)], trialRun(runId), ctx);
  }

  query(sql: string) {
    return query(this.file, sql);
  }

  /** Runs statements on a DuckDB file past the sink. */
  async execute(file: string, ...statements: readonly string[]): Promise<void> {
    const database = await Database.open({ path: file, threads: 1, memoryBytes: 256e6 });
    try {
      for (const statement of statements) await database.run(statement);
    } finally {
      database.close();
    }
  }
}
