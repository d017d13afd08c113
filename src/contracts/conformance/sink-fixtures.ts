import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { Database } from '../../base/duckdb/database.js';
import { identifier, literal, sqlType } from '../../base/duckdb/quote.js';
import type { Artifact, Column, ColumnType, SliceKey, Stage, Table } from '../index.js';

/** A row as a check writes it down: each cell as text, or null. */
export interface FixtureRow {
  readonly scope: string;
  readonly slice: string;
  readonly cells: Readonly<Record<string, string | null>>;
}

/** A record that could not be typed. */
export interface FixtureReject {
  readonly scope: string;
  readonly slice: string;
  readonly raw: string;
  readonly reasons: readonly string[];
}

/** What one artifact holds for one table. */
export interface StageSpec {
  readonly table: Table;
  readonly dataset: string;
  /** Every slice of the ask, also those without a row. */
  readonly slices: readonly SliceKey[];
  readonly rows: readonly FixtureRow[];
  readonly rejects?: readonly FixtureReject[];
  readonly asOf: string;
  /** Columns beyond (or instead of) the table's. */
  readonly columns?: readonly Column[];
  /** Equal text, equal artifact: a replay. Absent: a new artifact. */
  readonly artifact?: string;
}

/** A column in few words. */
export function column(name: string, type: ColumnType, role: Column['role'] = 'metric', nullable = true): Column {
  return { name, source: name, type, role, nullable };
}

const SCOPE = { name: '_profile_id', type: 'bigint' } as const;

/** Every type there is, in a table of days. */
export const REPORT: Table = {
  name: 'trial_report',
  mode: 'replace',
  key: ['report_date', 'campaign_id'],
  scopeColumn: SCOPE,
  sliceOf: 'report_date',
  description: 'Figures of a day',
  columns: [
    column('report_date', 'date', 'constant', false),
    column('campaign_id', 'bigint', 'dimension', false),
    column('name', 'varchar', 'dimension'),
    column('clicks', 'bigint'),
    column('cost', 'decimal(18,6)'),
    column('rate', 'double'),
    column('seen_at', 'timestamptz'),
    column('active', 'boolean'),
    column('extra', 'json'),
    column('tags', { list: 'varchar' }),
    column('budget', { struct: [column('amount', 'decimal(33,2)'), column('currency', 'varchar')] }),
  ],
};

/** Current state of something. */
export const STATE: Table = {
  name: 'trial_state',
  mode: 'replace',
  key: ['campaign_id'],
  scopeColumn: SCOPE,
  columns: [column('campaign_id', 'bigint', 'dimension', false), column('name', 'varchar', 'dimension')],
};

/** What happened, slice after slice. */
export const LOG: Table = { ...STATE, name: 'trial_log', mode: 'append' };

/** Things kept by key, of catalogs instead of profiles. */
export const ENTITY: Table = {
  name: 'trial_entity',
  mode: 'upsert',
  key: ['id'],
  scopeColumn: { name: '_catalog', type: 'varchar' },
  columns: [column('id', 'varchar', 'dimension', false), column('stage', 'varchar'), column('amount', 'decimal(33,2)')],
};

/** Writes stages as a transform would, with DuckDB into Parquet parts. */
export class StageForge {
  readonly #folder: string;
  readonly #database: Database;

  private constructor(folder: string, database: Database) {
    this.#folder = folder;
    this.#database = database;
  }

  static async open(folder: string): Promise<StageForge> {
    return new StageForge(folder, await Database.open({ path: ':memory:', threads: 1, memoryBytes: 256e6 }));
  }

  close(): void {
    this.#database.close();
  }

  /** One artifact of its own part. */
  async stage(spec: StageSpec): Promise<Stage> {
    const [stage] = await this.stages([spec]);
    return stage as Stage;
  }

  /** Several artifacts that share one part; all of one table and the same columns. */
  async stages(specs: readonly StageSpec[]): Promise<Stage[]> {
    const columns = specs[0]?.columns ?? specs[0]?.table.columns ?? [];
    const artifacts = specs.map((spec) => artifactOf(spec));
    const lines = specs.flatMap((spec, i) => linesOf(spec, columns, (artifacts[i] as Artifact).id));
    const names = ['_artifact', '_scope', '_slice', '_row', '_raw', '_reasons', ...columns.map((c) => c.name)];
    const list = names.map((name) => identifier(name)).join(', ');
    const source =
      lines.length > 0
        ? `(VALUES ${lines.join(', ')}) t(${list})`
        : `(SELECT ${names.map((name) => `NULL AS ${identifier(name)}`).join(', ')} WHERE false)`;
    const part = await this.#copy(
      `SELECT _artifact::VARCHAR AS _artifact, _scope::VARCHAR AS _scope, _slice::VARCHAR AS _slice,
         _row::BIGINT AS _row, _raw::VARCHAR AS _raw, _reasons::VARCHAR[] AS _reasons
         ${columns.map((c) => `, ${castTo(c)} AS ${identifier(c.name)}`).join('')}
       FROM ${source}`,
    );
    return specs.map((spec, i) => stageOf(spec, artifacts[i] as Artifact, columns, part));
  }

  /** `count` rows of {@link REPORT} in one slice, made by DuckDB itself: enough to be busy with. */
  async bulk(key: SliceKey, asOf: string, count: number, firstId = 1): Promise<Stage> {
    const spec: StageSpec = { table: REPORT, dataset: key.dataset, slices: [key], rows: [], asOf };
    const artifact = artifactOf(spec);
    const part = await this.#copy(
      `SELECT ${literal(artifact.id)} AS _artifact, ${literal(key.scope)} AS _scope, ${literal(key.slice)} AS _slice,
         i + 1 AS _row, NULL::VARCHAR AS _raw, NULL::VARCHAR[] AS _reasons,
         ${literal(key.slice)}::DATE AS report_date, i + ${firstId} AS campaign_id, 'campaign ' || i AS name,
         i % 97 AS clicks, ((i * 7919) % 1000003 / 1000)::DECIMAL(18,6) AS cost, i / 7.0::DOUBLE AS rate,
         TIMESTAMPTZ '2026-10-01 00:00:00+00' + INTERVAL (i) SECOND AS seen_at, i % 2 = 0 AS active,
         '{}'::JSON AS extra, ['a', 'b'] AS tags,
         {'amount': i::DECIMAL(33,2), 'currency': 'USD'} AS budget
       FROM range(${count}) r(i)`,
    );
    const stage = stageOf(spec, artifact, REPORT.columns, part);
    return {
      ...stage,
      totals: { ...stage.totals, read: count, slices: [{ key, rows: count, rejects: 0 }] },
    };
  }

  /** The stage again, its rows passed through a query over `part`, its totals changed. */
  async rewrite(stage: Stage, select: string, totals: Partial<Stage['totals']> = {}): Promise<Stage> {
    const parts = await Promise.all(
      stage.parts.map((part) =>
        this.#copy(
          `WITH part AS (SELECT * FROM read_parquet(${literal(part.uri)}, hive_partitioning=false)) ${select}`,
        ),
      ),
    );
    return { ...stage, parts: parts.map((uri) => ({ uri })), totals: { ...stage.totals, ...totals } };
  }

  /** Rows and rejects of a slice as they really stand in a stage's parts. */
  async count(stage: Stage, key: SliceKey): Promise<{ rows: number; rejects: number }> {
    const rows = await this.#database.rows(
      `SELECT count(*) FILTER (_reasons IS NULL) AS n, count(*) FILTER (_reasons IS NOT NULL) AS bad
       FROM read_parquet([${stage.parts.map((p) => literal(p.uri)).join(', ')}], hive_partitioning=false)
       WHERE _artifact = ${literal(stage.artifact.id)} AND _scope = ${literal(key.scope)} AND _slice = ${literal(key.slice)}`,
    );
    return { rows: Number(rows[0]?.n), rejects: Number(rows[0]?.bad) };
  }

  async #copy(select: string): Promise<string> {
    const uri = path.join(this.#folder, `${randomUUID()}.parquet`);
    await this.#database.run(`COPY (${select}) TO ${literal(uri)} (FORMAT parquet, COMPRESSION zstd)`);
    return uri;
  }
}

function castTo(column: Column): string {
  return `${identifier(column.name)}::VARCHAR::${sqlType(column.type)}`;
}

/** The spec's rows and rejects as SQL tuples. Rejects take the record numbers after the rows. */
function linesOf(spec: StageSpec, columns: readonly Column[], artifactId: string): string[] {
  const text = (value: string | null | undefined) => (value == null ? 'NULL' : literal(value));
  const rows = spec.rows.map(
    (row, i) =>
      `(${text(artifactId)}, ${text(row.scope)}, ${text(row.slice)}, ${i + 1}, NULL, NULL${columns.map((c) => `, ${text(row.cells[c.name])}`).join('')})`,
  );
  const rejects = (spec.rejects ?? []).map(
    (reject, i) =>
      `(${text(artifactId)}, ${text(reject.scope)}, ${text(reject.slice)}, ${spec.rows.length + i + 1}, ${text(reject.raw)}, [${reject.reasons.map(literal).join(', ')}]${', NULL'.repeat(columns.length)})`,
  );
  return [...rows, ...rejects];
}

function stageOf(spec: StageSpec, artifact: Artifact, columns: readonly Column[], uri: string): Stage {
  const within = (key: SliceKey) => (line: { scope: string; slice: string }) =>
    line.scope === key.scope && line.slice === key.slice;
  const rejects = spec.rejects ?? [];
  return {
    artifact,
    table: spec.table,
    columns,
    parts: [{ uri }],
    totals: {
      read: spec.rows.length + rejects.length,
      slices: spec.slices.map((key) => ({
        key,
        rows: spec.rows.filter(within(key)).length,
        rejects: rejects.filter(within(key)).length,
      })),
      unknown: [],
      vanished: [],
    },
    discard: async () => {},
  };
}

function artifactOf(spec: StageSpec): Artifact {
  const id = spec.artifact ?? randomUUID();
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  return {
    id,
    path: `trial/${id}.json.gz`,
    sha256: sha256(`gz ${id}`),
    contentSha256: sha256(id),
    bytes: 100 + spec.rows.length,
    contentBytes: 1000 + spec.rows.length,
    compression: 'gzip',
    format: 'array',
    ask: {
      connection: 'trial',
      dataset: spec.dataset,
      slices: spec.slices,
      columns: spec.table.columns.map((c) => c.source),
      params: {},
      constants: {},
      fingerprint: sha256(`ask ${id}`),
      requestFingerprint: 'request-1',
    },
    asOf: spec.asOf,
    landedAt: spec.asOf,
  };
}
