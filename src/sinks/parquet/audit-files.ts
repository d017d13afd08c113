import type { Database } from '../../base/duckdb/database.js';
import { literalList } from '../../base/duckdb/quote.js';
import { messageOf } from '../../base/errors.js';
import type { LakeFile } from './lake-index.js';
import { absolute } from './paths.js';

/** Reads exactly these files, each row with the path of its file as `_file`. */
export function readNamed(files: readonly string[]): string {
  return `read_parquet(${literalList(files)}, hive_partitioning=false, union_by_name=true, filename='_file')`;
}

/**
 * Works on files together, as if there were no damage; where that fails, each is read by itself,
 * and the work is done again without those that cannot be.
 * @returns with what came of it, the files that were left out, each with what DuckDB says of it.
 * @throws whatever `work` throws though every file can be read.
 */
export async function withReadable<T>(
  database: Database,
  root: string,
  files: readonly LakeFile[],
  work: (files: readonly LakeFile[]) => Promise<T>,
): Promise<{ readonly result: T; readonly damaged: ReadonlyMap<LakeFile, string> }> {
  const damaged = new Map<LakeFile, string>();
  try {
    return { result: await work(files), damaged };
  } catch (error) {
    for (const file of files) {
      const why = await damage(database, absolute(root, file.file));
      if (why !== undefined) damaged.set(file, why);
    }
    if (damaged.size === 0) throw error;
    return { result: await work(files.filter((file) => !damaged.has(file))), damaged };
  }
}

/** Why a file cannot be read to its end; undefined where it can. */
async function damage(database: Database, file: string): Promise<string | undefined> {
  try {
    await database.rows(`SELECT sum(hash(t)) FROM ${readNamed([file])} t`);
    return undefined;
  } catch (error) {
    return messageOf(error).split('\n')[0];
  }
}
