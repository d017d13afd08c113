import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CRASH_POINTS } from '../../src/base/crash-points.js';
import { REPORT, StageForge } from '../../src/contracts/conformance/sink-fixtures.js';
import { SCOPE, slice, trialCtx, trialRun } from '../../src/contracts/conformance/sink-trial.js';
import type { SliceKey, SliceWrite } from '../../src/contracts/index.js';
import { createDuckdbSink } from '../../src/sinks/duckdb/index.js';
import { query, startChild } from '../sinks/duckdb-harness.js';

const DAY: SliceKey = { dataset: 'trial_report', scope: SCOPE, slice: '2026-10-01' };
const BESIDE: SliceKey = { ...DAY, slice: '2026-10-02' };
const ctx = trialCtx('2026-11-01T06:00:00.000Z');

/** A warehouse that holds a slice, and the write that is to replace it. */
interface Scene {
  /** The warehouse as it was before; each child gets a copy of it. */
  readonly base: string;
  readonly plan: string;
  /** What {@link state} says of it before and after. */
  readonly before: string;
  readonly after: string;
}

let folder: string;
let file: string;
/** A few rows: enough for places that are hit for sure. */
let small: Scene;
/** One transaction of 360,000 rows, more than a row group deleted and more than one inserted. */
let large: Scene;

/** Rows, rejects and ledger of the slice, in one line. */
async function state(): Promise<string> {
  const [row] = await query(
    file,
    `SELECT (SELECT count(*) || '/' || sum(campaign_id) FROM trial_ads.trial_report WHERE _slice = '2026-10-01') AS data,
       (SELECT string_agg(raw, ',') FROM millpond.rejects) AS rejects,
       (SELECT "rows" || '/' || run_id FROM millpond.slices WHERE slice = '2026-10-01') AS ledger,
       (SELECT string_agg(run_id, ',') FROM millpond.artifacts WHERE slice = '2026-10-01') AS artifacts,
       (SELECT string_agg(run_id, ',' ORDER BY run_id DESC) FROM millpond.runs) AS runs,
       (SELECT count(*) FROM millpond.commits) AS commits,
       (SELECT count(*) FROM trial_ads.trial_report WHERE _slice = '2026-10-02') AS beside`,
  );
  return JSON.stringify(row);
}

const sumTo = (first: number, count: number) => String(first * count + (count * (count - 1)) / 2);
const line = (data: string, rejects: string, rows: number, run: string, runs: string, commits: string) =>
  JSON.stringify({
    data,
    rejects,
    ledger: `${rows}/${run}`,
    artifacts: `${run},${run}`,
    runs,
    commits,
    beside: '1000',
  });

/** A slice of two artifacts: many rows, and one reject. */
async function write(
  forge: StageForge,
  asOf: string,
  count: number,
  firstId: number,
  raw: string,
): Promise<SliceWrite> {
  const rejects = [{ ...DAY, raw, reasons: ['no'] }];
  const odd = await forge.stage({ table: REPORT, dataset: DAY.dataset, slices: [DAY], rows: [], rejects, asOf });
  return slice(DAY, [await forge.bulk(DAY, asOf, count, firstId), odd]);
}

/** A scene of so many rows, replaced by so many new ones. */
async function makeScene(forge: StageForge, name: string, rows: number, newRows: number): Promise<Scene> {
  const base = path.join(folder, `${name}.duckdb`);
  const plan = path.join(folder, `${name}.json`);
  const sink = createDuckdbSink({ name: 'w', path: base, lockWaitMs: 5000, memoryBytes: 256e6, threads: 2 });
  const old = await write(forge, '2026-10-10T00:00:00.000Z', rows, 1, 'old');
  const beside = slice(BESIDE, [await forge.bulk(BESIDE, '2026-10-10T00:00:00.000Z', 1000)]);
  await sink.commit([await sink.prepare([old, beside], trialRun('first'), ctx)], trialRun('first'), ctx);
  await fs.writeFile(plan, JSON.stringify([await write(forge, '2026-10-11T00:00:00.000Z', newRows, 1e9, 'new')]));
  return {
    base,
    plan,
    before: line(`${rows}/${sumTo(1, rows)}`, 'old', rows, 'first', 'first', '2'),
    after: line(`${newRows}/${sumTo(1e9, newRows)}`, 'new', newRows, 'child', 'first,child', '3'),
  };
}

beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-crash-'));
  file = path.join(folder, 'warehouse.duckdb');
  const forge = await StageForge.open(folder);
  small = await makeScene(forge, 'small', 2000, 1600);
  large = await makeScene(forge, 'large', 200_000, 160_000);
  forge.close();
});

afterAll(() => fs.rm(folder, { recursive: true, force: true }));

/** Puts a fresh copy of a scene's warehouse in place. */
async function setUp(scene: Scene): Promise<void> {
  await fs.rm(`${file}.wal`, { force: true });
  await fs.copyFile(scene.base, file);
}

/** A child that is ready to commit into the warehouse as it stands. */
async function readyChild(scene: Scene, env: Record<string, string> = {}, fileKilobytes?: number) {
  const child = startChild('commit-child.mjs', [file, scene.plan], env, fileKilobytes);
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  return { child, exit };
}

/** Commits in a child to the end. @returns what it said, and how long it took in milliseconds. */
async function commitWhole(scene: Scene, fileKilobytes?: number) {
  const { child, exit } = await readyChild(scene, {}, fileKilobytes);
  const started = performance.now();
  child.stdin.write('go\n');
  const said = String(await once(child.stdout, 'data')).trim();
  const took = performance.now() - started;
  await exit;
  return { said, took };
}

describe('a commit killed', () => {
  for (const point of CRASH_POINTS.filter((name) => name.startsWith('duckdb.'))) {
    it(`at ${point} is there whole or not at all`, async () => {
      await setUp(small);
      const { child, exit } = await readyChild(small, { MILLPOND_CRASH_AT: point });
      child.stdin.write('go\n');
      expect((await exit)[1], 'the point is hit').toBe('SIGKILL');
      expect(await state()).toBe(point === 'duckdb.commit.after' ? small.after : small.before);
    });
  }

  it('at any moment is there whole or not at all, and can be done again', async () => {
    await setUp(large);
    const { said, took } = await commitWhole(large);
    expect(said).toBe('done');
    expect(await state()).toBe(large.after);

    for (const share of [1, 0.95, 0.88, 0.78, 0.55]) {
      await setUp(large);
      const { child, exit } = await readyChild(large);
      child.stdin.write('go\n');
      await sleep(took * share);
      child.kill('SIGKILL');
      await exit;
      expect(
        [large.before, large.after],
        `killed after ${Math.round(share * 100)} % of ${Math.round(took)} ms`,
      ).toContain(await state());
    }
    expect((await commitWhole(large)).said, 'over what the last kill left').toBe('done');
    expect(await state(), 'a later commit goes through').toBe(large.after);
  });
});

describe('a full disk', () => {
  it('leaves the warehouse as it was, and usable', async () => {
    await setUp(large);
    const kilobytes = Math.ceil((await fs.stat(file)).size / 1024) + 512;
    expect((await commitWhole(large, kilobytes)).said).toBe('E_DISK_FULL');
    expect(await state()).toBe(large.before);
    expect((await commitWhole(large)).said).toBe('done');
    expect(await state()).toBe(large.after);
  });
});
