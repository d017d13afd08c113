import fs from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../src/pipelines/events.js';
import { millpond, spawned, testFolder, yamlFor } from './millpond.js';

const cwd = await testFolder();
const config = (datasets: string, landing = './landing') => {
  const yaml = yamlFor('./warehouse.duckdb').replace('[profiles]', datasets).replace('./landing', landing);
  return fs.writeFile(path.join(cwd, 'millpond.yaml'), yaml);
};
const rows = (day: string) =>
  `[{"campaignId":1,"cost":1.5},{"campaignId":"one","cost":2},{"campaignId":3,"cost":"${day}"},{"campaignId":4,"cost":4,"newMetric":"7"}]`;
const lastLine = (stdout: string) => JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as RunSummary;
const IMPORT = ['import', '-d', 'sp_campaigns_report_v2', '-s', '111', '--as-of', '2024-10-20T00:00:00Z'];

/** One file after the other: each step goes on from the one before it. No secret, no network. */
describe('stored files', () => {
  it('are imported, a slice each, and summed up as of a run', async () => {
    await config('["sp_*"]');
    for (const day of ['2024-10-01', '2024-10-02']) await fs.writeFile(path.join(cwd, `c_${day}.json`), rows(day));
    const { exit, stdout } = await millpond(
      [...IMPORT, '--slice', '{date}', '--json', 'c_2024-10-01.json', 'c_2024-10-02.json'],
      { cwd },
    );
    expect(exit).toBe(0);
    expect(lastLine(stdout)).toMatchObject({ status: 'succeeded', slices: { committed: 2 }, rows: 4, rejects: 4 });
  });

  it('that cannot be right are refused before anything is done', async () => {
    const wrong = await millpond([...IMPORT, '--slice', '2024-13-01', 'c_2024-10-01.json'], { cwd });
    expect(wrong).toMatchObject({
      exit: 2,
      stdout: '',
      stderr: expect.stringContaining('is a day such as 2026-10-01'),
    });
    const unnamed = await millpond(['import', 'c_2024-10-01.json', '--json'], { cwd });
    expect(unnamed.exit).toBe(2);
    expect(lastLine(unnamed.stdout)).toMatchObject({ status: 'failed', errors: [{ code: 'E_USAGE' }] });
  });

  it('have rejects by reason, dataset and slice, with as many samples as are wanted', async () => {
    const groups = async (...args: string[]) =>
      JSON.parse((await millpond(['rejects', '--json', ...args], { cwd })).stdout) as {
        slice: string;
        reason: string;
        samples: unknown[];
      }[];
    const all = await groups();
    expect(all).toHaveLength(4);
    expect(all[0]).toMatchObject({
      dataset: 'sp_campaigns_report_v2',
      scope: '111',
      rejects: 1,
      samples: [{ row_number: expect.any(Number), raw: expect.stringContaining('campaignId') }],
    });
    expect((await groups('--reason', 'cost:*')).map(({ slice }) => slice)).toEqual(['2024-10-01', '2024-10-02']);
    expect(await groups('--reason', 'cost:*', '--from', '2024-10-02')).toHaveLength(1);
    expect((await groups('--slice', '*:111:2024-10-01', '--samples', '0')).map(({ samples }) => samples)).toEqual([
      [],
      [],
    ]);
  });

  it('are replayed from the copies', async () => {
    const plan = JSON.parse((await millpond(['replay', '--dry-run', '--json'], { cwd })).stdout);
    expect(plan).toMatchObject({
      slices: [
        { key: 'sp_campaigns_report_v2:111:2024-10-02', action: 'replay' },
        { key: 'sp_campaigns_report_v2:111:2024-10-01', action: 'replay' },
      ],
      files: 2,
    });
    const text = await millpond(['replay', '--dry-run', '--slice', '*:2024-10-01'], { cwd });
    expect(text.stdout).toMatch(/^sp_campaigns_report_v2 +111 +replay +1 +2024-10-01 +2024-10-01$/m);
    await config('["sp_*", { name: sp_campaigns_report_v2, types: { newMetric: bigint } }]');
    const { exit, stdout } = await millpond(['replay', '--from', '2024-10-02', '--json'], { cwd });
    expect(exit).toBe(0);
    expect(lastLine(stdout)).toMatchObject({ slices: { committed: 1 }, rows: 2, jobs: { requested: 0 } });
    const sql =
      'SELECT max(new_metric)::VARCHAR AS m, typeof(any_value(new_metric)) AS type FROM sp_campaigns_report_v2';
    expect(JSON.parse((await millpond(['sql', sql, '--json'], { cwd })).stdout)).toEqual([{ m: '7', type: 'BIGINT' }]);
    await fs.rm(path.join(cwd, 'landing'), { recursive: true });
    const gone = await millpond(['replay'], { cwd });
    expect(gone).toMatchObject({ exit: 0, stderr: expect.stringContaining('warning[W_NO_ARTIFACT]: 2 slices') });
  });

  it('show in status how much they take', async () => {
    await millpond([...IMPORT, '--slice', '2024-10-03', 'c_2024-10-02.json'], { cwd });
    expect((await millpond(['status'], { cwd })).stdout).toMatch(
      /^Landing folder .*landing: 1 file, \d\.\d KB, the oldest of 2/m,
    );
    expect(JSON.parse((await millpond(['status', '--json'], { cwd })).stdout).landing).toMatchObject({ files: 1 });
  });

  it('are replayed whole or not at all, and pruned whole in the end, whenever the process is killed', async () => {
    const sql = 'SELECT slice, rows, rejects, as_of FROM slices ORDER BY slice';
    const held = async () => JSON.parse((await millpond(['sql', sql, '--json'], { cwd })).stdout) as unknown[];
    const before = await held();
    const killedAt = async (point: string) => {
      const { exit } = await spawned(['replay'], { cwd, env: { MILLPOND_CRASH_AT: point } });
      expect(exit, point).toBeNull();
    };
    await killedAt('duckdb.commit.before');
    expect(await held()).toEqual(before);
    await config('["sp_*"]', '{ path: ./landing, keep: 1ms }');
    await killedAt('retention.file.removed');
    expect(await held()).toEqual(before);
    const kept = async () =>
      (await fs.readdir(path.join(cwd, 'landing/artifacts'), { recursive: true })).filter((name) => name.includes('.'));
    expect(await kept()).toEqual([expect.stringMatching(/\.meta\.json$/)]);
    const { exit, stdout } = await millpond(['replay', '--json'], { cwd });
    expect(exit).toBe(0);
    expect(lastLine(stdout).slices).toMatchObject({ committed: 0, skipped: 3, failed: 0 });
    expect(await kept()).toEqual([]);
    expect(await held()).toEqual(before);
  });
});
