import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { REPORT, StageForge } from '../../src/contracts/conformance/sink-fixtures.js';
import { slice, trialCtx, trialRun } from '../../src/contracts/conformance/sink-trial.js';
import type { Sink, SliceWrite } from '../../src/contracts/index.js';
import { child, filesBelow, parquetSink, plainQuery, tableGlob, viewQuery } from '../sinks/parquet-lake.js';

const SCOPE = '9007199254740993';
const DAY = '2026-10-01';
const EARLY = '2026-10-10T00:00:00.000Z';
const LATE = '2026-10-11T00:00:00.000Z';
const ctx = trialCtx('2026-11-02T06:00:00.000Z');

let folder: string;
let root: string;
let stages: string;
let sink: Sink;
let forge: StageForge;

beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-parquet-'));
  root = path.join(folder, 'lake');
  stages = path.join(folder, 'stages');
  await fs.mkdir(stages);
  forge = await StageForge.open(stages);
  sink = parquetSink(root);
});

afterEach(async () => {
  forge.close();
  await sink.close();
  await fs.rm(folder, { recursive: true, force: true });
});

/** A version of a day, with one reject; `asOf` and `count` tell them apart. */
async function version(asOf: string, count: number, scope = SCOPE, day = DAY): Promise<SliceWrite> {
  const key = { dataset: 'trial_report', scope, slice: day };
  const rejects = [{ ...key, raw: `{"asOf":"${asOf}"}`, reasons: ['cost: not a number'] }];
  const good = await forge.bulk(key, asOf, count);
  const bad = await forge.stage({ table: REPORT, dataset: key.dataset, slices: [key], rows: [], rejects, asOf });
  return slice(key, [good, bad]);
}

/** Commits in this process. */
async function commit(write: SliceWrite) {
  const prepared = await sink.prepare([write], trialRun(), ctx);
  return sink.commit([prepared], trialRun(), ctx);
}

/** Commits in a child. */
async function committer(write: SliceWrite, options: Parameters<typeof child>[2] = {}) {
  const file = path.join(stages, `${randomUUID()}.json`);
  await fs.writeFile(file, JSON.stringify(write));
  return child('parquet-commit.mjs', [root, file], options);
}

/** Rows, ledger and rejects as three witnesses of one version. */
async function witnesses() {
  const rows = await plainQuery(`SELECT count(*) AS n FROM ${tableGlob(root, 'trial_report')}`);
  const [held] = await sink.ledger.slices({}, ctx);
  const rejects = await viewQuery(root, 'SELECT raw FROM millpond.rejects');
  return [Number(rows[0]?.n), held?.rows, held?.asOf, held?.rejects, ...rejects.map((row) => row.raw)];
}

const leftovers = async () => (await filesBelow(root)).filter((file) => path.basename(file).startsWith('.tmp-'));
const rejectFiles = async () => (await filesBelow(path.join(root, '_millpond/rejects'))).length;
const OLD = [10, 10, EARLY, 1, `{"asOf":"${EARLY}"}`];
const NEW = [20, 20, LATE, 1, `{"asOf":"${LATE}"}`];

describe('killed while it commits', () => {
  it.each([
    ['parquet.data.written', OLD],
    ['parquet.rejects.written', OLD],
    ['parquet.data.renamed', NEW],
  ] as const)('at %s, a lake holds one version whole, and the next run converges', async (point, expected) => {
    await commit(await version(EARLY, 10));
    const killed = await (await committer(await version(LATE, 20), { env: { MILLPOND_CRASH_AT: point } })).ended;
    expect(killed.signal, killed.output).toBe('SIGKILL');
    expect(await witnesses()).toEqual(expected);

    await sink.maintain(ctx);
    expect(await leftovers()).toEqual([]);
    expect(await rejectFiles()).toBe(1);
    expect(await witnesses()).toEqual(expected);

    expect(await commit(await version(LATE, 20))).toMatchObject([{ result: 'committed' }]);
    expect(await witnesses()).toEqual(NEW);
    const history = await viewQuery(
      root,
      'SELECT rows, replaced_sha256 IS NULL AS first FROM millpond.commits ORDER BY rows',
    );
    expect(history.filter((row) => row.first === 'true')).toEqual([{ rows: '10', first: 'true' }]);
  });

  it('at any moment, with hundreds of thousands of rows', async () => {
    await commit(await version(EARLY, 10));
    const large = await version(LATE, 300_000);
    for (const afterMs of [40, 150, 350]) {
      const running = await committer(large);
      await running.says('begins');
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      running.process.kill('SIGKILL');
      await running.ended;
      const [rows, held, asOf] = await witnesses();
      expect([rows, held]).toEqual(asOf === LATE ? [300_000, 300_000] : [10, 10]);
      await sink.maintain(ctx);
      expect(await leftovers()).toEqual([]);
    }
  });
});

describe('several at once', () => {
  it('two processes commit side by side, and of one slice the newest stays', async () => {
    const runs = async (write: SliceWrite) => (await committer(write)).ended;
    const ended = await Promise.all([
      runs(await version(EARLY, 10)),
      runs(await version(LATE, 20)),
      runs(await version(EARLY, 30, '12')),
      runs(await version(EARLY, 5, '12', '2026-10-02')),
    ]);
    expect(ended.map(({ code, output }) => `${code} ${output}`).filter((text) => !text.startsWith('0 '))).toEqual([]);
    const held = await sink.ledger.slices({}, ctx);
    expect(held.map((slice) => `${slice.scope} ${slice.slice} ${slice.rows} ${slice.asOf}`).sort()).toEqual([
      `12 2026-10-01 30 ${EARLY}`,
      `12 2026-10-02 5 ${EARLY}`,
      `${SCOPE} 2026-10-01 20 ${LATE}`,
    ]);
    expect(await plainQuery(`SELECT count(*) AS n FROM ${tableGlob(root, 'trial_report')}`)).toEqual([{ n: '55' }]);
  });

  it('removes leftovers of the dead, and never those of the living', async () => {
    await commit(await version(EARLY, 10));
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const beside = path.join(root, 'trial_report', `_profile_id=${SCOPE}`);
    const names = [`.tmp-${dead}-abc-2026-10-09`, `.tmp-${process.pid}-abc-2026-10-09`, '.tmp-1-abc-2026-10-09'];
    for (const name of names) await fs.writeFile(path.join(beside, name), 'half');
    await fs.mkdir(path.join(root, '_millpond', `.tmp-${dead}-abc-spill`));
    await sink.maintain(ctx);
    expect((await leftovers()).map((file) => path.basename(file)).sort()).toEqual(names.slice(1).sort());
    expect(await fs.readdir(path.join(root, '_millpond'))).not.toContain(`.tmp-${dead}-abc-spill`);
  });
});

describe('a disk that is full', () => {
  it('leaves the old slice as it was, and nothing else', async () => {
    await commit(await version(EARLY, 10));
    const before = await filesBelow(root);
    const full = await (await committer(await version(LATE, 60_000), { shellPrefix: 'ulimit -f 200' })).ended;
    expect(full.output).toContain('E_DISK_FULL');
    expect(full.code).toBe(1);
    expect(await witnesses()).toEqual(OLD);
    expect(await filesBelow(root)).toEqual(before);
  });
});
