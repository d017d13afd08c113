import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll } from 'vitest';
import { Database } from '../../src/base/duckdb/database.js';
import { identifier, literal, literalList } from '../../src/base/duckdb/quote.js';
import { snakeCase } from '../../src/base/names.js';
import type {
  Artifact,
  Ask,
  Column,
  ColumnPolicy,
  ColumnType,
  Ctx,
  SliceKey,
  Stage,
  Stager,
  Table,
} from '../../src/contracts/index.js';
import { createStager, readRows, type StagerOptions } from '../../src/transforms/index.js';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const budget = { memoryBytes: 512e6, threads: 2 };

export function testCtx(signal: AbortSignal = new AbortController().signal): Ctx {
  return { signal, now: () => new Date(), log, budget };
}

/** A column named after its source. */
export function column(source: string, type: ColumnType, more: Partial<Column> = {}): Column {
  return { name: snakeCase(source), source, type, role: 'dimension', nullable: true, ...more };
}

export function tableOf(columns: readonly Column[], more: Partial<Table> = {}): Table {
  return {
    name: 't',
    columns,
    key: [],
    mode: 'replace',
    scopeColumn: { name: '_profile_id', type: 'bigint' },
    ...more,
  };
}

export const KEY: SliceKey = { dataset: 't', scope: '11', slice: '2026-11-01' };
export const EVOLVE: ColumnPolicy = { unknown: 'evolve', types: {} };

export function askOf(slices: readonly SliceKey[] = [KEY], more: Partial<Ask> = {}): Ask {
  return {
    connection: 'c',
    dataset: 't',
    slices,
    columns: [],
    params: {},
    constants: {},
    fingerprint: 'f',
    requestFingerprint: 'r',
    ...more,
  };
}

/** One row as it came out of either way; cells as text so that they can be compared. */
export interface SeenRow {
  readonly row: number;
  readonly slice: string;
  readonly scope: string;
  readonly raw?: string;
  readonly reasons?: readonly string[];
  readonly cells?: Readonly<Record<string, unknown>>;
}

export interface StageOptions {
  readonly ask?: Ask;
  readonly policy?: ColumnPolicy;
  readonly format?: 'array' | 'ndjson';
  /** How the text arrives. */
  readonly writeBytes?: number;
  /** Or that it arrives whole, gzip'd. */
  readonly gzip?: boolean;
  readonly artifactId?: string;
  readonly signal?: AbortSignal;
}

/** A stager in a folder of its own, and a database to look into its parts. */
export class TestBench {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'millpond-transforms-'));
  readonly stager: Stager;
  #database: Promise<Database> | undefined;
  #artifacts = 0;

  constructor(options: Partial<StagerOptions> = {}) {
    this.stager = createStager({ folder: this.folder, budget, ...options });
    afterAll(() => this.close());
  }

  async stageAll(text: string | Uint8Array, tables: readonly Table[], options: StageOptions = {}): Promise<Stage[]> {
    this.#artifacts += 1;
    const ask = options.ask ?? askOf();
    const artifactId = options.artifactId ?? `a${this.#artifacts}`;
    const writer = this.stager.open(
      { artifactId, ask, tables, format: options.format ?? 'array', policy: options.policy ?? EVOLVE },
      testCtx(options.signal),
    );
    const bytes = Buffer.from(text);
    const step = options.writeBytes ?? 1 << 20;
    if (options.gzip) await writer.writeGzip(gzipSync(bytes));
    else for (let at = 0; at < bytes.length; at += step) await writer.write(bytes.subarray(at, at + step));
    return writer.close({ id: artifactId, ask } as Artifact);
  }

  async stage(text: string | Uint8Array, table: Table, options: StageOptions = {}): Promise<Stage> {
    return (await this.stageAll(text, [table], options))[0]!;
  }

  /** The rows of a stage, in the order of their numbers. */
  async rows(stage: Stage): Promise<SeenRow[]> {
    const rows = await this.query(
      `SELECT _scope, _slice, _row, _raw, _reasons, ${stage.columns.map((c) => identifier(c.name)).join(', ')}
       FROM read_parquet(${literalList(stage.parts.map((part) => part.uri))})
       WHERE _artifact = ${literal(stage.artifact.id)} ORDER BY _row`,
    );
    return rows.map(({ _scope, _slice, _row, _raw, _reasons, ...cells }) => ({
      row: Number(_row),
      scope: String(_scope),
      slice: String(_slice),
      ...(_reasons === null
        ? { cells: withoutNulls(cells) }
        : { raw: String(_raw), reasons: _reasons as unknown as string[] }),
    }));
  }

  /** How many of a stage's records SQL settled by itself; the others were judged one by one. */
  async settled(stage: Stage): Promise<number> {
    const [{ aside } = {}] = await this.query(
      `SELECT count(*) AS aside FROM read_parquet(${literalList(stage.parts.map((part) => part.uri))})
       WHERE _artifact = ${literal(`${stage.artifact.id}#aside`)}`,
    );
    return stage.totals.read - Number(aside);
  }

  async query(sql: string) {
    this.#database ??= Database.open({ path: ':memory:', threads: 1, memoryBytes: 256e6 });
    return (await this.#database).rows(sql);
  }

  files(ending = ''): string[] {
    return readdirSync(this.folder).filter((name) => name.endsWith(ending));
  }

  async close(): Promise<void> {
    await this.stager.close();
    (await this.#database)?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The same rows by way of the row reader. */
export async function readAll(text: string | Uint8Array, table: Table, options: StageOptions = {}): Promise<SeenRow[]> {
  const seen: SeenRow[] = [];
  for await (const row of readRows(Buffer.from(text), table, {
    slices: (options.ask ?? askOf()).slices,
    policy: options.policy ?? EVOLVE,
    format: options.format ?? 'array',
  })) {
    const place = { row: row.row, scope: row.key.scope, slice: row.key.slice };
    if (row.kind === 'reject') seen.push({ ...place, raw: row.raw, reasons: row.reasons });
    else {
      seen.push({ ...place, cells: cellsAsStaged({ ...row.values, ...row.unknown }, table) });
    }
  }
  return seen;
}

/** Values of the row reader as DuckDB's JSON shows them. */
export function cellsAsStaged(values: Readonly<Record<string, unknown>>, table: Table): Record<string, unknown> {
  const types = new Map(table.columns.map((c) => [c.name, c.type]));
  const cells = Object.entries(values).map(([name, value]) => [name, asStaged(value, types.get(name))]);
  return withoutNulls(Object.fromEntries(cells));
}

function asStaged(value: unknown, type: ColumnType | undefined): unknown {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return String(value);
  if (type === 'timestamptz')
    return `${String(value)
      .replace('T', ' ')
      .replace(/\.?0*Z$/, '')}+00`;
  if (typeof type === 'object' && 'list' in type)
    return (value as unknown[]).map((element) => asStaged(element, type.list));
  if (typeof type === 'object') {
    return Object.fromEntries(
      type.struct.map((field) => [field.name, asStaged((value as Record<string, unknown>)[field.name], field.type)]),
    );
  }
  return value;
}

function withoutNulls(cells: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== null));
}
