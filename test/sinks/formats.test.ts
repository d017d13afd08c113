import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STATE } from '../../src/contracts/conformance/sink-fixtures.js';
import { slice, trialCtx, trialNotes } from '../../src/contracts/conformance/sink-trial.js';
import { DuckdbTrial } from './duckdb-trial.js';
import { parquetSink, viewQuery } from './parquet-lake.js';

const ctx = trialCtx('2026-11-02T06:00:00.000Z');
const key = { dataset: 'trial_state', scope: '11', slice: '2026-10-01' };
const missing = { ...key, slice: '2026-10-02' };

describe('a warehouse of format 1', () => {
  let t: DuckdbTrial;
  beforeEach(async () => {
    t = await DuckdbTrial.open();
    const fixture = fileURLToPath(new URL('./fixtures/warehouse-format-1.sql', import.meta.url));
    await t.execute(t.file, await fs.readFile(fixture, 'utf8'));
  });
  afterEach(() => t.close());

  const format = () => t.query(`SELECT "value" FROM millpond.meta WHERE "key" = 'format'`);
  const inBooks = {
    schema: 'ads_eu',
    ...key,
    rows: 1,
    rejects: 1,
    artifacts: [{ sha256: 'aa', path: 'trial/aa.json.gz', asOf: '2026-10-10T00:00:00.000Z' }],
    final: true,
  };
  const gap = { schema: 'ads_eu', ...missing, attempts: 3, since: '2026-10-31T06:00:00.000Z' };

  it('is read as it is', async () => {
    const look = await t.sink.ledger.look({}, ctx);
    expect(look).toMatchObject({ slices: [inBooks], outcomes: [gap], lastRuns: [{ runId: 'run-0' }] });
    const rows = { schema: 'ads_eu', table: STATE, scope: '11', columns: ['campaign_id', '_slice'] };
    expect(await t.sink.ledger.rows(rows, ctx)).toEqual([['9007199254740993', '2026-10-01']]);
    expect(await format()).toEqual([{ value: '1' }]);
  });

  it('is brought up to date, each row with the schema that it speaks of', async () => {
    await t.sink.migrate(ctx);
    expect(await format()).toEqual([{ value: '2' }]);
    for (const table of ['slices', 'artifacts', 'commits', 'rejects', 'columns', 'outcomes', 'freshness', 'gaps']) {
      expect(await t.query(`SELECT DISTINCT schema_name AS s FROM millpond.${table}`), table).toEqual([
        { s: 'ads_eu' },
      ]);
    }
    expect(await t.sink.ledger.look({}, ctx)).toMatchObject({ slices: [inBooks], outcomes: [gap] });
  });

  it('is written in one schema without a trace in the other', async () => {
    const rows = [{ ...key, cells: { campaign_id: '5', name: 'ours' } }];
    const spec = { table: STATE, dataset: key.dataset, slices: [key], asOf: '2026-10-11T00:00:00.000Z', rows };
    const stages = [await t.forge.stage(spec)];
    await t.commit([slice(key, stages)]);
    expect(await t.query('SELECT schema_name AS s, "rows" AS n FROM millpond.slices ORDER BY 1')).toEqual([
      { s: 'ads_eu', n: '1' },
      { s: 'trial_ads', n: '1' },
    ]);
    expect(await t.query('SELECT schema_name AS s, raw FROM millpond.rejects')).toEqual([
      { s: 'ads_eu', raw: '{"bad":1}' },
    ]);
    await t.sink.note(trialNotes({ cleared: [{ schema: 'ads_eu', ...missing }] }), ctx);
    expect(await t.query('SELECT slice FROM millpond.gaps')).toEqual([]);
  });
});

describe('a lake whose lines name no schema yet', () => {
  let root: string;
  beforeEach(async () => {
    root = path.join(await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-formats-')), 'lake');
    await fs.mkdir(path.join(root, '_millpond', 'commits'), { recursive: true });
    const write = (name: string, value: unknown) =>
      fs.writeFile(path.join(root, '_millpond', name), `${JSON.stringify(value)}\n`);
    const outcome = { outcome: 'failed', reason: 'failed', message: 'broke', attempts: 3, runId: 'run-0' };
    const at = '2026-10-31T06:00:00.000Z';
    await write('meta.json', { format: 1 });
    await write('outcomes.json', [{ ...missing, ...outcome, since: at, notedAt: at }]);
    await write('columns.json', [
      {
        dataset: 'd',
        column_name: 'c',
        source_name: 'C',
        type: 'BIGINT',
        documented: true,
        suggested_type: null,
        first_seen_at: at,
        first_run_id: 'run-0',
        table_name: 't',
        description: null,
      },
    ]);
    await write('commits/old.ndjson', {
      commit: 'x',
      ...key,
      run_id: 'run-0',
      committed_at: at,
      rows: 1,
      artifact_sha256: 'aa',
      replaced_sha256: null,
    });
  });
  afterEach(() => fs.rm(path.dirname(root), { recursive: true, force: true }));

  it('shows them with the usual one, and counts on', async () => {
    for (const table of ['commits', 'columns', 'outcomes', 'gaps']) {
      expect(await viewQuery(root, `SELECT schema_name AS s FROM millpond.${table}`), table).toEqual([
        { s: 'amazon_ads' },
      ]);
    }
    const sink = parquetSink(root);
    expect(await sink.ledger.outcomes({}, ctx)).toMatchObject([{ schema: 'amazon_ads', attempts: 3 }]);
    const again = { schema: 'ads_eu', ...missing, outcome: 'failed', reason: 'failed', message: 'still' } as const;
    await sink.note(trialNotes({ outcomes: [again] }), ctx);
    expect(await sink.ledger.outcomes({}, ctx)).toMatchObject([{ schema: 'ads_eu', attempts: 4, message: 'still' }]);
    await sink.note(trialNotes({ cleared: [{ schema: 'ads_eu', ...missing }] }), ctx);
    expect(await sink.ledger.outcomes({}, ctx)).toEqual([]);
    await sink.close();
  });
});
