import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REPORT, STATE } from '../../src/contracts/conformance/sink-fixtures.js';
import { SCHEMA, SCOPE, slice, trialCtx, trialNotes, trialRun } from '../../src/contracts/conformance/sink-trial.js';
import type { SliceWrite } from '../../src/contracts/index.js';
import { maintainWarehouse } from '../../src/sinks/duckdb/maintain.js';
import { bringUp, MIGRATIONS } from '../../src/sinks/duckdb/migrations.js';
import { writeWarehouse } from '../../src/sinks/duckdb/open.js';
import { startChild } from './duckdb-harness.js';
import { DuckdbTrial } from './duckdb-trial.js';

const ctx = trialCtx('2026-11-02T06:00:00.000Z');
let t: DuckdbTrial;
beforeEach(async () => {
  t = await DuckdbTrial.open();
});
afterEach(() => t.close());

/** One row in the slice of that day. */
async function day(name: string, asOf = '2026-10-10T00:00:00.000Z'): Promise<SliceWrite> {
  const key = { dataset: 'trial_state', scope: SCOPE, slice: name };
  const rows = [{ ...key, cells: { campaign_id: '1', name } }];
  return slice(key, [await t.forge.stage({ table: STATE, dataset: key.dataset, slices: [key], asOf, rows })]);
}

/** More rows than a commit tidies up after. */
async function big(name: string): Promise<SliceWrite> {
  const key = { dataset: 'trial_report', scope: SCOPE, slice: name };
  return slice(key, [await t.forge.bulk(key, '2026-10-10T00:00:00.000Z', 31_000)]);
}

const options = () => ({ path: t.file, lockWaitMs: 2000, memoryBytes: 256e6, threads: 1 });

describe('a warehouse file', () => {
  it('is made with its folders, and nothing else is left beside it', async () => {
    const file = path.join(t.folder, 'a', 'b', 'new.duckdb');
    const sink = t.sinkAt(file);
    await sink.check(ctx);
    await t.commit([await day('2026-10-01')], 'run-1', sink);
    expect(await fs.readdir(path.dirname(file))).toEqual(['new.duckdb']);
  });

  it('has an empty log after every commit, small or large', async () => {
    const key = { dataset: 'trial_report', scope: SCOPE, slice: '2026-10-01' };
    const writes = [
      await day('2026-10-01'),
      slice(key, [await t.forge.bulk(key, '2026-10-10T00:00:00.000Z', 150_000)]),
    ];
    for (const write of writes) {
      await t.commit([write]);
      await expect(fs.stat(`${t.file}.wal`)).rejects.toMatchObject({ code: 'ENOENT' });
    }
    await t.sink.note(trialNotes({ tables: [{ schema: SCHEMA, dataset: 'd', table: REPORT }] }), ctx);
    await expect(fs.stat(`${t.file}.wal`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('may hold what others put there', async () => {
    await t.execute(t.file, 'CREATE SCHEMA mine', "CREATE TABLE mine.notes AS SELECT 'keep' AS note");
    expect(await t.sink.ledger.slices({}, ctx)).toEqual([]);
    await t.sink.check(ctx);
    await t.commit([await day('2026-10-01')]);
    expect(await t.query('SELECT note FROM mine.notes')).toEqual([{ note: 'keep' }]);
    expect(await t.sink.ledger.slices({}, ctx)).toHaveLength(1);
  });

  it.each([
    ['text', 'not a database at all, but long enough to be read as one. '.repeat(300)],
    ['nothing', ''],
  ])('that holds %s is refused', async (_what, content) => {
    await fs.writeFile(t.file, content);
    await expect(t.sink.check(ctx)).rejects.toMatchObject({ code: 'E_NOT_A_WAREHOUSE' });
    await expect(t.commit([await day('2026-10-01')])).rejects.toMatchObject({ code: 'E_NOT_A_WAREHOUSE' });
    expect(await fs.readFile(t.file, 'utf8')).toBe(content);
  });

  it('that is damaged is named so', async () => {
    await t.commit([await day('2026-10-01')]);
    const bytes = await fs.readFile(t.file);
    await fs.writeFile(t.file, bytes.fill(7, 12_300));
    await expect(t.sink.ledger.slices({}, ctx)).rejects.toMatchObject({ code: 'E_WAREHOUSE_CORRUPT' });
  });

  it('under a file, or that is a folder, cannot be written', async () => {
    const inTheWay = path.join(t.folder, 'file');
    await fs.writeFile(inTheWay, '');
    for (const file of [path.join(inTheWay, 'w.duckdb'), path.join(inTheWay, 'x', 'w.duckdb'), t.folder]) {
      const sink = t.sinkAt(file);
      await expect(sink.check(ctx)).rejects.toMatchObject({ code: 'E_PATH_UNWRITABLE' });
      await expect(t.commit([await day('2026-10-01')], 'run-1', sink)).rejects.toMatchObject({
        code: 'E_PATH_UNWRITABLE',
      });
    }
  });

  it('may not be named like a schema of its own', async () => {
    for (const name of ['millpond.duckdb', 'Amazon_Ads.duckdb', 'main.db', 'trial_ads.duckdb']) {
      const sink = t.sinkAt(path.join(t.folder, name), { reservedNames: ['amazon_ads', 'trial_ads'] });
      await expect(sink.check(ctx), name).rejects.toMatchObject({ code: 'E_WAREHOUSE_NAME' });
    }
    const unaware = t.sinkAt(path.join(t.folder, 'trial_ads.duckdb'));
    await expect(t.commit([await day('2026-10-01')], 'run-1', unaware)).rejects.toMatchObject({
      code: 'E_WAREHOUSE_NAME',
    });
  });
});

describe('the format of a warehouse', () => {
  it('that is newer is refused, naming both, and the file is left as it is', async () => {
    await t.commit([await day('2026-10-01')]);
    await t.execute(t.file, `UPDATE millpond.meta SET "value" = '7' WHERE "key" = 'format'`);
    const message = /format 7.*up to 2/;
    for (const call of [() => t.sink.check(ctx), () => t.sink.ledger.slices({}, ctx), () => t.sink.migrate(ctx)]) {
      await expect(call()).rejects.toMatchObject({ code: 'E_FORMAT_NEWER', message: expect.stringMatching(message) });
    }
    await expect(t.commit([await day('2026-10-02')])).rejects.toMatchObject({ code: 'E_FORMAT_NEWER' });
    expect(await t.query('SELECT count(*) AS n FROM trial_ads.trial_state')).toEqual([{ n: '1' }]);
  });

  it('goes forward step by step, and a step that fails changes nothing', async () => {
    await t.commit([await day('2026-10-01')]);
    const good = { to: 3, statements: ['ALTER TABLE millpond.runs ADD COLUMN host VARCHAR'] };
    const bad = {
      to: 4,
      statements: ['CREATE TABLE millpond.extra (a BIGINT)', 'SELECT no_such_column FROM millpond.meta'],
    };
    const format = () => t.query(`SELECT "value" FROM millpond.meta WHERE "key" = 'format'`);
    await expect(
      writeWarehouse(options(), ctx, (warehouse) => bringUp(warehouse, ctx.now(), [...MIGRATIONS, good, bad])),
    ).rejects.toThrow(/no_such_column/);
    expect(await format()).toEqual([{ value: '3' }]);
    expect(await t.query("SELECT count(*) AS n FROM duckdb_tables() WHERE table_name = 'extra'")).toEqual([{ n: '0' }]);
    expect(await t.query('SELECT host FROM millpond.runs')).toEqual([{ host: null }]);
  });

  it('of somebody else’s schema of that name is no warehouse', async () => {
    await t.execute(t.file, 'CREATE SCHEMA millpond', 'CREATE TABLE millpond.slices (a BIGINT)');
    await expect(t.sink.check(ctx)).rejects.toMatchObject({ code: 'E_NOT_A_WAREHOUSE' });
    await expect(t.commit([await day('2026-10-01')])).rejects.toMatchObject({ code: 'E_NOT_A_WAREHOUSE' });
  });
});

describe('a warehouse that several want', () => {
  it('is taken over from a process that was killed', async () => {
    await t.commit([await day('2026-10-01')]);
    const holder = startChild('hold-child.mjs', [t.file, '20000']);
    await once(holder.stdout, 'data');
    const waiting = t.commit([await day('2026-10-02')], 'run-1', t.sinkAt(t.file, { lockWaitMs: 10_000 }));
    setTimeout(() => holder.kill('SIGKILL'), 300);
    expect((await waiting)[0]?.result).toBe('committed');
  });

  it('queues the sinks of one process, whatever they call the file', async () => {
    await fs.symlink(t.folder, path.join(t.folder, 'link'));
    const other = t.sinkAt(path.join(t.folder, 'link', 'warehouse.duckdb'));
    const days = ['2026-10-01', '2026-10-02', '2026-10-03', '2026-10-04'];
    const writes = await Promise.all(days.map((name) => day(name)));
    await Promise.all(writes.map((write, i) => t.commit([write], `run-${i}`, i % 2 ? other : t.sink)));
    expect(await t.query('SELECT count(*) AS n FROM trial_ads.trial_state')).toEqual([{ n: '4' }]);
    expect(await t.sink.ledger.slices({}, ctx)).toHaveLength(4);
  });

  it('is left within a second when its turn is given up', async () => {
    const key = { dataset: 'trial_report', scope: SCOPE, slice: '2026-10-01' };
    const first = t.commit([slice(key, [await t.forge.bulk(key, '2026-10-10T00:00:00.000Z', 150_000)])]);
    const write = await t.sink.prepare([await day('2026-10-02')], trialRun(), ctx);
    const hurried = trialCtx('2026-11-02T06:00:00.000Z', AbortSignal.timeout(20));
    await expect(t.sink.commit([write], trialRun(), hurried)).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
    await first;
  });
});

describe('maintenance', () => {
  it('is not needed after small commits: they leave no pieces behind', async () => {
    await t.commit([await day('2026-10-01')]);
    const { size } = await fs.stat(t.file);
    for (let i = 2; i <= 6; i++) await t.commit([await day(`2026-10-0${i}`)], `run-${i}`);
    expect((await fs.stat(t.file)).size).toBeLessThan(size + 2e6);
  });

  it('writes a table in many pieces anew, and keeps rows, comments and ledger', async () => {
    const many = Array.from({ length: 4 }, (_, i) => `2026-10-0${i + 1}`);
    for (const name of many) await t.commit([await big(name)]);
    await t.execute(t.file, 'SET GLOBAL max_vacuum_tasks=0', "COMMENT ON TABLE trial_ads.trial_report IS 'mine'");
    const pieces = async () => {
      const rows = await t.query(
        "SELECT count(DISTINCT row_group_id) AS n FROM pragma_storage_info('trial_ads.trial_report')",
      );
      return Number(rows[0]?.n);
    };
    expect(await pieces()).toBe(4);
    const rows = await t.query(
      'SELECT _slice, count(*) AS n, sum(campaign_id) AS s FROM trial_ads.trial_report GROUP BY 1 ORDER BY 1',
    );
    await t.sink.maintain(ctx);
    expect(await pieces(), 'not due by its usual limits').toBe(4);
    await maintainWarehouse(options(), ctx, { fileBytes: 0, freeShare: 2, pieces: 3, rowsPerPiece: 100_000 });
    expect(await pieces()).toBe(2);
    expect(
      await t.query(
        'SELECT _slice, count(*) AS n, sum(campaign_id) AS s FROM trial_ads.trial_report GROUP BY 1 ORDER BY 1',
      ),
    ).toEqual(rows);
    expect(await t.query("SELECT comment FROM duckdb_tables() WHERE table_name = 'trial_report'")).toEqual([
      { comment: 'mine' },
    ]);
    expect(await t.sink.ledger.slices({}, ctx)).toHaveLength(4);
  });

  it('removes what dead writers left, and nothing of the living', async () => {
    const dead = startChild('hold-child.mjs', [path.join(t.folder, 'other.duckdb'), '0']);
    await once(dead, 'exit');
    const leftover = path.join(t.folder, `.tmp-${dead.pid}-0123456789ab-warehouse.duckdb`);
    const alive = path.join(t.folder, `.tmp-${process.pid}-0123456789ab-warehouse.duckdb`);
    for (const name of [leftover, alive]) await fs.mkdir(name);
    await t.sink.maintain(ctx);
    await expect(fs.stat(leftover)).rejects.toMatchObject({ code: 'ENOENT' });
    await fs.stat(alive);
  });
});
