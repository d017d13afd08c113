import fs from 'node:fs/promises';
import path from 'node:path';
import type { Database } from '../base/duckdb/database.js';
import { identifier, literal } from '../base/duckdb/quote.js';
import { asMillpondError, MillpondError, systemCode } from '../base/errors.js';
import { syncFile, syncFolder, temporaryName } from '../base/files.js';
import { throwIfAborted } from '../base/retry.js';
import { prepareRead } from './gate.js';
import type { OpenOptions } from './open.js';
import { csvExpression, jsonExpression } from './projection.js';
import { withReadOnly } from './session.js';

/** What a file's ending asks for. */
const FORMATS = { '.csv': 'csv', '.json': 'json', '.ndjson': 'ndjson', '.parquet': 'parquet' } as const;

type FileFormat = (typeof FORMATS)[keyof typeof FORMATS];

const COPY_OPTIONS: Readonly<Record<FileFormat, string>> = {
  csv: 'FORMAT csv, HEADER true',
  json: 'FORMAT json, ARRAY true',
  ndjson: 'FORMAT json',
  parquet: 'FORMAT parquet, COMPRESSION zstd',
};

/** What was written. */
export interface Exported {
  /** Absolute path. */
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Writes a query's rows into one file, whole or not at all. Cells read as they do in `sql`.
 * @throws MillpondError `E_USAGE` for an ending it does not know or a file that is there (unless
 *   `force`), `E_PATH_UNWRITABLE`, `E_DISK_FULL`, and what a query throws.
 */
export async function exportQuery(
  sql: string,
  to: { readonly file: string; readonly force: boolean },
  options: OpenOptions,
): Promise<Exported> {
  const file = path.resolve(to.file);
  const format = FORMATS[path.extname(file).toLowerCase() as keyof typeof FORMATS];
  if (format === undefined) {
    throw new MillpondError('E_USAGE', `Cannot tell the format of ${to.file} from its ending`, {
      hint: `Let it end with ${Object.keys(FORMATS).join(', ')}.`,
    });
  }
  await mustBeWritable(file, to.force);
  const temporary = temporaryName(file);
  try {
    const rows = await write(sql, format, temporary, options);
    throwIfAborted(options.ctx.signal);
    await syncFile(temporary);
    const { size } = await fs.stat(temporary);
    await place(temporary, file, to.force);
    return { file, rows, bytes: size };
  } catch (error) {
    throw asMillpondError(error);
  } finally {
    await fs.rm(temporary, { force: true });
  }
}

/** Says no before the query is run, not after. */
async function mustBeWritable(file: string, force: boolean): Promise<void> {
  const there = await fs.stat(file).catch(() => undefined);
  if (there?.isDirectory()) throw new MillpondError('E_PATH_UNWRITABLE', `${file} is a folder`);
  if (there && !force) throw fileExists(file);
  const folder = await fs.stat(path.dirname(file)).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw new MillpondError('E_PATH_UNWRITABLE', `${path.dirname(file)} is not a folder that is there`, {
      hint: 'Make the folder first, or name another one.',
    });
  }
}

function fileExists(file: string): MillpondError {
  return new MillpondError('E_USAGE', `${file} is there already`, {
    hint: 'Overwrite it with --force, or name another file.',
  });
}

/** DuckDB writes the file itself: it is the only one it is allowed to touch. */
async function write(sql: string, format: FileFormat, file: string, options: OpenOptions): Promise<number> {
  return withReadOnly({ ...options, writable: file }, async ({ database }) => {
    await prepareRead(database, sql);
    // A view takes the text as it stands, with its comments and the semicolon at its end.
    await database.run(`CREATE TEMP VIEW exported AS ${sql}`);
    const columns = await exportedColumns(database, format);
    const [done] = await database.rows(
      `COPY (SELECT ${columns} FROM temp.main.exported) TO ${literal(file)} (${COPY_OPTIONS[format]})`,
    );
    return Number(done?.Count);
  });
}

/** The columns as the format writes them: Parquet has types, text needs care. */
async function exportedColumns(database: Database, format: FileFormat): Promise<string> {
  if (format === 'parquet') return '*';
  const express = format === 'csv' ? csvExpression : jsonExpression;
  const statement = await database.connection.prepare('FROM temp.main.exported');
  const columns = Array.from({ length: statement.columnCount }, (_, i) => {
    const name = identifier(statement.columnName(i));
    return `${express(name, statement.columnType(i))} AS ${name}`;
  });
  return columns.join(', ');
}

/** Gives the file its name in one step; without `force` never over a file that came meanwhile. */
async function place(temporary: string, file: string, force: boolean): Promise<void> {
  if (force) {
    await fs.rename(temporary, file);
  } else {
    try {
      await fs.link(temporary, file);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw fileExists(file);
      throw error;
    }
  }
  await syncFolder(path.dirname(file));
}
