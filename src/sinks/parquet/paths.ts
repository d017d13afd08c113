import { createHash } from 'node:crypto';
import path from 'node:path';
import { MillpondError } from '../../base/errors.js';
import { dayOfSlice, type SliceKey, type Table } from '../../contracts/index.js';

/** The column that stands in the path of day slices instead of in the file. */
export const DATE_COLUMN = 'report_date';

/** Millpond's own folder in a lake: rejects, notes, lock. No dataset is named like it. */
export const OWN_FOLDER = '_millpond';

/** Where Millpond's own things stand; absolute. */
export function ownPaths(root: string) {
  const own = path.join(root, OWN_FOLDER);
  return {
    own,
    meta: path.join(own, 'meta.json'),
    lock: path.join(own, 'commit.lock'),
    rejects: path.join(own, 'rejects'),
    runs: path.join(own, 'runs'),
    commits: path.join(own, 'commits'),
    outcomes: path.join(own, 'outcomes.json'),
    columns: path.join(own, 'columns.json'),
    views: path.join(own, 'views.json'),
  };
}

/** Where a slice's rows of one table stand. */
export interface Place {
  /** Path of the file relative to the lake, with `/`. */
  readonly file: string;
  /** The day that the path says in `report_date=…`, or null where the column, if any, is in the file. */
  readonly reportDate: string | null;
}

/**
 * The file of a slice: `<table>/<scope column>=<scope>/` and then
 * `current.parquet` of current state, `all.parquet` of tables merged by key (their rows know no
 * slice), `report_date=<day>/<slice>.parquet` of days, and `<slice>.parquet` of anything else.
 */
export function placeOf(table: Table, key: SliceKey, currentState: boolean): Place {
  const folder = scopeFolder(table, key.scope);
  if (currentState) return { file: `${folder}/current.parquet`, reportDate: null };
  if (table.mode === 'upsert') return { file: `${folder}/all.parquet`, reportDate: null };
  const day = dayOfSlice(key.slice);
  if (day !== undefined && table.columns.some((column) => column.name === DATE_COLUMN)) {
    return { file: `${folder}/${DATE_COLUMN}=${day}/${fileStem(key.slice)}.parquet`, reportDate: day };
  }
  return { file: `${folder}/${fileStem(key.slice)}.parquet`, reportDate: null };
}

/** Folder of a table's files of one scope, relative to the lake. */
export function scopeFolder(table: Table, scope: string): string {
  return `${folderName(table.name)}/${folderName(table.scopeColumn.name)}=${hiveValue(scope)}`;
}

/** Folder of the rejects of a dataset and scope, relative to the lake. */
export function rejectsFolder(table: Table, key: SliceKey): string {
  return `${OWN_FOLDER}/rejects/dataset=${folderName(key.dataset)}/${folderName(table.scopeColumn.name)}=${hiveValue(key.scope)}`;
}

/** A name of ours as a folder's name. @throws MillpondError `E_BUG` where it could lead elsewhere. */
export function folderName(name: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(name) || name === OWN_FOLDER) {
    throw new MillpondError('E_BUG', `"${name}" cannot name a folder of a lake`);
  }
  return name;
}

/**
 * A value in a `key=value` folder, as hive readers decode it. The word by which they mean NULL is
 * spelled differently, or a scope of that name would lose its rows (duckdb/duckdb#24308).
 */
export function hiveValue(value: string): string {
  const encoded = percentEncode(value);
  return encoded === '__HIVE_DEFAULT_PARTITION__' ? encoded.replace('_', '%5F') : encoded;
}

/** A slice as a file's name without ending: `/` becomes `.`, and no two slices share a name. */
export function fileStem(slice: string): string {
  const stem = slice.split('/').map(percentEncode).join('.');
  // Current state has that name.
  if (stem === 'current') return `%${stem.charCodeAt(0).toString(16)}${stem.slice(1)}`;
  // File systems end at 255 bytes, and a temporary name is longer by about 40.
  if (stem.length <= 180) return stem;
  return `${stem.slice(0, 100)}~${createHash('sha256').update(slice).digest('hex')}`;
}

/** Leaves letters, digits, `_` and `-`; never yields `.`, `/` or nothing. */
function percentEncode(text: string): string {
  if (text === '') throw new MillpondError('E_BUG', 'An empty name cannot stand in the path of a lake');
  return [...Buffer.from(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[A-Za-z0-9_-]/.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** The absolute path of a file that a lake knows as `file`. */
export function absolute(root: string, file: string): string {
  return path.join(root, ...file.split('/'));
}
