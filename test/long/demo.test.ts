import fs from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { millpond, spawned, testFolder } from '../cli/millpond.js';

const cwd = await testFolder();

it('kills a load of both worlds, resumes it without asking twice, and arrives at the truth', {
  timeout: 240_000,
}, async () => {
  // Fewer days than a user sees: the way is the same.
  const { exit, stdout, stderr } = await spawned(['demo', '--days', '3', '--json'], { cwd });
  expect({ exit, stderr }).toMatchObject({ exit: 0 });
  const report = JSON.parse(stdout);
  expect(report.killed.alive).toBe(false);
  expect(report.killed.committed.ads).toBeGreaterThan(0);
  expect(report.killed.fetched).toBeGreaterThan(0);
  expect(report.resumed).toMatchObject({ status: 'succeeded', slices: { failed: 0 }, jobs: { requested: 0 } });
  expect(report.resumed.jobs.resumed).toBeGreaterThan(0);
  expect(report.truth.differences).toEqual([]);
  expect(report.truth.ads.slices).toBeGreaterThan(40);
  expect(report.truth.ads.rows).toBeGreaterThan(1000);

  // A day later only what is new is fetched.
  expect(report.day).toMatchObject({ committed: { ads: 0 }, summary: { status: 'succeeded', jobs: { requested: 0 } } });
  expect(report.day.added).toBeGreaterThan(3);
  expect(report.day.fetched).toBe(report.day.added);
  expect(report.truth.partners.revisions).toBeGreaterThan(50);
  expect(report.dry_run).toMatchObject({ outcome: 'would_make', seen_by: 'members', dry_run: true });

  expect(report.answers.length).toBeGreaterThan(3);
  for (const { question, rows } of report.answers) expect(rows.length, question).toBeGreaterThan(0);

  // What it leaves behind can be asked on.
  const demo = path.join(cwd, 'millpond-demo');
  const counts = `SELECT count(*) AS profiles, (SELECT count(*) FROM resource_snapshots) AS revisions FROM profiles`;
  const { stdout: answer } = await millpond(['sql', counts, '--json'], { cwd: demo });
  const [row] = JSON.parse(answer);
  expect(row.profiles).toBeGreaterThan(2);
  expect(row.revisions).toBe(report.truth.partners.revisions);
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
