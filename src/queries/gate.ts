import { type DuckDBPreparedStatement, StatementType } from '@duckdb/node-api';
import type { Database } from '../base/duckdb/database.js';
import { literal } from '../base/duckdb/quote.js';
import { MillpondError } from '../base/errors.js';
import { positionOf, queryError } from './errors.js';

/**
 * Table functions that only compute, or read the catalogue. Everything else reads files
 * (`read_csv`, `glob`), writes them (`enable_logging` is a table function too), or runs SQL from
 * a text (`query`), which would pass by this gate.
 */
const HARMLESS_TABLE_FUNCTIONS = new Set([
  'duckdb_columns',
  'duckdb_constraints',
  'duckdb_databases',
  'duckdb_functions',
  'duckdb_keywords',
  'duckdb_schemas',
  'duckdb_tables',
  'duckdb_types',
  'duckdb_views',
  'generate_series',
  'histogram',
  'histogram_values',
  'icu_calendar_names',
  'json_each',
  'json_tree',
  'pg_timezone_names',
  'pragma_table_info',
  'range',
  'repeat',
  'repeat_row',
  'summary',
  'unnest',
]);

/** What DuckDB's own parser made of a text, by `json_serialize_sql`. */
interface ParsedSql {
  readonly error: boolean;
  readonly error_type?: string;
  readonly error_message?: string;
  readonly position?: string;
  readonly statements?: readonly unknown[];
}

/**
 * Lets a text through that is one statement and only reads: SELECT in all its forms (FROM, WITH,
 * VALUES, PIVOT … IN, DESCRIBE, SHOW, SUMMARIZE), or EXPLAIN of one. The parse tree of DuckDB
 * itself is judged, never the text.
 * @throws MillpondError `E_QUERY` where it cannot be parsed, `E_QUERY_FORBIDDEN` where it is more.
 */
export async function prepareRead(database: Database, sql: string): Promise<DuckDBPreparedStatement> {
  if (sql.includes('\0')) throw new MillpondError('E_QUERY', 'The query holds a NUL character');
  const explained = explainedStatement(sql);
  judge(await parse(database, explained ?? sql), explained ?? sql, await ownMacros(database));
  try {
    const extracted = await database.connection.extractStatements(sql);
    const statement = await extracted.prepare(0);
    const expected = explained === undefined ? StatementType.SELECT : StatementType.EXPLAIN;
    if (extracted.count !== 1 || statement.statementType !== expected) throw notARead();
    if (statement.parameterCount > 0) {
      throw new MillpondError('E_QUERY', 'The query holds a parameter ($1 or ?), and no value can be given', {
        hint: 'Write the value into the query.',
      });
    }
    return statement;
  } catch (error) {
    throw queryError(error);
  }
}

/** The statement behind EXPLAIN, or undefined where the text is none. */
function explainedStatement(sql: string): string | undefined {
  const match = /^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*EXPLAIN\b\s*(?:ANALYZE\b|\([^()]*\))?/i.exec(sql);
  return match ? sql.slice(match[0].length) : undefined;
}

async function parse(database: Database, sql: string): Promise<ParsedSql> {
  try {
    const rows = await database.rows(`SELECT json_serialize_sql(${literal(sql)}::VARCHAR)::VARCHAR AS tree`);
    return JSON.parse(String(rows[0]?.tree)) as ParsedSql;
  } catch (error) {
    throw queryError(error);
  }
}

/**
 * Table macros that stand in the warehouse itself: like its views, they read what is in it. One that
 * goes by the name of a function of DuckDB is none of them: the call could mean either.
 */
async function ownMacros(database: Database): Promise<ReadonlySet<string>> {
  const rows = await database.rows(`
    SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions() WHERE NOT internal AND function_type = 'table_macro'
    EXCEPT SELECT lower(function_name) FROM duckdb_functions() WHERE internal`);
  return new Set(rows.map(({ name }) => String(name)));
}

function judge(parsed: ParsedSql, sql: string, macros: ReadonlySet<string>): void {
  if (parsed.error) {
    if (parsed.error_type === 'parser') {
      const at = positionOf(sql, Number(parsed.position ?? 0));
      throw new MillpondError(
        'E_QUERY',
        `Parser Error: ${parsed.error_message} (line ${at.line}, column ${at.column})`,
        { at: { ...at } },
      );
    }
    throw notARead();
  }
  const count = parsed.statements?.length ?? 0;
  if (count === 0) throw new MillpondError('E_QUERY', 'The query is empty');
  if (count > 1) {
    throw new MillpondError('E_QUERY_FORBIDDEN', `The query holds ${count} statements`, {
      hint: 'Send one statement at a time.',
    });
  }
  const name = forbiddenFunction(parsed.statements, macros);
  if (name !== undefined) {
    throw new MillpondError('E_QUERY_FORBIDDEN', `The table function ${name} is not for ad hoc SQL`);
  }
}

/** The first table function in a parse tree that is not known to be harmless. */
function forbiddenFunction(node: unknown, macros: ReadonlySet<string>): string | undefined {
  if (node === null || typeof node !== 'object') return undefined;
  const { type, function: call } = node as { type?: unknown; function?: { function_name?: unknown } };
  if (type === 'TABLE_FUNCTION') {
    const name = String(call?.function_name).toLowerCase();
    if (!HARMLESS_TABLE_FUNCTIONS.has(name) && !macros.has(name)) return name;
  }
  for (const child of Object.values(node)) {
    const found = forbiddenFunction(child, macros);
    if (found !== undefined) return found;
  }
  return undefined;
}

function notARead(): MillpondError {
  return new MillpondError('E_QUERY_FORBIDDEN', 'The query does more than read', {
    hint: 'SELECT, DESCRIBE, SHOW, SUMMARIZE and EXPLAIN are understood; of PIVOT, the form with IN (…).',
  });
}
