import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { column, ENTITY, REPORT, STATE } from '../../src/contracts/conformance/sink-fixtures.js';
import { SCHEMA, SCOPE, slice, trialCtx, trialNotes, trialRun } from '../../src/contracts/conformance/sink-trial.js';
import type { Column, ColumnType, SliceKey, SliceWrite } from '../../src/contracts/index.js';
import { parseType, widest } from '../../src/sinks/duckdb/types.js';
import { DuckdbTrial } from './duckdb-trial.js';

const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';
const ctx = trialCtx('2026-11-02T06:00:00.000Z');
let t: DuckdbTrial;
beforeEach(async () => {
  t = await DuckdbTrial.open();
});
afterEach(() => t.close());

const dayKey = (name: string): SliceKey => ({ dataset: 'trial_state', scope: SCOPE, slice: name });

/** A slice with one row for each value of a column `x` of some type. */
async function typed(
  name: string,
  type: ColumnType,
  values: readonly (string | null)[],
  more: { asOf?: string; artifact?: string; table?: typeof STATE; dataset?: string } = {},
): Promise<SliceWrite> {
  const key = { ...dayKey(name), ...(more.dataset ? { dataset: more.dataset } : {}) };
  const columns: Column[] = [...STATE.columns, column('x', type)];
  const rows = values.map((x, i) => ({ ...key, cells: { campaign_id: String(i), x } }));
  const spec = { dataset: key.dataset, slices: [key], columns, rows, table: STATE, asOf: EARLY, ...more };
  return slice(key, [await t.forge.stage(spec)]);
}

async function typeOfX(): Promise<string | null | undefined> {
  const rows = await t.query("SELECT data_type FROM duckdb_columns() WHERE column_name = 'x'");
  return rows[0]?.data_type;
}

async function values(): Promise<(string | null | undefined)[]> {
  return (await t.query('SELECT x FROM trial_ads.trial_state ORDER BY _slice, campaign_id')).map((row) => row.x);
}

describe('a column whose type changes', () => {
  it('becomes typed when every text there survives it', async () => {
    await t.commit([await typed('2026-10-01', 'varchar', ['12', null, '-9007199254740993'])]);
    await t.commit([await typed('2026-10-02', 'bigint', ['7'])]);
    expect(await typeOfX()).toBe('BIGINT');
    expect(await values()).toEqual(['12', null, '-9007199254740993', '7']);
  });

  it('stays text for one that does not fit, whatever type a stage brings', async () => {
    const cases: [text: string, type: ColumnType, later: string][] = [
      ['007', 'bigint', '7'],
      ['12.5', 'bigint', '7'],
      ['1.1234567', 'decimal(18,6)', '7.000000'],
      ['12345678901234567890', 'double', '7.0'],
      ['2026-10-01 and more', 'date', '2026-10-02'],
      ['TRUE', 'boolean', 'true'],
    ];
    // A table for each, so that one commit tries them all.
    const write = (at: number, day: string, type: ColumnType, x: string) =>
      typed(day, type, [x], { table: { ...STATE, name: `trial_state_${at}` }, dataset: `trial_${at}` });
    await t.commit(await Promise.all(cases.map(([text], i) => write(i, '2026-10-01', 'varchar', text))));
    await t.commit(await Promise.all(cases.map(([, type, later], i) => write(i, '2026-10-02', type, later))));
    for (const [i, [text, type, later]] of cases.entries()) {
      const held = await t.query(`SELECT x, typeof(x) AS type FROM trial_ads.trial_state_${i} ORDER BY _slice`);
      expect(held, `${text}, and then ${type}`).toEqual([
        { x: text, type: 'VARCHAR' },
        { x: later, type: 'VARCHAR' },
      ]);
    }
  });

  it('becomes typed when what did not fit is replaced in the same commit', async () => {
    await t.commit([await typed('2026-10-01', 'varchar', ['n/a', '5'])]);
    await t.commit([await typed('2026-10-01', 'bigint', ['6', '5'], { asOf: LATE })]);
    expect(await typeOfX()).toBe('BIGINT');
    expect(await values()).toEqual(['6', '5']);
  });

  it('stays typed under texts that fit, and widens to text for one that does not', async () => {
    await t.commit([await typed('2026-10-01', 'bigint', ['9007199254740993'])]);
    await t.commit([await typed('2026-10-02', 'varchar', ['5'])]);
    expect(await typeOfX()).toBe('BIGINT');
    await t.commit([await typed('2026-10-03', 'varchar', ['5 %'])]);
    expect(await typeOfX()).toBe('VARCHAR');
    expect(await values()).toEqual(['9007199254740993', '5', '5 %']);
  });

  it('agrees over the stages of one commit', async () => {
    await t.commit([
      await typed('2026-10-01', 'varchar', ['x']),
      await typed('2026-10-02', 'bigint', ['2']),
      await typed('2026-10-03', 'decimal(18,6)', ['3.25']),
    ]);
    expect(await values()).toEqual(['x', '2', '3.250000']);
  });

  it('widens decimals and structs without loss', async () => {
    await t.commit([await typed('2026-10-01', 'decimal(18,6)', ['999999999999.123456'])]);
    await t.commit([await typed('2026-10-02', 'bigint', ['9223372036854775807'])]);
    expect(await typeOfX()).toBe('DECIMAL(25,6)');
    expect(await values()).toEqual(['999999999999.123456', '9223372036854775807.000000']);
  });

  it('takes new members of a struct and keeps old ones', async () => {
    const one: ColumnType = { struct: [column('a', 'bigint'), column('b c', 'decimal(18,6)')] };
    const two: ColumnType = { struct: [column('a', 'bigint'), column('d', 'varchar')] };
    await t.commit([await typed('2026-10-01', one, ["{'a': 1, 'b c': 2.5}"])]);
    await t.commit([await typed('2026-10-02', two, ["{'a': 3, 'd': four}"])]);
    expect(await typeOfX()).toBe('STRUCT(a BIGINT, "b c" DECIMAL(18,6), d VARCHAR)');
    expect(await values()).toEqual(["{'a': 1, 'b c': 2.500000, 'd': NULL}", "{'a': 3, 'b c': NULL, 'd': four}"]);
  });

  it('is read as DuckDB prints it', () => {
    const text = 'STRUCT(a BIGINT, "b, ""c(" STRUCT(d DECIMAL(33,2)[])[], e TIMESTAMP WITH TIME ZONE)';
    expect(parseType(text)).toMatchObject({
      struct: [
        { name: 'a', type: 'bigint' },
        { name: 'b, "c(', type: { list: { struct: [{ name: 'd', type: { list: 'decimal(33,2)' } }] } } },
        { name: 'e', type: 'timestamptz' },
      ],
    });
    expect(parseType('HUGEINT')).toBeUndefined();
    expect(widest('decimal(38,0)', 'decimal(18,6)')).toBeUndefined();
  });
});

describe('a table', () => {
  it('has the scope first, its columns, then the marks of Millpond; later columns stand last', async () => {
    const table = {
      ...STATE,
      description: "It's a state",
      columns: STATE.columns.map((c) => ({ ...c, description: `about ${c.name}` })),
    };
    const key = dayKey('2026-10-01');
    await t.commit([
      slice(key, [await t.forge.stage({ table, dataset: key.dataset, slices: [key], rows: [], asOf: EARLY })]),
    ]);
    await t.commit([await typed('2026-10-02', 'varchar', ['1'], { table })]);
    const columns = await t.query(
      "SELECT column_name AS n, data_type AS t, comment AS c FROM duckdb_columns() WHERE table_name = 'trial_state' ORDER BY column_index",
    );
    expect(columns.map((c) => `${c.n} ${c.t}`)).toEqual([
      '_profile_id BIGINT',
      'campaign_id BIGINT',
      'name VARCHAR',
      '_slice VARCHAR',
      '_run_id VARCHAR',
      '_loaded_at TIMESTAMP WITH TIME ZONE',
      'x VARCHAR',
    ]);
    expect(columns[1]?.c).toBe('about campaign_id');
    expect(await t.query("SELECT comment FROM duckdb_tables() WHERE table_name = 'trial_state'")).toEqual([
      { comment: "It's a state" },
    ]);
  });

  it('upserts across slices by the later as of, whatever the order', async () => {
    const write = async (name: string, asOf: string, stage: string) => {
      const key: SliceKey = { dataset: 'trial_entity', scope: 'AWS', slice: name };
      const rows = [{ ...key, cells: { id: 'O1', stage } }];
      return slice(key, [await t.forge.stage({ table: ENTITY, dataset: key.dataset, slices: [key], rows, asOf })]);
    };
    await t.commit([await write('E1', LATE, 'won')]);
    await t.commit([await write('E2', EARLY, 'open')]);
    expect(await t.query(`SELECT id, stage, _slice FROM ${SCHEMA}.trial_entity`)).toEqual([
      { id: 'O1', stage: 'won', _slice: 'E1' },
    ]);
    await t.commit([await write('E3', '2026-10-12T00:00:00.000Z', 'lost')]);
    expect(await t.query(`SELECT id, stage, _slice FROM ${SCHEMA}.trial_entity`)).toEqual([
      { id: 'O1', stage: 'lost', _slice: 'E3' },
    ]);
  });
});

describe('the tables of `millpond`', () => {
  it('have the documented columns first', async () => {
    await t.commit([await typed('2026-10-01', 'varchar', ['1'])]);
    const rows = await t.query(
      `SELECT table_name AS t, string_agg(column_name, ' ' ORDER BY column_index) AS c FROM duckdb_columns()
       WHERE schema_name = 'millpond' GROUP BY 1`,
    );
    const columns = Object.fromEntries(rows.map((row) => [row.t, row.c]));
    const documented = {
      slices: 'dataset scope slice rows rejects artifact_sha256 bytes as_of request_fingerprint run_id committed_at',
      artifacts: 'dataset scope slice artifact_sha256 content_sha256 path bytes rows rejects as_of run_id',
      commits: 'dataset scope slice run_id committed_at rows artifact_sha256 replaced_sha256',
      rejects: 'dataset scope slice row_number raw reasons artifact_sha256 run_id rejected_at',
      runs: 'run_id pipeline trigger parent status started_at ended_at version rows rejects errors',
      columns: 'dataset column_name source_name type documented suggested_type first_seen_at first_run_id',
      outcomes: 'dataset scope slice outcome reason message attempts since run_id',
      meta: 'key value',
      freshness: 'dataset scope first_slice last_slice as_of committed_at final_until',
      gaps: 'dataset scope slice reason since',
    };
    for (const [table, names] of Object.entries(documented)) {
      expect(`${columns[table]} `.startsWith(`${names} `), `${table}: ${columns[table]}`).toBe(true);
    }
    expect(
      await t.query(`SELECT "key", "value" FROM millpond.meta WHERE "key" IN ('format', 'version') ORDER BY 1`),
    ).toEqual([
      { key: 'format', value: '2' },
      { key: 'version', value: '0.0.0' },
    ]);
  });

  it('log each commit once, with what it replaced', async () => {
    const first = await typed('2026-10-01', 'varchar', ['1'], { artifact: 'a' });
    await t.commit([first], 'run-1');
    await t.commit([first], 'run-2');
    const second = await typed('2026-10-01', 'varchar', ['1', '2'], { artifact: 'b', asOf: LATE });
    await t.commit([second], 'run-3');
    const shas = [first, second].map((write) => write.stages[0]?.artifact.sha256);
    expect(
      await t.query(
        'SELECT run_id, "rows", artifact_sha256 AS a, replaced_sha256 AS r FROM millpond.commits ORDER BY 1',
      ),
    ).toEqual([
      { run_id: 'run-1', rows: '1', a: shas[0], r: null },
      { run_id: 'run-3', rows: '2', a: shas[1], r: shas[0] },
    ]);
  });

  it('describe every column, the unknown ones with a suggestion', async () => {
    const write = await typed('2026-10-01', 'varchar', ['12']);
    const stages = write.stages.map((stage) => ({
      ...stage,
      totals: {
        ...stage.totals,
        unknown: [
          { table: 'trial_state', name: 'x', source: 'theX', suggestedType: 'bigint' as const },
          { table: 'trial_state', name: 'budget.y', source: 'budget.Y', suggestedType: 'date' as const },
        ],
      },
    }));
    await t.commit([{ ...write, stages }]);
    const tables = [{ schema: SCHEMA, dataset: 'trial_state', table: STATE }];
    await t.sink.note(trialNotes({ run: trialRun('run-2'), tables }), ctx);
    const rows = () =>
      t.query(
        'SELECT column_name AS n, type AS t, documented AS d, suggested_type AS s, first_run_id AS r FROM millpond.columns ORDER BY 1',
      );
    expect(await rows()).toEqual([
      { n: 'budget.y', t: null, d: 'false', s: 'DATE', r: 'run-1' },
      { n: 'campaign_id', t: 'BIGINT', d: 'true', s: null, r: 'run-1' },
      { n: 'name', t: 'VARCHAR', d: 'true', s: null, r: 'run-1' },
      { n: 'x', t: 'VARCHAR', d: 'false', s: 'BIGINT', r: 'run-1' },
    ]);
    await t.commit([await typed('2026-10-01', 'bigint', ['12'], { asOf: LATE })]);
    expect((await rows()).at(-1), 'the type is the warehouse’s').toEqual({
      n: 'x',
      t: 'BIGINT',
      d: 'false',
      s: 'BIGINT',
      r: 'run-1',
    });
  });

  it('show freshness and gaps', async () => {
    const key = (name: string): SliceKey => ({ dataset: 'trial_report', scope: SCOPE, slice: name });
    const held = async (name: string, final: boolean) =>
      slice(
        key(name),
        [await t.forge.stage({ table: REPORT, dataset: 'trial_report', slices: [key(name)], rows: [], asOf: EARLY })],
        { final },
      );
    await t.commit([
      await held('2026-10-01/T00020', true),
      await held('2026-10-02', true),
      await held('2026-10-03', false),
    ]);
    expect(await t.query('SELECT first_slice, last_slice, as_of, final_until FROM millpond.freshness')).toEqual([
      {
        first_slice: '2026-10-01/T00020',
        last_slice: '2026-10-03',
        as_of: '2026-10-10 00:00:00+00',
        final_until: '2026-10-02',
      },
    ]);
    const outcome = (name: string, reason: 'failed' | 'revision_missing') => ({
      schema: SCHEMA,
      ...key(name),
      outcome: 'failed' as const,
      reason,
      message: 'no',
    });
    const outcomes = [
      outcome('2026-10-03', 'failed'),
      outcome('2026-10-02', 'revision_missing'),
      outcome('2026-10-04', 'failed'),
    ];
    await t.sink.note(trialNotes({ outcomes }), ctx);
    expect(await t.query('SELECT slice, reason, since FROM millpond.gaps ORDER BY slice')).toEqual([
      { slice: '2026-10-02', reason: 'revision_missing', since: '2026-11-02 06:00:00+00' },
      { slice: '2026-10-04', reason: 'failed', since: '2026-11-02 06:00:00+00' },
    ]);
  });

  it('move the current state that is held when a later day is touched, and refuse a touch of nothing', async () => {
    const write = await typed('2026-10-01', 'varchar', ['1']);
    await t.commit([{ ...write, currentState: true }]);
    const touch = { kind: 'touch' as const, key: dayKey('2026-10-02'), schema: SCHEMA, asOf: LATE, final: false };
    expect(await t.commit([touch])).toEqual([{ key: touch.key, result: 'unchanged', rows: 1, rejects: 0 }]);
    expect((await t.sink.ledger.slices({}, ctx)).map((s) => [s.slice, s.asOf])).toEqual([['2026-10-01', LATE]]);
    await expect(t.commit([{ ...touch, key: { ...touch.key, scope: '404' } }])).rejects.toMatchObject({
      code: 'E_BUG',
    });
  });
});
