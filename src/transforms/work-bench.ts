import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../base/duckdb/database.js';
import { identifier, literal } from '../base/duckdb/quote.js';
import { ruleOf } from './cell-rules/index.js';
import { interrupted } from './interrupted.js';
import { type AsideRecord, JudgedFile, judgedLine, judgedQuery } from './judged-rows.js';
import { NOTHING, type Outcome, type StagedPart } from './outcome.js';
import { Part } from './parts.js';
import { CANDIDATES } from './suggestion.js';
import type { TableWork } from './table-work.js';
import type { TypedColumn } from './typed-columns.js';

/** How long records are judged before others get their turn, in milliseconds. */
const TURN_MS = 8;

/** Parts are read once or twice and thrown away: LZ4 costs the least. */
const PARQUET = 'FORMAT parquet, COMPRESSION lz4';

/** A worker's database, a folder for its files, and what can be done with them. */
export class WorkBench {
  constructor(
    readonly database: Database,
    readonly folder: string,
  ) {}

  /** Whether nobody waits for what is being done: the pool says so. */
  isAbandoned: () => boolean = () => false;

  /** Writes the rows of a query to a part. */
  async write(query: string): Promise<Part> {
    if (this.isAbandoned()) throw interrupted();
    const part = new Part(this.newPath('parquet'));
    try {
      await this.database.run(`COPY (${query}) TO ${literal(part.uri)} (${PARQUET})`);
    } catch (error) {
      await part.release();
      throw error;
    }
    return part;
  }

  /** Counts what stands in a part of one artifact. */
  async count(staged: StagedPart, work: TableWork): Promise<Outcome> {
    const columns = [...work.columns, ...staged.unknown].map(({ column }) => column);
    const seen = columns.map((column, i) => `count(${identifier(column.name)}) FILTER (_reasons IS NULL) AS s${i}`);
    const from = `FROM read_parquet(${literal(staged.part.uri)}) WHERE _artifact = ${literal(work.artifactId)}`;
    const groups = await this.database.rows(
      `SELECT _scope, _slice, count(*) FILTER (_reasons IS NULL) AS good, count(_reasons) AS bad, ${seen.join(', ')}
       ${from} GROUP BY ALL`,
    );
    await this.#suggest(work, staged.unknown, from);
    const slices = groups.map((group) => ({
      scope: String(group._scope),
      slice: String(group._slice),
      rows: Number(group.good),
      rejects: Number(group.bad),
    }));
    const hasValue = (index: number) => groups.some((group) => Number(group[`s${index}`]) > 0);
    return {
      parts: [staged],
      read: slices.reduce((sum, { rows, rejects }) => sum + rows + rejects, 0),
      slices,
      seen: new Set(columns.filter((_, index) => hasValue(index)).map((column) => column.name)),
    };
  }

  /**
   * Judges records one by one, and writes typed rows and rejects to a part. The records may come
   * from a query of this bench: nothing is asked of its database before their end.
   */
  async judge(records: Iterable<AsideRecord> | AsyncIterable<AsideRecord>, work: TableWork): Promise<Outcome> {
    const file = new JudgedFile(this.newPath('ndjson'));
    try {
      let turn = performance.now();
      for await (const record of records) {
        await file.add(judgedLine(record, work));
        if (performance.now() - turn < TURN_MS) continue;
        await nextTurn();
        if (this.isAbandoned()) throw interrupted();
        turn = performance.now();
      }
      await file.end();
      if (file.rows === 0) return NOTHING;
      // What was learned while judging may name more columns than were known before.
      const unknown = work.drift.columns;
      const part = await this.write(judgedQuery(file, work, unknown));
      return await this.count({ part, unknown }, work);
    } finally {
      await file.remove();
    }
  }

  /** Narrows down what the values of unknown text columns could be. */
  async #suggest(work: TableWork, unknown: readonly TypedColumn[], from: string): Promise<void> {
    const texts = unknown.filter(({ column }) => column.type === 'varchar').map(({ column }) => column);
    if (texts.length === 0) return;
    const tests = texts.flatMap(({ name }, i) =>
      CANDIDATES.map(
        (type, j) =>
          `bool_and(coalesce(${fits(type, identifier(name))}, false)) FILTER (${identifier(name)} IS NOT NULL) AS t${i}_${j}`,
      ),
    );
    const [row] = await this.database.rows(`SELECT ${tests.join(', ')} ${from} AND _reasons IS NULL`);
    for (const [i, { source }] of texts.entries()) {
      if (row![`t${i}_0`] === null) continue;
      work.drift
        .suggestion(source)
        .narrow((type) => row![`t${i}_${CANDIDATES.indexOf(type as (typeof CANDIDATES)[number])}`] === true);
    }
  }

  newPath(ending: string): string {
    return path.join(this.folder, `${randomBytes(8).toString('hex')}.${ending}`);
  }
}

/** SQL: whether a text is plainly of a type. */
function fits(type: (typeof CANDIDATES)[number], text: string): string {
  if (type === 'json') return `starts_with(${text}, '{') OR starts_with(${text}, '[')`;
  const rule = ruleOf(type);
  return rule.plain({ text, value: rule.value(text), json: text, record: text, source: '' });
}
