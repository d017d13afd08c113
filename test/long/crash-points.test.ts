import fs from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CRASH_POINTS, type CrashPoint } from '../../src/base/crash-points.js';
import { addDays, dayIn } from '../../src/base/days.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import { millpond } from '../support/cli.js';
import { sandboxEnv, sandboxYaml } from '../support/sandbox-config.js';
import { differencesFromTruth } from '../support/truth.js';
import { Workspace } from '../support/workspace.js';

const DATASETS = ['sp_campaigns_snapshot', 'sd_campaigns_report_v2'];

/** Bodies that a run lets come in at once. */
const LANDING_AT_ONCE = 8;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ profiles: 2, days: 10, rows: 25, jobSeconds: 0.05 });
});
afterAll(() => sandbox.close());

/** The second passing of a point that is passed often is the more interesting one: something is there already. */
const TWICE = new Set<CrashPoint>([
  'journal.asked.written',
  'land.artifact.renamed',
  'stage.done',
  'parquet.data.renamed',
]);

/** What a run passes before its first commit, and what it passes from there on. */
const isLate = (point: CrashPoint) => !/^(?:journal\.(?:intent|asked)|request|land|stage)\./.test(point);
/** What is passed where a run makes something at the source, or prunes what is old, has tests of its own. */
const READING = CRASH_POINTS.filter((point) => !/^(?:making|retention)\./.test(point));
const EARLY = READING.filter((point) => !isLate(point));
const LATE = READING.filter(isLate);
/** Every late point by itself or after an early one: the second kill strikes a run that resumes. */
const KILLS = LATE.map((late, i) => (EARLY[i] === undefined ? [late] : [EARLY[i], late]));

it('there is a kill for every point', () => {
  expect(KILLS.flat().sort()).toEqual([...READING].sort());
});

describe.each(KILLS.map((points) => ({ name: points.join(', then at '), points })))('killed at $name', ({ points }) => {
  it('a run resumes, and ends as if nothing had happened', async () => {
    sandbox.reset();
    const w = await Workspace.make(sandboxYaml(sandbox, { datasets: DATASETS }));
    try {
      const env = sandboxEnv(sandbox);
      for (const point of points) {
        const crash = `${point}:${TWICE.has(point) ? 2 : 1}`;
        const killed = await millpond(w.folder, ['run', '--json'], { ...env, MILLPOND_CRASH_AT: crash });
        expect(killed.signal, `${point} was never passed; the run ended by itself:\n${killed.stderr}`).toBe('SIGKILL');
      }
      // Jobs whose answer was on its way when a kill came: the one exception to "asked for once".
      const lost = sandbox.stats().jobsCreated - (await knownJobs(w)).size;

      for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
      const { summary, exit } = await w.run();
      expect(exit, JSON.stringify(summary)).toBe(0);
      expect(summary).toMatchObject({ slices: { failed: 0, waiting: 0 } });

      await expectWhole(w);
      const { jobsCreated, duplicateJobs, downloads } = sandbox.stats();
      expect(duplicateJobs).toBe(lost);
      // What had landed is not fetched again: at most those that were being written when a kill came.
      expect(downloads).toBeLessThanOrEqual(jobsCreated - lost + points.length * LANDING_AT_ONCE);
    } finally {
      await w.remove();
    }
  });
});

/** Jobs that the landing folder knows: in flight, or landed. */
async function knownJobs(w: Workspace): Promise<Set<string>> {
  const landing = path.join(w.folder, 'landing');
  const known = new Set<string>();
  for (const name of await fs.readdir(landing, { recursive: true })) {
    const read = () => fs.readFile(path.join(landing, name), 'utf8');
    if (path.basename(name).startsWith('.tmp-')) continue;
    if (name.endsWith('.meta.json')) known.add((JSON.parse(await read()) as { job?: { id: string } }).job?.id ?? '');
    if (!/^journal\/[0-9a-f]+\.jsonl$/.test(name)) continue;
    for (const line of (await read()).split('\n').filter((one) => one !== '')) {
      const { entry } = JSON.parse(line) as { entry: { state: { jobs: { id: string }[] } } };
      for (const { id } of entry.state.jobs) known.add(id);
    }
  }
  known.delete('');
  return known;
}

/** Tables, ledgers, lake and journal say the same as the source. */
async function expectWhole(w: Workspace): Promise<void> {
  const today = dayIn('America/Los_Angeles', new Date());
  const profiles = sandbox.profiles.map(({ profileId }) => profileId);
  const filter = { datasets: DATASETS, profiles, from: addDays(today, -2), to: addDays(today, -2) };
  expect(await differencesFromTruth(sandbox, (sql) => w.sql(sql), filter)).toEqual([]);
  for (const dataset of DATASETS) {
    const count = 'SELECT count(*)::VARCHAR AS n, count(DISTINCT _slice)::VARCHAR AS slices FROM';
    const inWarehouse = await w.sql(`${count} amazon_ads.${dataset}`);
    const inLake = await w.lakeSql(`${count} read_parquet('LAKE/${dataset}/**/*.parquet', union_by_name = true)`);
    expect(inLake).toEqual(inWarehouse);
  }
  const doubled = 'SELECT dataset, scope, slice FROM millpond.slices GROUP BY ALL HAVING count(*) > 1';
  expect(await w.sql(doubled)).toEqual([]);
  expect(await w.sql("SELECT run_id FROM millpond.runs WHERE status = 'running'")).toEqual([]);
  expect(await fs.readdir(path.join(w.folder, 'landing', 'journal'))).toEqual(['damaged']);
  const left = (await fs.readdir(w.folder, { recursive: true })).filter((name) =>
    path.basename(name).startsWith('.tmp-'),
  );
  expect(left).toEqual([]);
}
