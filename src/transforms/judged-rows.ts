import fs from 'node:fs/promises';
import { identifier, literal, literalList } from '../base/duckdb/quote.js';
import { removeFile } from '../base/files.js';
import type { Shape, ValueText } from './cell-rules/index.js';
import { NOTHING, type Outcome, type SliceCount } from './outcome.js';
import type { RawRecord } from './record-cutter.js';
import { judgeRaw } from './row-reader.js';
import type { TableWork } from './table-work.js';
import type { TypedColumn } from './typed-columns.js';

/** A record that SQL did not settle. */
export interface AsideRecord {
  /** Which of the works judged together it belongs to. */
  readonly work: TableWork;
  readonly row: number;
  readonly record: RawRecord;
}

/** One line of the file in which judged rows wait to be read by DuckDB. */
interface JudgedLine {
  readonly artifact: string;
  readonly constants: TableWork['constants'];
  readonly scope: string;
  readonly slice: string;
  readonly row: number;
  readonly raw?: string;
  readonly reasons?: readonly string[];
  /** By column name. */
  readonly values?: Readonly<Record<string, ValueText>>;
}

/** The verdict on a record, in texts from which SQL makes exactly its values; undefined where it holds none of the table. */
function judgedLine({ work, row, record }: AsideRecord): JudgedLine | undefined {
  const { verdict, raw } = judgeRaw(record, work.judge);
  if (!verdict) return undefined;
  const place = { artifact: work.artifactId, constants: work.constants, ...verdict.key, row };
  if (verdict.kind === 'reject') return { ...place, raw, reasons: verdict.reasons };
  const values = { ...texts(work.columns, verdict.values), ...texts(work.drift.columns, verdict.unknown) };
  return { ...place, values };
}

/** What was judged of one work. */
class Tally {
  read = 0;
  readonly seen = new Set<string>();
  readonly #slices = new Map<string, { scope: string; slice: string; rows: number; rejects: number }>();

  add({ scope, slice, reasons, values, constants }: JudgedLine): void {
    const place = JSON.stringify([scope, slice]);
    const count = this.#slices.get(place) ?? { scope, slice, rows: 0, rejects: 0 };
    this.#slices.set(place, count);
    this.read += 1;
    if (reasons) {
      count.rejects += 1;
      return;
    }
    count.rows += 1;
    for (const name in values) this.seen.add(name);
    for (const name in constants) this.seen.add(name);
  }

  get slices(): readonly SliceCount[] {
    return [...this.#slices.values()];
  }
}

function texts(columns: readonly TypedColumn[], values: Readonly<Record<string, unknown>>): Record<string, ValueText> {
  const result: Record<string, ValueText> = {};
  for (const { column, rule } of columns) {
    const value = values[column.name];
    if (value !== null && value !== undefined) result[column.name] = rule.text(value);
  }
  return result;
}

/** Judges records, and collects the verdicts in a file of lines, which {@link judgedQuery} reads. */
export class JudgedFile {
  readonly #tallies = new Map<TableWork, Tally>();
  #text = '';
  #handle: fs.FileHandle | undefined;
  longestLine = 0;

  constructor(readonly path: string) {}

  async add(record: AsideRecord): Promise<void> {
    const { work } = record;
    const tally = this.#tallies.get(work) ?? new Tally();
    this.#tallies.set(work, tally);
    const line = judgedLine(record);
    if (!line) return;
    tally.add(line);
    const text = `${JSON.stringify(line)}\n`;
    this.#text += text;
    this.longestLine = Math.max(this.longestLine, Buffer.byteLength(text));
    if (this.#text.length > 1 << 20) await this.#flush();
  }

  /** Those of which a record was judged. */
  get works(): readonly TableWork[] {
    return [...this.#tallies.keys()];
  }

  /** What became of a work's records, but for the parts in which they stand. */
  outcomeOf(work: TableWork): Outcome {
    const { read, slices, seen } = this.#tallies.get(work) ?? NOTHING;
    return { parts: [], read, slices, seen };
  }

  /** Nothing comes any more; of nothing judged there is no file. */
  async end(): Promise<void> {
    if (this.#tallies.size > 0) await this.#flush();
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async remove(): Promise<void> {
    await this.#handle?.close();
    if (this.#tallies.size > 0) await removeFile(this.path);
  }

  async #flush(): Promise<void> {
    this.#handle ??= await fs.open(this.path, 'w');
    await this.#handle.writeFile(this.#text);
    this.#text = '';
  }
}

/** SQL that makes stage rows of what a {@link JudgedFile} holds of some works; all have one table. */
export function judgedQuery(judged: JudgedFile, works: readonly TableWork[], unknown: readonly TypedColumn[]): string {
  const all = [...works[0]!.columns, ...unknown];
  const isConstant = ({ column }: TypedColumn) => column.role === 'constant';
  const struct = (columns: readonly TypedColumn[], typeOf: (column: TypedColumn) => string) =>
    columns.length === 0
      ? 'JSON'
      : `STRUCT(${columns.map((typed) => `${identifier(typed.column.name)} ${typeOf(typed)}`).join(', ')})`;
  const types = {
    artifact: 'VARCHAR',
    constants: struct(all.filter(isConstant), () => 'VARCHAR'),
    scope: 'VARCHAR',
    slice: 'VARCHAR',
    row: 'BIGINT',
    raw: 'VARCHAR',
    reasons: 'VARCHAR[]',
    values: struct(all, ({ rule }) => shapeType(rule.shape)),
  };
  const typed = all.map((typed) => {
    const name = identifier(typed.column.name);
    return `${typed.rule.value(`${isConstant(typed) ? 'constants' : '"values"'}.${name}`)} AS ${name}`;
  });
  const columnTypes = Object.entries(types).map(([name, type]) => `${literal(name)}: ${literal(type)}`);
  return `SELECT artifact AS _artifact, scope AS _scope, slice AS _slice, row AS _row,
      raw AS _raw, reasons AS _reasons, ${typed.join(', ')}
    FROM read_json(${literal(judged.path)}, format='newline_delimited',
      maximum_object_size=${longestRecord(judged.longestLine)}, columns={${columnTypes.join(', ')}})
    WHERE list_contains(${literalList(works.map(({ artifactId }) => artifactId))}, artifact)`;
}

/** DuckDB reserves a multiple of this for each reader: room for usual records, or for as long a one as comes. */
export function longestRecord(bytes: number): number {
  return Math.max(4 << 20, bytes + 1);
}

/** The DuckDB type of a {@link Shape}. */
function shapeType(shape: Shape): string {
  if (typeof shape === 'string') return shape;
  if (Array.isArray(shape)) return `${shapeType((shape as readonly [Shape])[0])}[]`;
  const fields = Object.entries(shape as { readonly [source: string]: Shape });
  return `STRUCT(${fields.map(([source, inner]) => `${identifier(source)} ${shapeType(inner)}`).join(', ')})`;
}
