import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Content, records, Sums } from './records.js';

/** A gzip'd JSON array, and what it adds up to. */
export interface InputFile {
  readonly path: string;
  /** Of the file as it is; gzip'd. */
  readonly bytes: number;
  readonly content: Content;
  readonly sums: Sums;
}

/** Where inputs are kept between runs; not committed. */
export const DATA_FOLDER = path.join(import.meta.dirname, '..', '.data');

/** Inputs of an older generator are not used again. */
const STAMP = createHash('sha256')
  .update(fs.readFileSync(path.join(import.meta.dirname, 'records.ts')))
  .digest('hex')
  .slice(0, 8);

/** The file of that content: made once, then kept. */
export async function inputFile(content: Content, folder = DATA_FOLDER): Promise<InputFile> {
  const { kind, rows, part, version, date, badPercent } = content;
  const name = [kind, rows, part, version, date, `bad${badPercent}`, STAMP].join('-');
  const file = path.join(folder, `${name}.json.gz`);
  const record = path.join(folder, `${name}.sums.json`);
  fs.mkdirSync(folder, { recursive: true });
  const sums = fs.existsSync(record) ? readSums(record) : await make(content, file, record);
  return { path: file, bytes: fs.statSync(file).size, content, sums };
}

/** Rows that cannot be typed, of all files. */
export function rejectsOfFiles(files: readonly InputFile[]): number {
  return files.reduce((sum, { sums }) => sum + sums.rejects, 0);
}

async function make(content: Content, file: string, record: string): Promise<Sums> {
  const sums = new Sums();
  const temporary = `${file}.${process.pid}.part`;
  await pipeline(Readable.from(text(content, sums)), createGzip({ level: 6 }), fs.createWriteStream(temporary));
  fs.renameSync(temporary, file);
  fs.writeFileSync(record, JSON.stringify({ ...sums, ids: String(sums.ids) }));
  return sums;
}

/** The array in pieces of about a megabyte. */
function* text(content: Content, sums: Sums): Generator<string> {
  let piece = '[';
  let first = true;
  for (const record of records(content, sums)) {
    piece += first ? record : `,${record}`;
    first = false;
    if (piece.length < 1 << 20) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}]`;
}

function readSums(record: string): Sums {
  const { ids, ...rest } = JSON.parse(fs.readFileSync(record, 'utf8')) as Record<string, unknown>;
  return Object.assign(new Sums(), rest, { ids: BigInt(ids as string) });
}
