import { identifier, literal, literalList } from '../../base/duckdb/quote.js';
import { existing } from '../../base/files.js';
import { LEDGER_COLUMNS } from '../../contracts/index.js';
import { readFiles } from './ddl.js';
import type { LakeFile } from './lake-index.js';
import { commonSchema } from './notes.js';
import { absolute, ownPaths } from './paths.js';

/** What the views read of a footer; `from_json` takes the shape as JSON. */
const FOOTER = {
  dataset: 'VARCHAR',
  scope: 'VARCHAR',
  schema: 'VARCHAR',
  current_state: 'BOOLEAN',
  slices: [
    {
      slice: 'VARCHAR',
      rows: 'BIGINT',
      rejects: 'BIGINT',
      artifacts: [
        {
          sha256: 'VARCHAR',
          content_sha256: 'VARCHAR',
          path: 'VARCHAR',
          bytes: 'BIGINT',
          rows: 'BIGINT',
          rejects: 'BIGINT',
          as_of: 'TIMESTAMPTZ',
        },
      ],
      request_fingerprint: 'VARCHAR',
      as_of: 'TIMESTAMPTZ',
      run_id: 'VARCHAR',
      committed_at: 'TIMESTAMPTZ',
      final: 'BOOLEAN',
      commit: 'VARCHAR',
      replaced_sha256: 'VARCHAR',
    },
  ],
};

const { rejects: REJECTS, columns: COLUMNS } = LEDGER_COLUMNS;
const COMMITS = { commit: 'VARCHAR', ...LEDGER_COLUMNS.commits };

const RUNS = {
  runId: 'VARCHAR',
  pipeline: 'VARCHAR',
  trigger: 'VARCHAR',
  parent: 'VARCHAR',
  status: 'VARCHAR',
  startedAt: 'TIMESTAMPTZ',
  endedAt: 'TIMESTAMPTZ',
  version: 'VARCHAR',
  rows: 'BIGINT',
  rejects: 'BIGINT',
  errors: 'BIGINT',
};

const OUTCOMES = {
  schema: 'VARCHAR',
  dataset: 'VARCHAR',
  scope: 'VARCHAR',
  slice: 'VARCHAR',
  outcome: 'VARCHAR',
  reason: 'VARCHAR',
  message: 'VARCHAR',
  attempts: 'BIGINT',
  since: 'TIMESTAMPTZ',
  runId: 'VARCHAR',
  notedAt: 'TIMESTAMPTZ',
};

/** The statements that make `millpond.*` of a lake: the tables of a warehouse, as views. */
export async function noteViews(
  root: string,
  files: readonly LakeFile[],
  history: readonly string[],
  runs: readonly string[],
): Promise<string[]> {
  const own = ownPaths(root);
  const ledger = files.filter(({ footer }) => footer.ledger);
  const rejects = await existing(
    ledger.flatMap(({ footer }) =>
      footer.slices.flatMap((slice) => slice.reject_files.map((file) => absolute(root, file))),
    ),
  );
  // What was written before lines named their schema belongs to the one that most files have.
  const older = literal(commonSchema(files.map(({ footer }) => footer.schema)));
  const named = (query: string, name = 'schema_name') =>
    `SELECT * REPLACE (coalesce(${name}, ${older}) AS ${name}) FROM (${query})`;
  const heads = 'schema_name, dataset, scope, s.slice';
  const same = 'h.schema_name = o.schema_name AND h.dataset = o.dataset AND h.scope = o.scope AND h.slice = o.slice';
  const rejected = rejects.length > 0 ? `SELECT * FROM ${readFiles(rejects, { byName: true })}` : nothing(REJECTS);
  return [
    view(
      'footers',
      `SELECT f.dataset, f.scope, f.schema AS schema_name, f.current_state, unnest(f.slices) AS s FROM (${footers(root, ledger)})`,
    ),
    ledgerView(
      'slices',
      `SELECT ${heads}, s.rows, s.rejects, s.artifacts[-1].sha256 AS artifact_sha256,
      list_sum(list_transform(s.artifacts, lambda a: a.bytes))::BIGINT AS bytes, s.as_of, s.request_fingerprint, s.run_id,
      s.committed_at, s.final, current_state FROM millpond.footers`,
    ),
    ledgerView(
      'artifacts',
      `SELECT schema_name, dataset, scope, slice, a.sha256 AS artifact_sha256, a.content_sha256, a.path, a.bytes, a.rows, a.rejects, a.as_of, run_id, position
      FROM (SELECT ${heads}, s.run_id, unnest(s.artifacts) AS a, generate_subscripts(s.artifacts, 1) - 1 AS position FROM millpond.footers)`,
    ),
    ledgerView(
      'commits',
      `SELECT DISTINCT ON (commit) * FROM (
      SELECT s.commit, ${heads}, s.run_id, s.committed_at, s.rows, s.artifacts[-1].sha256 AS artifact_sha256, s.replaced_sha256 FROM millpond.footers
      UNION ALL BY NAME ${named(jsonLines(history, COMMITS))})`,
    ),
    ledgerView('rejects', named(`${rejected} UNION ALL BY NAME ${nothing(REJECTS)}`)),
    ledgerView(
      'runs',
      `SELECT runId AS run_id, startedAt AS started_at, endedAt AS ended_at, * FROM (${jsonLines(runs, RUNS)})`,
    ),
    ledgerView('columns', named(jsonArray(await existing([own.columns]), COLUMNS))),
    // An outcome whose slice was committed later is over, also where a kill kept it on disk.
    ledgerView(
      'outcomes',
      `SELECT * FROM (SELECT *, schema AS schema_name, runId AS run_id
        FROM (${named(jsonArray(await existing([own.outcomes]), OUTCOMES), 'schema')})) o
      WHERE NOT EXISTS (SELECT 1 FROM millpond.slices h WHERE ${same} AND h.committed_at > o.notedAt)`,
    ),
    view(
      'meta',
      `SELECT 'format' AS key, format AS value FROM (${jsonLines(await existing([own.meta]), { format: 'VARCHAR' })})`,
    ),
    view(
      'freshness',
      `SELECT dataset, scope, min(slice) AS first_slice, max(slice) AS last_slice, max(as_of) AS as_of, max(committed_at) AS committed_at,
      max(TRY_CAST(left(slice, 10) AS DATE)) FILTER (final AND regexp_matches(slice, '^[0-9]{4}-[0-9]{2}-[0-9]{2}(/|$)')) AS final_until, schema_name
      FROM millpond.slices GROUP BY dataset, scope, schema_name`,
    ),
    // A slice that is held is no gap though its reload failed; a missing revision is one inside a held slice,
    // and so is a profile that is gone, for its rows stay.
    view(
      'gaps',
      `SELECT dataset, scope, slice, reason, since, schema_name FROM millpond.outcomes o
      WHERE reason IN ('revision_missing', 'profile_gone') OR NOT EXISTS (SELECT 1 FROM millpond.slices h WHERE ${same})`,
    ),
  ];
}

/** A view with the columns that a table of that name has in every sink. */
function ledgerView(name: keyof typeof LEDGER_COLUMNS, query: string): string {
  const columns = Object.keys(LEDGER_COLUMNS[name]).map((column) => identifier(column));
  return view(name, `SELECT ${columns.join(', ')} FROM (${query})`);
}

type Shape = Readonly<Record<string, string>>;

function view(name: string, query: string): string {
  return `CREATE VIEW ${identifier('millpond', name)} AS ${query}`;
}

function footers(root: string, files: readonly LakeFile[]): string {
  const shape = literal(JSON.stringify(FOOTER));
  if (files.length === 0) return `SELECT from_json('{}'::JSON, ${shape}) AS f WHERE false`;
  const names = literalList(files.map(({ file }) => absolute(root, file)));
  return `SELECT from_json(decode(value)::JSON, ${shape}) AS f FROM parquet_kv_metadata(${names}) WHERE key = 'millpond.ledger'::BLOB`;
}

function jsonLines(files: readonly string[], shape: Shape): string {
  return json(files, shape, 'newline_delimited');
}

function jsonArray(files: readonly string[], shape: Shape): string {
  return json(files, shape, 'array');
}

function json(files: readonly string[], shape: Shape, format: string): string {
  if (files.length === 0) return nothing(shape);
  const columns = Object.entries(shape).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
  return `SELECT * FROM read_json(${literalList(files)}, format=${literal(format)}, columns={${columns.join(', ')}})`;
}

/** No row of these columns. */
function nothing(shape: Shape): string {
  const columns = Object.entries(shape).map(([name, type]) => `NULL::${type} AS ${identifier(name)}`);
  return `SELECT ${columns.join(', ')} WHERE false`;
}
