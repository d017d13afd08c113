import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerConnector } from '../../src/connectors/registry.js';
import { pipelineStatus } from '../../src/pipelines/index.js';
import { isShrunk } from '../../src/pipelines/shrink.js';
import { resetTestSource, testConnector, testSource } from '../support/test-connector.js';
import { EVERYTHING, Workspace } from '../support/workspace.js';

registerConnector(testConnector);

const yaml = (shrink: string, sinks = '[warehouse]') => `
version: 1
connections: { t: { connector: test } }
landing: ./landing
sinks: { warehouse: { sink: duckdb, path: ./warehouse.duckdb }, lake: { sink: parquet, path: ./lake } }
pipelines:
  all: { connection: t, sinks: ${sinks}, since: 2026-10-31, until: 2026-10-31, datasets: [test_report], shrink: ${shrink} }
`;

let w: Workspace;

/** A later run that asks again, when the source has this many rows a day. */
async function reload(rows: number, options = {}) {
  testSource.rowsPerDay = rows;
  vi.setSystemTime(new Date(Date.now() + 60_000));
  const { summary, exit } = await w.run({ reload: true, ...options });
  const { slices, errors, warnings } = summary;
  const codes = [...errors, ...warnings].map(({ code }) => code);
  return { slices, codes: [...new Set(codes)].sort(), messages: errors.map(({ message }) => message).sort(), exit };
}

async function held(): Promise<unknown> {
  const rows = await w.sql(
    'SELECT _profile_id::VARCHAR AS scope, count(*)::INTEGER AS n FROM test.test_report GROUP BY ALL ORDER BY ALL',
  );
  return rows.map(({ n }) => n);
}

it('what is empty, or less than the share of what is held, is shrunk', () => {
  const judged = [
    [10, 5, 0.5],
    [10, 4, 0.5],
    [10, 0, 0],
    [10, 1, 0],
    [0, 0, 0.5],
    [3, 2, 1],
  ].map(([before, now, share]) => isShrunk(before!, now!, share!));
  expect(judged).toEqual([false, true, true, false, false, true]);
});

describe('what shrinks, and what drifts', () => {
  afterEach(async () => {
    vi.useRealTimers();
    await w.remove();
  });
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-04T12:00:00Z') });
    resetTestSource();
    testSource.rowsPerDay = 10;
    w = await Workspace.make(yaml('warn'));
    await w.run();
  });

  it('is taken with a warning unless the pipeline says otherwise', async () => {
    expect(await reload(5)).toMatchObject({ codes: [], exit: 0 });
    expect(await reload(2)).toMatchObject({ slices: { committed: 2, failed: 0 }, codes: ['W_SHRUNK'], exit: 0 });
    expect(await held()).toEqual([2, 2]);
  });

  it('is refused under `fail`, asked for again by the next run only, and taken with --allow-shrink', async () => {
    await w.write(yaml('fail'));
    const asked = testSource.made.length;
    expect(await reload(0)).toMatchObject({
      slices: { committed: 0, failed: 2 },
      codes: ['E_SHRUNK'],
      messages: [
        expect.stringContaining('test_report:1:2026-10-31: no row came in place of 10'),
        expect.stringContaining('9007199254740993:2026-10-31: no row came in place of 10'),
      ],
      exit: 1,
    });
    expect(testSource.made).toHaveLength(asked + 2);
    expect(await held()).toEqual([10, 10]);
    // The next run tries the file once more, then asks again, once.
    expect(await reload(4, { reload: false })).toMatchObject({ codes: ['E_SHRUNK', 'W_ASKED_ANEW'], exit: 1 });
    expect(testSource.made).toHaveLength(asked + 4);
    // The source thinks better of it for nobody; the user knows that it is right.
    expect(await reload(4, { reload: false, allowShrink: true })).toMatchObject({
      slices: { committed: 2, failed: 0 },
      codes: ['W_SHRUNK'],
      exit: 0,
    });
    expect(testSource.made).toHaveLength(asked + 4);
    expect(await held()).toEqual([4, 4]);
  });

  it('may go down to a share of the user’s own', async () => {
    await w.write(yaml('30%'));
    expect(await reload(3)).toMatchObject({ slices: { committed: 2 }, codes: [], exit: 0 });
    await w.write(yaml('100%'));
    expect(await reload(2)).toMatchObject({ slices: { failed: 2 }, codes: ['E_SHRUNK'], exit: 1 });
    expect(await reload(9, { reload: false })).toMatchObject({ slices: { committed: 2, failed: 0 }, exit: 0 });
    expect(await held()).toEqual([9, 9]);
  });

  it('is told by `status` of columns, new and vanished, for both sinks', async () => {
    const drift = async () => {
      const status = await pipelineStatus({ ...EVERYTHING, config: await w.config() }, w.ctx());
      const lines = status.drift.map(
        (one) => `${one.sink} ${one.column} ${one.drift} ${one.since} ${one.last_seen} ${one.suggested_type}`,
      );
      const [warehouse, lake] = ['warehouse', 'lake'].map((sink) =>
        lines
          .filter((line) => line.startsWith(`${sink} `))
          .map((line) => line.slice(sink.length + 1))
          .sort(),
      );
      expect(lake).toEqual(warehouse);
      return warehouse;
    };
    const [first, second] = [1, 2].map((minute) => `2026-11-04T12:0${minute}:00.000Z`);
    await w.write(yaml('warn', '[warehouse, lake]'));
    expect(await drift()).toEqual([]);
    testSource.extra = () => ({ color: 7 });
    await reload(10);
    expect(await drift()).toEqual([`color new ${first} ${first} BIGINT`]);
    testSource.extra = () => ({ cost: undefined });
    await reload(10);
    const vanished = [`color vanished ${second} ${first} BIGINT`, `cost vanished ${second} ${first} null`];
    expect(await drift()).toEqual(vanished);
    expect(
      await w.sql(
        "SELECT column_name, documented, vanished_since IS NULL AS there FROM millpond.columns WHERE column_name IN ('color', 'cost', 'date') ORDER BY 1",
      ),
    ).toEqual([
      { column_name: 'color', documented: false, there: false },
      { column_name: 'cost', documented: true, there: false },
      { column_name: 'date', documented: true, there: true },
    ]);
    testSource.extra = () => ({});
    await reload(11);
    expect(await drift()).toEqual(vanished.slice(0, 1));
  });
});
