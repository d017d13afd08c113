import fs from 'node:fs';

/** A record that is not plain, in a file whose other records are. */
export interface OddRecord {
  /** Its number in the file, from 1. */
  readonly row: number;
  /** Where it begins in the file, in bytes. */
  readonly at: number;
  readonly bytes: Buffer;
}

/** A file and what is odd in it. */
export interface OddFile {
  readonly path: string;
  readonly odd: readonly OddRecord[];
}

/**
 * Does `work` while empty objects stand in place of odd records, which DuckDB reads as rows of
 * nulls. Then they are as they were: the files may be read again.
 */
export async function withoutOdd<T>(files: readonly OddFile[], work: () => Promise<T>): Promise<T> {
  write(files, ({ bytes }) => Buffer.from(`{${' '.repeat(bytes.length - 2)}}`));
  try {
    return await work();
  } finally {
    write(files, ({ bytes }) => bytes);
  }
}

/** Not asynchronous: a thousand pieces of a page that is in memory take less than a millisecond. */
function write(files: readonly OddFile[], text: (record: OddRecord) => Buffer): void {
  for (const { path, odd } of files) {
    if (odd.length === 0) continue;
    const file = fs.openSync(path, 'r+');
    try {
      for (const record of odd) fs.writeSync(file, text(record), 0, record.bytes.length, record.at);
    } finally {
      fs.closeSync(file);
    }
  }
}
