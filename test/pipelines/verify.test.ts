import fs from 'node:fs/promises';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerConnector } from '../../src/connectors/registry.js';
import { stagesInForce } from '../../src/contracts/growth.js';
import type { Stage } from '../../src/contracts/index.js';
import { verifyPipelines } from '../../src/pipelines/verify.js';
import type { VerifyReport } from '../../src/pipelines/verify-report.js';
import { resetTestSource, testConnector, testSource } from '../support/test-connector.js';
import { EVERYTHING, Workspace } from '../support/workspace.js';

registerConnector(testConnector);

const YAML = `
version: 1
connections: { t: { connector: test } }
landing: ./landing
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  all: { connection: t, sinks: [warehouse, lake], since: 2026-10-30, until: 2026-10-31, datasets: ["test_*"] }
`;
/** Two days, current state, and three events, of two scopes, in two sinks. */
const SLICES = (2 + 1 + 3) * 2 * 2;
/** The second scope; its id is beyond what a JavaScript number holds. */
const OTHER = '9007199254740993';

let sound: Workspace;
let w: Workspace;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-04T12:00:00Z') });
  resetTestSource();
  testSource.rowsPerDay = 4;
  // The fourth row of each day is a reject; the others have a column that no catalogue knows.
  testSource.extra = (item) => (item === 4 ? { cost: 'dear' } : { color: `c${item}` });
  sound = await Workspace.make(YAML);
  expect((await sound.run()).summary).toMatchObject({ status: 'succeeded', rejects: 4 });
  // Events are told again with another key: slices of a table that grows are made of two files.
  testSource.suffix = '-b';
  vi.setSystemTime(new Date('2026-11-04T12:30:00Z'));
  await sound.run({ reload: true, datasets: ['test_events'], scopes: ['1'] });
});
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-04T13:00:00Z') });
  w = await Workspace.make();
  await fs.cp(sound.folder, w.folder, { recursive: true });
});
afterEach(async () => {
  vi.useRealTimers();
  await w.remove();
});
afterAll(() => sound.remove());

async function verify(repair = false, filters = {}): Promise<{ report: VerifyReport; exit: number }> {
  const options = { ...EVERYTHING, config: await w.config(), repair, parent: null, onEvent() {}, ...filters };
  return verifyPipelines(options, w.ctx());
}

/** The differences, each as `sink slice what column: expected ≠ found`. */
function told({ differences }: VerifyReport): string[] {
  return differences.map(
    ({ sink, dataset, scope, slice, what, column, expected, found }) =>
      `${sink ?? 'landing'} ${dataset}:${scope}:${slice} ${what}${column ? ` ${column}` : ''}: ${expected} ≠ ${found}`,
  );
}

/** Does something to the warehouse that Millpond would not. */
async function harm(...statements: string[]): Promise<void> {
  const instance = await DuckDBInstance.create(w.warehouse);
  const connection = await instance.connect();
  for (const statement of statements) {
    const { rowsChanged } = await connection.run(statement);
    if (/^(UPDATE|DELETE|INSERT)/.test(statement)) expect(rowsChanged, statement).toBeGreaterThan(0);
  }
  connection.closeSync();
  instance.closeSync();
}

/** Writes a file of the lake anew from a query over `FILE`, with its footer or without. */
async function rewrite(file: string, query: string, withFooter: boolean): Promise<void> {
  const full = path.join(w.lake, file);
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`CREATE TABLE t AS ${query.replace('FILE', `'${full}'`)}`);
  const pairs = await connection.runAndReadAll(
    `SELECT decode(key) AS k, decode(value) AS v FROM parquet_kv_metadata('${full}') WHERE decode(key) LIKE 'millpond%'`,
  );
  const quoted = pairs.getRowObjectsJson().map(({ k, v }) => `"${k}": '${String(v).replaceAll("'", "''")}'`);
  await connection.run(`COPY t TO '${full}' (FORMAT parquet${withFooter ? `, KV_METADATA {${quoted}}` : ''})`);
  connection.closeSync();
  instance.closeSync();
}

async function flip(file: string, at: (length: number) => number): Promise<void> {
  const bytes = await fs.readFile(file);
  const i = at(bytes.length);
  bytes[i] = bytes[i]! ^ 0xff;
  await fs.writeFile(file, bytes);
}

async function artifactOf(dataset: string, scope = '1'): Promise<string> {
  const folder = path.join(w.folder, 'landing', 'artifacts', dataset, scope);
  const names = await fs.readdir(folder);
  return path.join(folder, names.find((name) => name.endsWith('.json.gz'))!);
}

/** Finds, mends, and looks again. */
async function expectMended(expected: readonly string[]): Promise<void> {
  const { report, exit } = await verify(true);
  expect(told(report)).toEqual(expected.map((pattern) => expect.stringMatching(new RegExp(`^${pattern}$`))));
  expect(report).toMatchObject({ mended: expected.length, errors: [] });
  expect(exit).toBe(0);
}

const day = (scope: string, slice: string) => `_profile_id = ${scope} AND _slice = '2026-10-${slice}'`;

it('of a slice that grows, tables that do not are made of the newest file', () => {
  const stage = (id: string, mode: string) =>
    ({ artifact: { id, asOf: `2026-11-0${id}T00:00:00Z` }, table: { name: mode, mode } }) as unknown as Stage;
  const both = ['2', '1'].flatMap((id) => [stage(id, 'replace'), stage(id, 'append')]);
  const names = (stages: readonly Stage[]) => stages.map(({ artifact, table }) => `${table.name} ${artifact.id}`);
  expect(names(stagesInForce(both))).toEqual(['replace 2', 'append 2', 'append 1']);
  const parts = [stage('1', 'replace'), stage('2', 'replace')];
  expect(stagesInForce(parts)).toEqual(parts);
});

describe('verify', () => {
  it('finds nothing where nothing is wrong, and writes nothing', async () => {
    const before = await fs.stat(w.warehouse);
    const { report, exit } = await verify();
    const nothing = { no_artifact: 0, differences: [], mended: 0, errors: [] };
    expect(report).toEqual({ slices: SLICES, verified: SLICES, ...nothing });
    expect(exit).toBe(0);
    expect((await fs.stat(w.warehouse)).mtimeMs).toBe(before.mtimeMs);
    expect(await fs.readdir(path.join(w.folder, 'landing', 'staging'))).toEqual([]);
    expect((await verify(false, { scopes: ['1'], from: '2026-10-31' })).report).toMatchObject({ slices: 10 });
  });

  it('sees each change in the warehouse, and mends it', async () => {
    await harm(
      `UPDATE test.test_report SET cost = cost + 0.000001 WHERE ${day('1', '30')} AND item_id = 1`,
      // The sum stays.
      `UPDATE test.test_report SET cost = 0.000002 - cost WHERE ${day('1', '31')} AND item_id IN (1, 3)`,
      `UPDATE test.test_report SET color = NULL WHERE ${day(OTHER, '30')} AND item_id = 1`,
      `UPDATE test.test_report SET item_id = 9 WHERE ${day(OTHER, '31')} AND item_id = 1`,
      `DELETE FROM millpond.rejects WHERE scope = '${OTHER}'`,
      "UPDATE test.test_state SET name = 'x' WHERE _profile_id = 1 AND item_id = 2",
      "INSERT INTO test.test_state BY NAME SELECT 1 AS _profile_id, 7 AS item_id, '2026-01-01' AS _slice",
      `INSERT INTO test.test_state SELECT * FROM test.test_state WHERE _profile_id = ${OTHER} AND item_id = 2`,
      "DELETE FROM test.test_events WHERE _profile_id = 1 AND event_id = 'e-2'",
      "UPDATE millpond.slices SET rows = 5 WHERE slice = 'e-3' AND scope = '1'",
      `DELETE FROM millpond.slices WHERE slice IN ('e-1', 'e-2') AND scope = '${OTHER}'`,
      `DELETE FROM test.test_events WHERE _profile_id = ${OTHER} AND event_id = 'e-2'`,
      'ALTER TABLE test.test_events DROP COLUMN note',
    );
    await expectMended([
      'warehouse test_events:1:e-1 column note: 2 values ≠ no such column',
      'warehouse test_events:1:e-2 column note: 2 values ≠ no such column',
      'warehouse test_events:1:e-2 rows: 2 ≠ 1',
      'warehouse test_events:1:e-3 column note: 2 values ≠ no such column',
      'warehouse test_events:1:e-3 rows: 5 ≠ 2',
      `warehouse test_events:${OTHER}:e-1 not_held: 1 rows, as in lake ≠ nothing`,
      `warehouse test_events:${OTHER}:e-1 unlisted: 0 ≠ 1`,
      `warehouse test_events:${OTHER}:e-2 not_held: 1 rows, as in lake ≠ nothing`,
      `warehouse test_events:${OTHER}:e-3 column note: 1 values ≠ no such column`,
      'warehouse test_report:1:2026-10-30 sum cost: 0.000003 ≠ 0.000004',
      'warehouse test_report:1:2026-10-31 cells: \\d+ ≠ \\d+',
      `warehouse test_report:${OTHER}:2026-10-30 rejects: 1 ≠ 0`,
      `warehouse test_report:${OTHER}:2026-10-30 values color: \\d+ ≠ \\d+`,
      `warehouse test_report:${OTHER}:2026-10-31 rejects: 1 ≠ 0`,
      `warehouse test_report:${OTHER}:2026-10-31 keys: \\d+ ≠ \\d+`,
      'warehouse test_state:1:2026-01-01 unlisted: 0 ≠ 1',
      'warehouse test_state:1:2026-11-04 values name: \\d+ ≠ \\d+',
      `warehouse test_state:${OTHER}:2026-11-04 rows: 2 ≠ 3`,
    ]);
    const again = await verify();
    expect(told(again.report)).toEqual([]);
    expect(again).toMatchObject({ exit: 0, report: { slices: SLICES, verified: SLICES } });
  });

  it('sees each change in the lake, and mends it', async () => {
    const file = (table: string, scope: string, name: string) => `${table}/_profile_id=${scope}/${name}.parquet`;
    await rewrite(file('test_report', '1', '2026-10-30'), 'SELECT * REPLACE (cost + 1 AS cost) FROM FILE', true);
    await rewrite(file('test_report', '1', '2026-10-31'), 'SELECT * FROM FILE WHERE item_id < 3', true);
    await rewrite(file('test_report', OTHER, '2026-10-30'), 'SELECT * FROM FILE', false);
    await fs.rm(path.join(w.lake, `_millpond/rejects/dataset=test_report/_profile_id=${OTHER}`), { recursive: true });
    await fs.rm(path.join(w.lake, file('test_events', '1', 'e-2')));
    await flip(path.join(w.lake, file('test_events', '1', 'e-3')), () => 20);
    await fs.rm(path.join(w.lake, file('test_state', OTHER, 'current')));
    await expectMended([
      'lake test_events:1:e-2 not_held: 2 rows, as in warehouse ≠ nothing',
      'lake test_events:1:e-3 .*',
      `lake test_report:null:null file: no such file ≠ ${file('test_report', OTHER, '2026-10-30')}: it was not .*`,
      'lake test_report:1:2026-10-30 sum cost: 0.000003 ≠ 3.000003',
      'lake test_report:1:2026-10-31 rows: 3 ≠ 2',
      'lake test_report:1:2026-10-31 sum cost: 0.000003 ≠ 0.000001',
      `lake test_report:${OTHER}:2026-10-30 not_held: 3 rows, as in warehouse ≠ nothing`,
      `lake test_report:${OTHER}:2026-10-31 rejects: 1 ≠ 0`,
      `lake test_state:${OTHER}:2026-11-04 not_held: 2 rows, as in warehouse ≠ nothing`,
    ]);
  });

  it('names damaged artifacts, and what none can mend; one past its keeping is none', async () => {
    const gone = await artifactOf('test_report', OTHER);
    await fs.rm(gone);
    await fs.rm(gone.replace(/\.json\.gz$/, '.meta.json'));
    const counted = await verify(false, { datasets: ['test_report'] });
    expect(counted).toMatchObject({ exit: 0, report: { slices: 8, verified: 4, no_artifact: 4, differences: [] } });

    await flip(await artifactOf('test_report'), (length) => length >> 1);
    await fs.truncate(await artifactOf('test_state'), 30);
    await fs.rm((await artifactOf('test_events', OTHER)).replace(/\.json\.gz$/, '.meta.json'));
    const stray = 'test_state/copy.parquet';
    await fs.cp(path.join(w.lake, 'test_state/_profile_id=1/current.parquet'), path.join(w.lake, stray));
    await harm(
      "INSERT INTO test.test_report BY NAME SELECT 1 AS _profile_id, 1 AS item_id, '2020-01-01' AS _slice",
      `DELETE FROM test.test_report WHERE ${day(OTHER, '30')} AND item_id = 3`,
    );
    const { report, exit } = await verify(true);
    const damaged = 'artifact: the file that was committed ≠ artifacts/\\S+';
    expect(told(report)).toEqual([
      expect.stringMatching(new RegExp(`^landing test_events:${OTHER}:e-\\d ${damaged}: the record beside it is gone`)),
      'warehouse test_report:1:2020-01-01 unlisted: 0 ≠ 1',
      expect.stringMatching(new RegExp(`^landing test_report:1:2026-10-3\\d ${damaged}: `)),
      `warehouse test_report:${OTHER}:2026-10-30 rows: 3 ≠ 2`,
      expect.stringMatching(`^lake test_state:null:null file: no such file ≠ ${stray}`),
      expect.stringMatching(new RegExp(`^landing test_state:1:2026-11-04 ${damaged}: it has 30 bytes; \\d+ landed$`)),
    ]);
    expect(report).toMatchObject({ slices: SLICES, verified: SLICES - 12, no_artifact: 4, mended: 0 });
    expect(exit).toBe(1);
  });
});
