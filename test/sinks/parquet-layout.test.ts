import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  column,
  ENTITY,
  REPORT,
  STATE,
  StageForge,
  type StageSpec,
} from '../../src/contracts/conformance/sink-fixtures.js';
import { slice, trialCtx, trialRun } from '../../src/contracts/conformance/sink-trial.js';
import type { Column, Sink, SliceKey, SliceWrite, Table } from '../../src/contracts/index.js';
import { filesBelow, parquetSink, plainQuery, tableGlob } from './parquet-lake.js';

const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';
const ctx = trialCtx('2026-11-02T06:00:00.000Z');

let folder: string;
let root: string;
let forge: StageForge;
let sink: Sink;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-parquet-'));
  root = path.join(folder, 'lake');
  await fs.mkdir(path.join(folder, 'stages'));
  forge = await StageForge.open(path.join(folder, 'stages'));
  sink = parquetSink(root);
});

afterEach(async () => {
  forge.close();
  await sink.close();
  await fs.rm(folder, { recursive: true, force: true });
});

async function write(
  table: Table,
  key: SliceKey,
  cells: readonly Record<string, string | null>[],
  more: Partial<StageSpec> = {},
  change: Partial<SliceWrite> = {},
): Promise<SliceWrite> {
  const rows = cells.map((row) => ({ ...key, cells: row }));
  const stage = await forge.stage({ table, dataset: key.dataset, slices: [key], asOf: EARLY, rows, ...more });
  return slice(key, [stage], change);
}

async function commit(...writes: SliceWrite[]) {
  const prepared = await sink.prepare(writes, trialRun(), ctx);
  return sink.commit([prepared], trialRun(), ctx);
}

const day = (date: string, part = ''): SliceKey => ({
  dataset: 'trial_report',
  scope: '9007199254740993',
  slice: date + part,
});
const cells = (key: SliceKey, id: string) => ({ report_date: key.slice.slice(0, 10), campaign_id: id, cost: '1.5' });
const dataFiles = async () => (await filesBelow(root)).filter((file) => !file.startsWith('_millpond'));

describe('where files stand', () => {
  it('gives days, parts of days, current state and lists their own places', async () => {
    const state = { dataset: 'trial_state', scope: '11', slice: '2026-10-10' };
    const entity = { dataset: 'trial_entity', scope: 'AWS', slice: 'E1' };
    const list = { dataset: 'trial_list', scope: 'AWS', slice: 'eng-7/a.b' };
    await commit(
      await write(REPORT, day('2026-10-01'), [cells(day('2026-10-01'), '1')]),
      await write(REPORT, day('2026-10-01', '/T00020'), [cells(day('2026-10-01'), '2')]),
      await write(STATE, state, [{ campaign_id: '1' }], {}, { currentState: true }),
      await write(ENTITY, entity, [{ id: 'O1' }]),
      await write({ ...ENTITY, name: 'trial_list', mode: 'replace' }, list, [{ id: 'O1' }]),
    );
    expect(await dataFiles()).toEqual([
      'trial_entity/_catalog=AWS/all.parquet',
      'trial_list/_catalog=AWS/eng-7.a%2Eb.parquet',
      'trial_report/_profile_id=9007199254740993/report_date=2026-10-01/2026-10-01.T00020.parquet',
      'trial_report/_profile_id=9007199254740993/report_date=2026-10-01/2026-10-01.parquet',
      'trial_state/_profile_id=11/current.parquet',
    ]);
  });

  it('is read by a plain DuckDB with exact types, empty days included', async () => {
    await commit(
      await write(REPORT, day('2026-10-01'), [
        { ...cells(day('2026-10-01'), '9223372036854775807'), extra: '{"a":1}' },
      ]),
      await write(REPORT, day('2026-10-02'), []),
    );
    const types = await plainQuery(
      `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${tableGlob(root, 'trial_report')})`,
    );
    expect(Object.fromEntries(types.map((row) => [row.column_name, row.column_type]))).toEqual({
      campaign_id: 'BIGINT',
      name: 'VARCHAR',
      clicks: 'BIGINT',
      cost: 'DECIMAL(18,6)',
      rate: 'DOUBLE',
      seen_at: 'TIMESTAMP WITH TIME ZONE',
      active: 'BOOLEAN',
      extra: 'JSON',
      tags: 'VARCHAR[]',
      budget: 'STRUCT(amount DECIMAL(33,2), currency VARCHAR)',
      _slice: 'VARCHAR',
      _run_id: 'VARCHAR',
      _loaded_at: 'TIMESTAMP WITH TIME ZONE',
      _profile_id: 'BIGINT',
      report_date: 'DATE',
    });
    const empty = path.join(
      root,
      'trial_report/_profile_id=9007199254740993/report_date=2026-10-02/2026-10-02.parquet',
    );
    const columns = await plainQuery(
      `SELECT column_type FROM (DESCRIBE SELECT * FROM read_parquet('${empty}', hive_partitioning=false))`,
    );
    expect(columns.map((row) => row.column_type)).toContain('DECIMAL(18,6)');
    expect(columns).toHaveLength(13);
    expect(
      await plainQuery(`SELECT campaign_id, cost, report_date, _profile_id FROM ${tableGlob(root, 'trial_report')}`),
    ).toEqual([
      {
        campaign_id: '9223372036854775807',
        cost: '1.500000',
        report_date: '2026-10-01',
        _profile_id: '9007199254740993',
      },
    ]);
  });

  it('says its row of the ledger in the footer, compressed with zstd', async () => {
    await commit(await write(REPORT, day('2026-10-01'), [cells(day('2026-10-01'), '1')], {}, { final: true }));
    const glob = `${root}/trial_report/**/*.parquet`;
    const [format, ledger] = await plainQuery(
      `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${glob}') ORDER BY key`,
    );
    expect(format).toEqual({ key: 'millpond.format', value: '1' });
    const footer = JSON.parse(ledger?.value as string);
    expect(footer).toMatchObject({ schema: 'trial_ads', dataset: 'trial_report', scope: '9007199254740993' });
    expect(footer.slices).toMatchObject([
      {
        slice: '2026-10-01',
        rows: 1,
        rejects: 0,
        as_of: EARLY,
        request_fingerprint: 'request-1',
        run_id: 'run-1',
        final: true,
      },
    ]);
    const [codec] = await plainQuery(`SELECT DISTINCT compression FROM parquet_metadata('${glob}')`);
    expect(codec?.compression).toBe('ZSTD');
  });

  it.each(['__HIVE_DEFAULT_PARTITION__', '../../etc', 'a b=c/ü', '.', 'NUL%2F'])(
    'reads the scope %s back',
    async (scope) => {
      const key = { dataset: 'trial_entity', scope, slice: '../x' };
      await commit(await write({ ...ENTITY, mode: 'replace' }, key, [{ id: 'O1' }]));
      expect(await plainQuery(`SELECT _catalog, _slice FROM ${tableGlob(root, 'trial_entity')}`)).toEqual([
        { _catalog: scope, _slice: '../x' },
      ]);
      expect((await sink.ledger.slices({}, ctx)).map((held) => [held.scope, held.slice])).toEqual([[scope, '../x']]);
      expect((await fs.readdir(folder)).sort()).toEqual(['lake', 'stages']);
    },
  );

  it('refuses a row of another day under a day', async () => {
    const wrong = write(REPORT, day('2026-10-01'), [cells(day('2026-10-02'), '1')]);
    await expect(commit(await wrong)).rejects.toMatchObject({ code: 'E_COUNT_MISMATCH' });
    expect(await dataFiles()).toEqual([]);
  });

  it('keeps a dataset and scope for one schema', async () => {
    await commit(await write(REPORT, day('2026-10-01'), []));
    const elsewhere = { schema: 'elsewhere' };
    for (const other of [day('2026-10-01'), day('2026-10-02')]) {
      await expect(commit(await write(REPORT, other, [], {}, elsewhere))).rejects.toMatchObject({
        code: 'E_CONFLICT',
        message: expect.stringContaining('elsewhere'),
        hint: expect.stringContaining('a lake of its own'),
      });
    }
    const beside = { ...day('2026-10-01'), scope: '12' };
    expect(await commit(await write(REPORT, beside, [], {}, elsewhere))).toMatchObject([{ result: 'committed' }]);
  });
});

describe('columns whose type moves', () => {
  const grown =
    (type: Column['type'], values: readonly string[]) =>
    async (date: string, asOf = EARLY) => {
      const rows = values.map((value, i) => ({ ...cells(day(date), String(i)), extra_metric: value }));
      return write(REPORT, day(date), rows, { columns: [...REPORT.columns, column('extra_metric', type)], asOf });
    };
  const read = async () =>
    (
      await plainQuery(
        `SELECT extra_metric AS x, typeof(extra_metric) AS t FROM ${tableGlob(root, 'trial_report')} ORDER BY report_date`,
      )
    ).map((row) => `${row.x} ${row.t}`);

  it('takes the type that `types:` gives, and reads as text beside the old files until they are replayed', async () => {
    await commit(await grown('varchar', ['0012'])('2026-10-01'));
    await commit(await grown('bigint', ['9007199254740993'])('2026-10-02'));
    expect(await read()).toEqual(['0012 VARCHAR', '9007199254740993 VARCHAR']);
    await commit(await grown('bigint', ['12'])('2026-10-01', LATE));
    expect(await read()).toEqual(['12 BIGINT', '9007199254740993 BIGINT']);
  });

  it.each([
    ['bigint', '9007199254740993', 'double', '0.1'],
    ['double', '0.1', 'decimal(18,6)', '123456789012.123457'],
    ['date', '2026-10-01', 'timestamptz', '2026-10-01 12:00:00+00'],
    ['json', '{"a":9007199254740993}', 'varchar', 'no json'],
    ['varchar', 'no json', 'json', '{"a":1}'],
  ] as const)('loses nothing of %s %s beside %s %s', async (first, one, second, two) => {
    await commit(await grown(first, [one])('2026-10-01'));
    await commit(await grown(second, [two])('2026-10-02'));
    const [a, b] = await read();
    expect(a).toContain(first === 'double' ? '0.1' : one);
    expect(b).toContain(two === 'no json' ? '"no json"' : two);
  });

  it('adds numbers of several scales exactly', async () => {
    await commit(await grown('decimal(18,6)', ['0.000001'])('2026-10-01'));
    await commit(await grown('bigint', ['9223372036854775807'])('2026-10-02'));
    expect(await read()).toEqual(['0.000001 DECIMAL(25,6)', '9223372036854775807.000000 DECIMAL(25,6)']);
  });

  it('refuses what could never be read together', async () => {
    await commit(await grown({ struct: [column('a', 'bigint')] }, ["{'a': 1}"])('2026-10-01'));
    await expect(commit(await grown('bigint', ['1'])('2026-10-02'))).rejects.toMatchObject({ code: 'E_CONFLICT' });
    expect(await dataFiles()).toHaveLength(1);
  });

  it('merges by key though a type has moved', async () => {
    const entity = (slice: string) => ({ dataset: 'trial_entity', scope: 'AWS', slice });
    const typed = (type: Column['type']) => [...ENTITY.columns, column('size', type)];
    await commit(await write(ENTITY, entity('E1'), [{ id: 'O1', size: '0.1' }], { columns: typed('double') }));
    await commit(
      await write(ENTITY, entity('E2'), [{ id: 'O2', size: '9007199254740993' }], { columns: typed('bigint') }),
    );
    expect(await plainQuery(`SELECT id, size FROM ${tableGlob(root, 'trial_entity')} ORDER BY id`)).toEqual([
      { id: 'O1', size: '0.1' },
      { id: 'O2', size: '9007199254740993' },
    ]);
    expect((await sink.ledger.slices({}, ctx)).map(({ slice, rows }) => `${slice} ${rows}`)).toEqual(['E1 1', 'E2 1']);
  });
});
