import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { millpond, spawned, testFolder } from './millpond.js';

const cwd = await testFolder();

it('kills a run, resumes it without asking twice, and arrives at the truth', { timeout: 240_000 }, async () => {
  const { exit, stdout, stderr } = await spawned(['demo', '--json'], { cwd });
  expect({ exit, stderr }).toMatchObject({ exit: 0 });
  const report = JSON.parse(stdout);
  expect(report.killed).toMatchObject({ alive: false, committed: expect.any(Number) });
  expect(report.resumed).toMatchObject({ status: 'succeeded', slices: { failed: 0 } });
  expect(report.resumed.jobs.resumed).toBeGreaterThan(0);
  expect(report.third).toMatchObject({ status: 'nothing_to_do', jobs: { requested: 0 } });
  expect(report.truth).toMatchObject({ differences: [] });
  expect(report.truth.slices).toBeGreaterThan(200);
  expect(report.truth.rows).toBeGreaterThan(1000);

  // What it leaves behind can be asked on.
  const demo = path.join(cwd, 'millpond-demo');
  const rows = await millpond(['sql', 'SELECT count(*) AS n FROM profiles', '--json'], { cwd: demo });
  expect(JSON.parse(rows.stdout)[0].n).toBeGreaterThan(2);
});

it('leaves a folder alone that it did not make', async () => {
  await fs.mkdir(path.join(cwd, 'mine'));
  await fs.writeFile(path.join(cwd, 'mine', 'notes.txt'), 'keep');
  expect(await millpond(['demo', '--folder', 'mine'], { cwd })).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('not an earlier demo'),
  });
  expect(await fs.readFile(path.join(cwd, 'mine', 'notes.txt'), 'utf8')).toBe('keep');
});
