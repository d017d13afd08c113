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
import { query, startChild } from './duckdb-harness.js';

const DAY: SliceKey = { dataset: 'trial_report', scope: SCOPE, slice: '2026-10-01' };
const BESIDE: SliceKey = { ...DAY, slice: '2026-10-02' };
const ROWS = 200_000;
const NEW_ROWS = 160_000;
const ctx = trialCtx('2026-11-01T06:00:00.000Z');

let folder: string;
let base: string;
let file: string;
let plan: string;

function sinkAt(at: string) {
  return createDuckdbSink({ name: 'w', path: at, lockWaitMs: 5000, memoryBytes: 256e6, threads: 2 });
}

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
const BEFORE = line(`${ROWS}/${sumTo(1, ROWS)}`, 'old', ROWS, 'first', 'first', '2');
const AFTER = line(`${NEW_ROWS}/${sumTo(1e9, NEW_ROWS)}`, 'new', NEW_ROWS, 'child', 'first,child', '3');

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

beforeAll(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-crash-'));
  base = path.join(folder, 'base.duckdb');
  file = path.join(folder, 'warehouse.duckdb');
  plan = path.join(folder, 'writes.json');
  const forge = await StageForge.open(folder);
  const sink = sinkAt(base);
  const old = await write(forge, '2026-10-10T00:00:00.000Z', ROWS, 1, 'old');
  const beside = slice(BESIDE, [await forge.bulk(BESIDE, '2026-10-10T00:00:00.000Z', 1000)]);
  await sink.commit([await sink.prepare([old, beside], trialRun('first'), ctx)], trialRun('first'), ctx);
  await fs.writeFile(plan, JSON.stringify([await write(forge, '2026-10-11T00:00:00.000Z', NEW_ROWS, 1e9, 'new')]));
  forge.close();
});

afterAll(() => fs.rm(folder, { recursive: true, force: true }));

/** A child that is ready to commit into a fresh copy of the warehouse. */
async function readyChild(env: Record<string, string> = {}) {
  await fs.rm(`${file}.wal`, { force: true });
  await fs.copyFile(base, file);
  const child = startChild('commit-child.ts', [file, plan], env);
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  return { child, exit };
}

describe('a commit killed', () => {
  for (const point of CRASH_POINTS.filter((name) => name.startsWith('duckdb.'))) {
    it(`at ${point} is there whole or not at all`, async () => {
      const { child, exit } = await readyChild({ MILLPOND_CRASH_AT: point });
      child.stdin.write('go\n');
      expect((await exit)[1], 'the point is hit').toBe('SIGKILL');
      expect(await state()).toBe(point === 'duckdb.commit.after' ? AFTER : BEFORE);
    });
  }

  it('at any moment is there whole or not at all, and can be done again', async () => {
    const undisturbed = await readyChild();
    const started = performance.now();
    undisturbed.child.stdin.write('go\n');
    const said = once(undisturbed.child.stdout, 'data');
    expect(String(await said)).toBe('done\n');
    const took = performance.now() - started;
    await undisturbed.exit;
    expect(await state()).toBe(AFTER);

    const moments = [0.3, 0.55, 0.7, 0.78, 0.84, 0.88, 0.92, 0.96, 1];
    for (const share of moments) {
      const { child, exit } = await readyChild();
      child.stdin.write('go\n');
      await sleep(took * share);
      child.kill('SIGKILL');
      await exit;
      expect([BEFORE, AFTER], `killed after ${Math.round(share * 100)} % of ${Math.round(took)} ms`).toContain(
        await state(),
      );
    }
    const again = await readyChild();
    again.child.stdin.write('go\n');
    await again.exit;
    expect(await state(), 'a later commit goes through').toBe(AFTER);
  });
});

describe('a full disk', () => {
  it('leaves the warehouse as it was, and usable', async () => {
    await fs.rm(`${file}.wal`, { force: true });
    await fs.copyFile(base, file);
    const kilobytes = Math.ceil((await fs.stat(file)).size / 1024) + 512;
    const child = startChild('commit-child.ts', [file, plan], {}, kilobytes);
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    const said = once(child.stdout, 'data');
    child.stdin.write('go\n');
    expect(String(await said)).toBe('E_DISK_FULL\n');
    await exit;
    expect(await state()).toBe(BEFORE);
    const again = startChild('commit-child.ts', [file, plan]);
    const ended = once(again, 'exit');
    await once(again.stdout, 'data');
    again.stdin.write('go\n');
    await ended;
    expect(await state()).toBe(AFTER);
  });
});
