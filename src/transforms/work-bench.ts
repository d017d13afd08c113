import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Json } from '@duckdb/node-api';
import type { Database } from '../base/duckdb/database.js';
import { identifier, literal } from '../base/duckdb/quote.js';
import type { ScalarType } from '../contracts/index.js';
import { ruleOf } from './cell-rules/index.js';
import { interrupted } from './interrupted.js';
import { type AsideRecord, JudgedFile, judgedQuery } from './judged-rows.js';
import { NOTHING, type Outcome, type StagedPart } from './outcome.js';
import { newPath, Part } from './parts.js';
import { ASIDE } from './staging-sql.js';
import { CANDIDATES } from './suggestion.js';
import type { TableWork } from './table-work.js';

/**
 * How long records are judged before others get their turn, in milliseconds. Who reads plain text
 * meanwhile has a piece at hand that lasts for two or three.
 */
const TURN_MS = 1;

/**
 * Parts are read once or twice and thrown away: LZ4 costs the least. The writer reserves a
 * dictionary for every text column, and a nested table has a hundred: a megabyte each is its own choice.
 */
const PARQUET = 'FORMAT parquet, COMPRESSION lz4, STRING_DICTIONARY_PAGE_SIZE_LIMIT 16384';

/** What stands in a part of one work, and how many records were set aside. */
export interface Counted {
  readonly outcome: Outcome;
  readonly aside: number;
}

/** A worker's database, a folder for its files, and what can be done with them. */
export class WorkBench {
  readonly #open: () => Promise<Database>;
  #opening: Promise<Database> | undefined;
  #database: Database | undefined;

  constructor(
    open: () => Promise<Database>,
    readonly folder: string,
  ) {
    this.#open = open;
  }

  /** Its database, opened when it is first needed: plain text needs none. @throws whatever opening throws. */
  async database(): Promise<Database> {
    this.#opening ??= this.#open();
    try {
      this.#database = await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
    return this.#database;
  }

  /** Ends the query under way, if there is one. */
  interrupt(): void {
    this.#database?.interrupt();
  }

  /** Nothing is under way any more. */
  close(): void {
    this.#database?.close();
  }

  /** Whether nobody waits for what is being done: the pool says so. */
  isAbandoned: () => boolean = () => false;

  /** Writes the rows of a query to a part. */
  async write(query: string): Promise<Part> {
    const database = await this.database();
    if (this.isAbandoned()) throw interrupted();
    const part = new Part(this.newPath('parquet'));
    try {
      await database.run(`COPY (${query}) TO ${literal(part.uri)} (${PARQUET})`);
      return part;
    } catch (error) {
      await part.release();
      throw error;
    }
  }

  /** Counts what stands in a part for each of some works, in their order. */
  async count(staged: StagedPart, works: readonly TableWork[]): Promise<Counted[]> {
    const columns = [...works[0]!.columns, ...staged.unknown].map(({ column }) => column);
    const seen = columns.map((column, i) => `count(${identifier(column.name)}) FILTER (_reasons IS NULL) AS s${i}`);
    const groups = await (await this.database()).rows(
      `SELECT _artifact, _scope, _slice, count(*) AS records, count(_reasons) AS rejects, ${seen.join(', ')}
       FROM read_parquet(${literal(staged.part.uri)}) GROUP BY ALL`,
    );
    await this.suggest(staged, works);
    return works.map(({ artifactId }) => {
      const own = groups.filter((group) => group._artifact === artifactId);
      const aside = groups.filter((group) => group._artifact === artifactId + ASIDE);
      const hasValue = (index: number) => own.some((group) => Number(group[`s${index}`]) > 0);
      return {
        aside: total(aside, 'records'),
        outcome: {
          parts: [staged],
          read: total(own, 'records'),
          slices: own.map((group) => ({
            scope: String(group._scope),
            slice: String(group._slice),
            rows: Number(group.records) - Number(group.rejects),
            rejects: Number(group.rejects),
          })),
          seen: new Set(columns.filter((_, index) => hasValue(index)).map((column) => column.name)),
        },
      };
    });
  }

  /**
   * Judges records one by one, and writes typed rows and rejects to parts: one, unless the works
   * learned of different columns. The records may come from a query of this bench: nothing is
   * asked of its database before their end.
   * @returns an outcome for each work, in their order.
   */
  async judge(records: Records, works: readonly TableWork[]): Promise<Outcome[]> {
    const file = new JudgedFile(this.newPath('ndjson'));
    try {
      let turn = performance.now();
      for await (const record of records) {
        await file.add(record);
        if (performance.now() - turn < TURN_MS) continue;
        await nextTurn();
        if (this.isAbandoned()) throw interrupted();
        turn = performance.now();
      }
      await file.end();
      return await this.#outcomes(file, works);
    } finally {
      await file.remove();
    }
  }

  /** Writes what was judged to parts. */
  async #outcomes(file: JudgedFile, works: readonly TableWork[]): Promise<Outcome[]> {
    const outcomes = new Map<TableWork, Outcome>();
    for (const group of byColumns(file.works)) {
      // What was learned while judging may name more columns than were known before.
      const unknown = group[0]!.drift.columns;
      const part = await this.write(judgedQuery(file, group, unknown));
      const staged = { part, unknown };
      await this.suggest(staged, group);
      for (const [index, work] of group.entries()) {
        if (index > 0) part.claim();
        outcomes.set(work, { ...file.outcomeOf(work), parts: [staged] });
      }
    }
    return works.map((work) => outcomes.get(work) ?? NOTHING);
  }

  /** Narrows down what the values of unknown text columns could be. */
  async suggest({ part, unknown }: StagedPart, works: readonly TableWork[]): Promise<void> {
    const texts = unknown.filter(({ column }) => column.type === 'varchar').map(({ column }) => column);
    if (texts.length === 0) return;
    const tests = texts.flatMap(({ name }, i) => {
      const text = identifier(name);
      const ofType = CANDIDATES.map(
        (type, j) => `bool_and(coalesce(${text} IS NULL OR (${fits(type, text)}), false)) AS t${i}_${j}`,
      );
      return [`count(${text}) AS n${i}`, ...ofType];
    });
    const rows = await (await this.database()).rows(
      `SELECT _artifact, ${tests.join(', ')} FROM read_parquet(${literal(part.uri)}) WHERE _reasons IS NULL GROUP BY ALL`,
    );
    for (const { artifactId, drift } of works) {
      const row = rows.find((candidate) => candidate._artifact === artifactId);
      for (const [i, { source }] of texts.entries()) {
        if (!row || Number(row[`n${i}`]) === 0) continue;
        drift.suggestion(source).narrow((type) => row[`t${i}_${CANDIDATES.indexOf(type)}`] === true);
      }
    }
  }

  newPath(ending: string): string {
    return newPath(this.folder, ending);
  }
}

/** Records to be judged. */
type Records = Iterable<AsideRecord> | AsyncIterable<AsideRecord>;

/** Works in groups that know the same columns. */
function byColumns(works: readonly TableWork[]): TableWork[][] {
  const groups = new Map<string, TableWork[]>();
  for (const work of works) {
    const columns = JSON.stringify(work.drift.columns.map(({ column }) => column));
    const group = groups.get(columns);
    if (group) group.push(work);
    else groups.set(columns, [work]);
  }
  return [...groups.values()];
}

function total(groups: readonly Record<string, Json>[], name: string): number {
  return groups.reduce((sum, group) => sum + Number(group[name]), 0);
}

/** SQL: whether a text is plainly of a type. */
function fits(type: ScalarType, text: string): string {
  if (type === 'json') return `starts_with(${text}, '{') OR starts_with(${text}, '[')`;
  const rule = ruleOf(type);
  return rule.plain({ text, value: rule.value(text), json: text, record: text, object: text, source: '' });
}
