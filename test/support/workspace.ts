import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { loadConfig } from '../../src/config/index.js';
import type { Config } from '../../src/config/types.js';
import type { Ctx } from '../../src/contracts/index.js';
import {
  type Filters,
  makeCtx,
  type RunEvent,
  type RunOptions,
  type RunResult,
  runPipelines,
} from '../../src/pipelines/index.js';

/** No filter at all. */
export const EVERYTHING: Filters = { pipelines: [], datasets: [], scopes: [], slices: [] };

/** A folder of a test's own, with a configuration in it. */
export class Workspace {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(yaml?: string): Promise<Workspace> {
    const workspace = new Workspace(await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-')));
    if (yaml !== undefined) await workspace.write(yaml);
    return workspace;
  }

  get configFile(): string {
    return path.join(this.folder, 'millpond.yaml');
  }

  get warehouse(): string {
    return path.join(this.folder, 'warehouse.duckdb');
  }

  get lake(): string {
    return path.join(this.folder, 'lake');
  }

  write(yaml: string): Promise<void> {
    return fs.writeFile(this.configFile, yaml);
  }

  config(): Promise<Config> {
    return loadConfig(this.configFile);
  }

  ctx(signal = new AbortController().signal): Ctx {
    return makeCtx({ signal, log: { debug() {}, info() {}, warn() {}, error() {} }, memoryBytes: 1e9 });
  }

  /** A run in this process; its events go to `events`. */
  async run(options: Partial<RunOptions> = {}, events: RunEvent[] = [], signal?: AbortSignal): Promise<RunResult> {
    const defaults = { reload: false, noWait: false, trigger: 'manual', parent: null } as const;
    const onEvent = (event: RunEvent) => void events.push(event);
    return runPipelines(
      { ...EVERYTHING, ...defaults, config: await this.config(), onEvent, ...options },
      this.ctx(signal),
    );
  }

  /** Rows of the warehouse, ids and decimals as text. */
  sql(query: string): Promise<Record<string, unknown>[]> {
    return queryFile(this.warehouse, query);
  }

  /** Rows of the lake: `LAKE` stands for its path. */
  lakeSql(query: string): Promise<Record<string, unknown>[]> {
    return queryFile(':memory:', query.replaceAll('LAKE', this.lake));
  }

  remove(): Promise<void> {
    return fs.rm(this.folder, { recursive: true, force: true });
  }
}

/** Opens a file by itself, as any other program would. */
export async function queryFile(file: string, query: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(file, file === ':memory:' ? {} : { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone='UTC'");
    return (await connection.runAndReadAll(query)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
