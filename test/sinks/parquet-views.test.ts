import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/base/duckdb/database.js';
import { column, ENTITY, REPORT, STATE, StageForge } from '../../src/contracts/conformance/sink-fixtures.js';
import { SCHEMA, slice, trialCtx, trialNotes, trialRun } from '../../src/contracts/conformance/sink-trial.js';
import type { Ctx, Sink, SliceKey, Table, Write } from '../../src/contracts/index.js';
import { filesBelow, parquetSink, plainQuery, tableGlob, viewQuery } from './parquet-lake.js';

const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';
const DAY: SliceKey = { dataset: 'trial_report', scope: '11', slice: '2026-10-01' };

let folder: string;
let root: string;
let forge: StageForge;
let sink: Sink;
let warnings: string[];
let ctx: Ctx;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-parquet-'));
  root = path.join(folder, 'lake');
  await fs.mkdir(path.join(folder, 'stages'));
  forge = await StageForge.open(path.join(folder, 'stages'));
  sink = parquetSink(root);
  warnings = [];
  const quiet = trialCtx('2026-11-02T06:00:00.000Z');
  ctx = { ...quiet, log: { ...quiet.log, warn: (message) => warnings.push(message) } };
});

afterEach(async () => {
  forge.close();
  await sink.close();
  await fs.rm(folder, { recursive: true, force: true });
});

async function commit(writes: readonly Write[], runId = 'run-1') {
  const prepared = await sink.prepare(writes, trialRun(runId), ctx);
  return sink.commit([prepared], trialRun(runId), ctx);
}

async function report(key: SliceKey, ids: readonly string[], asOf = EARLY, raw: readonly string[] = []) {
  const rows = ids.map((id) => ({ ...key, cells: { report_date: key.slice, campaign_id: id, clicks: '3' } }));
  const rejects = raw.map((text) => ({ ...key, raw: text, reasons: ['clicks: not an integer'] }));
  return slice(key, [await forge.stage({ table: REPORT, dataset: key.dataset, slices: [key], asOf, rows, rejects })]);
}

const files = async (table: string) =>
  (await filesBelow(path.join(root, table))).map((file) => path.join(root, table, file));

describe('a lake as views', () => {
  it('shows nothing of a lake that is not there', async () => {
    expect(await viewQuery(root, 'SELECT * FROM millpond.slices')).toEqual([]);
    expect(await viewQuery(root, 'SELECT * FROM millpond.gaps')).toEqual([]);
    expect(await viewQuery(root, 'SELECT * FROM millpond.meta')).toEqual([]);
    await expect(fs.access(root)).rejects.toThrow();
  });

  it('has a schema for the connection, typed columns in the order of a warehouse, and the ledger', async () => {
    await commit([await report(DAY, ['1', '2'], EARLY, ['{"x":1}'])]);
    await commit([await report({ ...DAY, slice: '2026-10-02' }, [])], 'run-2');
    const [second] = [await report(DAY, ['5'], LATE, ['{"y":1}'])];
    await commit([second!], 'run-3');
    expect(
      await viewQuery(
        root,
        'SELECT _profile_id, report_date, campaign_id, _slice, _run_id FROM trial_ads.trial_report',
      ),
    ).toEqual([
      { _profile_id: '11', report_date: '2026-10-01', campaign_id: '5', _slice: '2026-10-01', _run_id: 'run-3' },
    ]);
    const types = await viewQuery(root, 'SELECT column_name, column_type FROM (DESCRIBE trial_ads.trial_report)');
    expect(types.slice(0, 3).map((row) => `${row.column_name} ${row.column_type}`)).toEqual([
      '_profile_id BIGINT',
      'report_date DATE',
      'campaign_id BIGINT',
    ]);
    expect(types.slice(-3).map((row) => row.column_name)).toEqual(['_slice', '_run_id', '_loaded_at']);
    expect(
      await viewQuery(
        root,
        'SELECT slice, rows, rejects, as_of, run_id, committed_at FROM millpond.slices ORDER BY slice',
      ),
    ).toEqual([
      {
        slice: '2026-10-01',
        rows: '1',
        rejects: '1',
        as_of: '2026-10-11 00:00:00+00',
        run_id: 'run-3',
        committed_at: '2026-11-02 06:00:00+00',
      },
      {
        slice: '2026-10-02',
        rows: '0',
        rejects: '0',
        as_of: '2026-10-10 00:00:00+00',
        run_id: 'run-2',
        committed_at: '2026-11-02 06:00:00+00',
      },
    ]);
    expect(
      await viewQuery(
        root,
        'SELECT slice, run_id, rows, replaced_sha256 IS NULL AS first FROM millpond.commits ORDER BY run_id',
      ),
    ).toEqual([
      { slice: '2026-10-01', run_id: 'run-1', rows: '2', first: 'true' },
      { slice: '2026-10-02', run_id: 'run-2', rows: '0', first: 'true' },
      { slice: '2026-10-01', run_id: 'run-3', rows: '1', first: 'false' },
    ]);
    expect(await viewQuery(root, 'SELECT raw, reasons, row_number, run_id FROM millpond.rejects')).toEqual([
      { raw: '{"y":1}', reasons: "['clicks: not an integer']", row_number: '2', run_id: 'run-3' },
    ]);
    const artifact = second!.kind === 'replace' ? second!.stages[0]?.artifact : undefined;
    expect(
      await viewQuery(root, "SELECT artifact_sha256, path FROM millpond.artifacts WHERE slice = '2026-10-01'"),
    ).toEqual([{ artifact_sha256: artifact?.sha256, path: artifact?.path }]);
    expect(await viewQuery(root, 'SELECT * FROM millpond.meta')).toEqual([{ key: 'format', value: '1' }]);
  });

  it('has freshness, runs, outcomes, gaps and columns', async () => {
    await commit([
      { ...(await report(DAY, ['1'])), final: true },
      await report({ ...DAY, slice: '2026-10-03' }, ['1']),
    ]);
    const failed = { outcome: 'failed', reason: 'failed', message: 'why' } as const;
    const missing = { schema: SCHEMA, ...DAY, slice: '2026-10-02', ...failed };
    const unknown = {
      table: 'trial_report',
      name: 'new_metric',
      source: 'newMetric',
      suggestedType: 'bigint',
    } as const;
    const where = { schema: SCHEMA, dataset: 'trial_report' };
    await sink.note(
      trialNotes({
        run: { ...trialRun(), status: 'partial', endedAt: '2026-11-02T07:00:00.000Z' },
        outcomes: [missing, { ...missing, slice: '2026-10-03' }],
        unknown: [{ ...where, ...unknown }],
        tables: [{ ...where, table: REPORT }],
      }),
      ctx,
    );
    expect(await viewQuery(root, 'SELECT first_slice, last_slice, final_until FROM millpond.freshness')).toEqual([
      { first_slice: '2026-10-01', last_slice: '2026-10-03', final_until: '2026-10-01' },
    ]);
    expect(await viewQuery(root, 'SELECT run_id, status, ended_at FROM millpond.runs')).toEqual([
      { run_id: 'run-1', status: 'partial', ended_at: '2026-11-02 07:00:00+00' },
    ]);
    expect(await viewQuery(root, 'SELECT slice, attempts, run_id FROM millpond.outcomes ORDER BY slice')).toEqual([
      { slice: '2026-10-02', attempts: '1', run_id: 'run-1' },
      { slice: '2026-10-03', attempts: '1', run_id: 'run-1' },
    ]);
    expect(await viewQuery(root, 'SELECT slice, reason FROM millpond.gaps')).toEqual([
      { slice: '2026-10-02', reason: 'failed' },
    ]);
    expect(
      await viewQuery(root, 'SELECT column_name, type, suggested_type FROM millpond.columns WHERE NOT documented'),
    ).toEqual([{ column_name: 'new_metric', type: 'VARCHAR', suggested_type: 'BIGINT' }]);
    expect(await viewQuery(root, 'SELECT count(*) AS n FROM millpond.columns WHERE documented')).toEqual([
      { n: String(REPORT.columns.length) },
    ]);
  });

  it('names the columns as the sink of a warehouse does', async () => {
    const { createDuckdbSink } = await import('../../src/sinks/duckdb/index.js');
    const file = path.join(folder, 'warehouse.duckdb');
    const warehouse = createDuckdbSink({ name: 'w', path: file, lockWaitMs: 1000, memoryBytes: 256e6, threads: 1 });
    await commit([await report(DAY, ['1'], EARLY, ['{}'])]);
    const prepared = await warehouse.prepare([await report(DAY, ['1'], EARLY, ['{}'])], trialRun(), ctx);
    await warehouse.commit([prepared], trialRun(), ctx);
    await warehouse.close();
    const database = await Database.open({ path: file, threads: 1, memoryBytes: 256e6, readOnly: true });
    const list = `SELECT table_schema || '.' || table_name || '.' || column_name || ' ' || data_type AS c FROM information_schema.columns
      WHERE table_schema IN ('millpond', 'trial_ads') AND table_name <> 'footers' ORDER BY 1`;
    const expected = (await database.rows(list)).map((row) => row.c);
    database.close();
    expect((await viewQuery(root, list)).map((row) => row.c)).toEqual(expected);
  });

  it('shows a second table again when the commit that was cut off is done again', async () => {
    const key = { dataset: 'trial_pair', scope: '11', slice: 'a' };
    const items: Table = { ...STATE, name: 'trial_pair_items', mode: 'append' };
    const version = async (name: string, asOf: string) => {
      const spec = { dataset: key.dataset, slices: [key], asOf, artifact: name };
      const rows = [{ ...key, cells: { campaign_id: '1', name } }];
      const tables = [
        { ...STATE, name: 'trial_pair' },
        { ...items, key: ['name'] },
      ];
      return slice(key, await Promise.all(tables.map((table) => forge.stage({ ...spec, table, rows }))));
    };
    const shown = () => viewQuery(root, 'SELECT name FROM trial_ads.trial_pair_items ORDER BY name');
    await commit([await version('one', EARLY)]);
    const file = path.join(root, 'trial_pair/_profile_id=11/a.parquet');
    const before = await fs.readFile(file);
    await commit([await version('two', LATE)]);
    await fs.writeFile(file, before);
    expect(await shown(), 'what the cut commit added does not count').toEqual([{ name: 'one' }]);
    await commit([await version('two', LATE)]);
    expect(await shown()).toEqual([{ name: 'one' }, { name: 'two' }]);
  });

  it('leaves out rows of a second table whose commit never ended', async () => {
    const key = { dataset: 'trial_pair', scope: '11', slice: 'a' };
    const one: Table = { ...STATE, name: 'trial_pair' };
    const two: Table = { ...STATE, name: 'trial_pair_items', columns: [column('item_id', 'bigint')], key: ['item_id'] };
    const spec = { dataset: key.dataset, slices: [key], asOf: EARLY, artifact: 'pair' };
    const stages = [
      await forge.stage({ ...spec, table: one, rows: [{ ...key, cells: { campaign_id: '1' } }] }),
      await forge.stage({ ...spec, table: two, rows: [{ ...key, cells: { item_id: '2' } }] }),
    ];
    await commit([slice(key, stages)]);
    expect(await viewQuery(root, 'SELECT item_id FROM trial_ads.trial_pair_items')).toEqual([{ item_id: '2' }]);
    expect((await sink.ledger.slices({}, ctx)).map((held) => held.rows)).toEqual([1]);
    await fs.rm(path.join(root, 'trial_pair/_profile_id=11/a.parquet'));
    expect(await sink.ledger.slices({}, ctx)).toEqual([]);
    await expect(viewQuery(root, 'SELECT item_id FROM trial_ads.trial_pair_items')).rejects.toThrow(/trial_pair_items/);
  });
});

describe('what stands in the folder besides', () => {
  it('leaves damaged and foreign files out, and names them', async () => {
    await commit([await report(DAY, ['1']), await report({ ...DAY, slice: '2026-10-02' }, ['2'], EARLY, ['{}'])]);
    const [first = '', second = ''] = await files('trial_report');
    const copy = path.join(path.dirname(first), 'copy.parquet');
    await fs.copyFile(first, copy);
    await fs.truncate(second, (await fs.stat(second)).size - 9);
    const foreign = path.join(root, 'notes.parquet');
    await fs.mkdir(foreign);
    await fs.writeFile(path.join(root, 'README.txt'), 'hello');
    await fs.writeFile(path.join(path.dirname(first), 'zero.parquet'), '');
    const held = await sink.ledger.slices({}, ctx);
    expect(held.map((slice) => slice.slice)).toEqual(['2026-10-01']);
    expect(warnings.filter((text) => text.includes(copy))).toHaveLength(1);
    expect(warnings.filter((text) => text.includes(second))).toHaveLength(1);
    expect(warnings.filter((text) => text.includes('zero.parquet'))).toHaveLength(1);
    await sink.ledger.slices({}, ctx);
    expect(warnings, 'told once').toHaveLength(3);
    expect(await viewQuery(root, 'SELECT campaign_id FROM trial_ads.trial_report')).toEqual([{ campaign_id: '1' }]);
    await sink.maintain(ctx);
    expect(await files('_millpond/rejects'), 'what the damaged footer may name stays').toHaveLength(1);
    // The slice is loaded again over the damaged file.
    await commit([await report({ ...DAY, slice: '2026-10-02' }, ['3'], LATE)]);
    expect((await sink.ledger.slices({}, ctx)).map((slice) => slice.slice).sort()).toEqual([
      '2026-10-01',
      '2026-10-02',
    ]);
  });

  it('refuses a lake that a newer Millpond wrote', async () => {
    await commit([await report(DAY, ['1'])]);
    await fs.writeFile(path.join(root, '_millpond/meta.json'), '{"format":2}');
    const newer = { code: 'E_FORMAT_NEWER' };
    await expect(sink.check(ctx)).rejects.toMatchObject(newer);
    await expect(sink.ledger.slices({}, ctx)).rejects.toMatchObject(newer);
    await expect(commit([await report(DAY, ['2'], LATE)])).rejects.toMatchObject(newer);
    await expect(sink.note(trialNotes(), ctx)).rejects.toMatchObject(newer);
    await fs.writeFile(path.join(root, '_millpond/meta.json'), '{"format":1}');
    const [file = ''] = await files('trial_report');
    const database = await Database.open({ path: ':memory:', threads: 1, memoryBytes: 128e6 });
    await database.run(`COPY (SELECT 1 AS a) TO '${file}' (FORMAT parquet, KV_METADATA {"millpond.format": '7'})`);
    database.close();
    await expect(sink.check(ctx)).rejects.toMatchObject(newer);
  });

  it('refuses a path that is a file, or below one', async () => {
    await fs.writeFile(root, 'a file');
    for (const where of [root, path.join(root, 'below')]) {
      const other = parquetSink(where);
      await expect(other.check(ctx)).rejects.toMatchObject({ code: 'E_PATH_UNWRITABLE' });
      await expect(other.prepare([await report(DAY, ['1'])], trialRun(), ctx)).rejects.toMatchObject({
        code: 'E_PATH_UNWRITABLE',
      });
      await other.close();
    }
    const fine = parquetSink(path.join(folder, 'not', 'yet', 'there'));
    await fine.check(ctx);
    await fine.close();
    expect((await fs.readdir(folder)).sort()).toEqual(['lake', 'stages']);
  });

  it('discards what was prepared and never committed', async () => {
    await commit([await report(DAY, ['1'])]);
    const before = await filesBelow(root);
    const prepared = await sink.prepare([await report(DAY, ['2'], LATE, ['{}'])], trialRun(), ctx);
    expect((await filesBelow(root)).length).toBe(before.length + 2);
    expect(await plainQuery(`SELECT campaign_id FROM ${tableGlob(root, 'trial_report')}`)).toEqual([
      { campaign_id: '1' },
    ]);
    await prepared.discard();
    expect(await filesBelow(root)).toEqual(before);
    await sink.prepare([await report(DAY, ['2'], LATE, ['{}'])], trialRun(), ctx);
    await sink.close();
    expect(await filesBelow(root)).toEqual(before);
  });
});

describe('prepared before somebody else committed', () => {
  it('merges anew with what is held by then', async () => {
    const other = parquetSink(root);
    const entity = async (name: string, ids: readonly string[], asOf: string) => {
      const key = { dataset: 'trial_entity', scope: 'AWS', slice: name };
      const rows = ids.map((id) => ({ ...key, cells: { id, stage: name } }));
      return slice(key, [await forge.stage({ table: ENTITY, dataset: key.dataset, slices: [key], asOf, rows })]);
    };
    await commit([await entity('E0', ['O1'], EARLY)], 'run-0');
    const mine = await sink.prepare([await entity('E1', ['O1', 'O2'], EARLY)], trialRun('run-1'), ctx);
    const theirs = await other.prepare([await entity('E2', ['O2', 'O3'], EARLY)], trialRun('run-2'), ctx);
    await other.commit([theirs], trialRun('run-2'), ctx);
    await sink.commit([mine], trialRun('run-1'), ctx);
    await other.close();
    expect(await plainQuery(`SELECT id, stage FROM ${tableGlob(root, 'trial_entity')} ORDER BY id`)).toEqual([
      { id: 'O1', stage: 'E1' },
      { id: 'O2', stage: 'E1' },
      { id: 'O3', stage: 'E2' },
    ]);
    expect((await sink.ledger.slices({}, ctx)).map((held) => `${held.slice} ${held.rows}`).sort()).toEqual([
      'E0 0',
      'E1 2',
      'E2 1',
    ]);
    expect(await filesBelow(path.join(root, 'trial_entity'))).toEqual(['_catalog=AWS/all.parquet']);
  });

  it('gives way to a newer one, and leaves nothing', async () => {
    const mine = await sink.prepare([await report(DAY, ['1'], EARLY, ['{}'])], trialRun(), ctx);
    const other = parquetSink(root);
    const theirs = await other.prepare([await report(DAY, ['2'], LATE)], trialRun('run-2'), ctx);
    await other.commit([theirs], trialRun('run-2'), ctx);
    await other.close();
    expect(await sink.commit([mine], trialRun(), ctx)).toEqual([
      { key: DAY, result: 'superseded', rows: 1, rejects: 0 },
    ]);
    expect(await viewQuery(root, 'SELECT campaign_id FROM trial_ads.trial_report')).toEqual([{ campaign_id: '2' }]);
    expect((await filesBelow(root)).filter((file) => file.includes('.tmp-') || file.includes('rejects'))).toEqual([]);
  });

  it('stops at once when it is interrupted, and leaves nothing', async () => {
    await commit([await report(DAY, ['1'])]);
    const before = await filesBelow(root);
    const big = await forge.bulk(DAY, LATE, 150_000);
    const controller = new AbortController();
    const preparing = sink.prepare([slice(DAY, [big])], trialRun(), { ...ctx, signal: controller.signal });
    setTimeout(() => controller.abort(), 40);
    const begun = performance.now();
    await expect(preparing).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    expect(performance.now() - begun).toBeLessThan(3000);
    expect(await filesBelow(root)).toEqual(before);
    await commit([slice(DAY, [big])]);
    expect((await sink.ledger.slices({}, ctx)).map((held) => held.rows)).toEqual([150_000]);
  });
});

describe('seen again, unchanged', () => {
  it('moves as of of current state whatever its day, and of several slices of one file at once', async () => {
    const state = { dataset: 'trial_state', scope: '11', slice: '2026-10-10' };
    const rows = [{ ...state, cells: { campaign_id: '1' } }];
    const stage = await forge.stage({ table: STATE, dataset: state.dataset, slices: [state], asOf: EARLY, rows });
    const entity = (slice: string) => ({ dataset: 'trial_entity', scope: 'AWS', slice });
    const entities = ['E1', 'E2'].map(async (name) => {
      const spec = { table: ENTITY, dataset: 'trial_entity', slices: [entity(name)], asOf: EARLY };
      return slice(entity(name), [await forge.stage({ ...spec, rows: [{ ...entity(name), cells: { id: name } }] })]);
    });
    await commit([slice(state, [stage], { currentState: true }), ...(await Promise.all(entities))]);
    const touch = (key: SliceKey) => ({ kind: 'touch' as const, key, schema: 'trial_ads', asOf: LATE, final: false });
    const next = { ...state, slice: '2026-10-11' };
    const results = await commit([touch(next), touch(entity('E1')), touch(entity('E2'))], 'run-2');
    expect(results.map((committed) => committed.result)).toEqual(['unchanged', 'unchanged', 'unchanged']);
    const held = await sink.ledger.slices({}, ctx);
    expect(held.map((h) => `${h.slice} ${h.asOf} ${h.runId}`).sort()).toEqual([
      `2026-10-10 ${LATE} run-1`,
      `E1 ${LATE} run-1`,
      `E2 ${LATE} run-1`,
    ]);
    expect(await plainQuery(`SELECT campaign_id, _slice FROM ${tableGlob(root, 'trial_state')}`)).toEqual([
      { campaign_id: '1', _slice: '2026-10-10' },
    ]);
    expect(await viewQuery(root, 'SELECT count(*) AS n FROM millpond.commits')).toEqual([{ n: '3' }]);
    await expect(commit([touch({ ...state, scope: '99' })])).rejects.toMatchObject({ code: 'E_BUG' });
  });

  it('keeps the history of many commits through compaction', async () => {
    for (let i = 0; i < 54; i++)
      await commit([await report(DAY, [String(i)], new Date(Date.parse(EARLY) + i).toISOString())], `run-${i}`);
    const before = (await files('_millpond/commits')).length;
    await sink.maintain(ctx);
    expect([before, (await files('_millpond/commits')).length]).toEqual([53, 1]);
    expect(await viewQuery(root, 'SELECT count(*) AS n, count(DISTINCT run_id) AS runs FROM millpond.commits')).toEqual(
      [{ n: '54', runs: '54' }],
    );
  });
});
