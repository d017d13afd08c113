import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../src/sandbox/index.js';
import { Trial, type TrialOptions } from './trial.js';

let trials: Trial[] = [];
afterEach(async () => {
  await Promise.all(trials.map((trial) => trial.end()));
  trials = [];
});

const DATASETS = ['sp_campaigns_snapshot', 'sp_campaigns_report_v2', 'sd_campaigns_report_v2'];

async function trial(options: Partial<TrialOptions> = {}, profiles = 3): Promise<Trial> {
  const made = await Trial.make({ profiles }, { datasets: DATASETS, ...options });
  trials.push(made);
  return made;
}

/** Once each, so that no file and no call has to bear more of them than it is tried. */
const once = (faults: readonly Fault[]): Fault[] => faults.map((fault) => ({ count: 1, ...fault }));

describe('faults that pass', () => {
  it('of login and API cost a retry, and nothing else', async () => {
    const t = await trial({}, 2);
    const faults = once([
      { kind: '503', route: 'token' },
      { kind: 'html', status: 200, route: 'token' },
      { kind: '429', retryAfter: 1, route: 'profiles' },
      { kind: 'reset', route: 'profiles' },
      { kind: '401', route: 'create' },
      { kind: '429', route: 'create' },
      { kind: '429', html: true, route: 'create' },
      { kind: '500', route: 'create' },
      { kind: '503', route: 'create' },
      { kind: 'html', route: 'create' },
      { kind: '401', route: 'status' },
      { kind: 'reset', route: 'status' },
      { kind: 'reset', afterBytes: 10, route: 'status' },
      { kind: 'html', status: 200, route: 'status' },
      { kind: 'slow', bytesPerSecond: 400, route: 'status' },
      { kind: '429', retryAfter: 1, route: 'download' },
      { kind: '503', route: 'download' },
      { kind: '401', route: 'download' },
    ]);
    t.sandbox.faults.add(...faults);
    const { status, summary } = await t.run();
    expect(summary).toMatchObject({ status: 'succeeded', errors: [], slices: { failed: 0, waiting: 0 } });
    expect(status).toBe(0);
    expect(await t.differences()).toEqual([]);
    expect(t.sandbox.stats()).toMatchObject({ faults: faults.length, duplicateJobs: 0, credentialLeaks: 0 });
  });

  it('of files and links cost a download, and nothing else', async () => {
    const t = await trial({ datasets: ['sp_campaigns_snapshot', 'sp_campaigns_report_v2'] }, 5);
    // At most three of them meet one profile, and so one file: the fourth download is good.
    const faults = once([
      { kind: 'truncated_gzip' },
      { kind: 'bad_crc' },
      { kind: 'cut_after_comma' },
      { kind: 'reset', route: 's3' },
      { kind: 'reset', route: 's3', afterBytes: 100 },
      { kind: 'slow', bytesPerSecond: 2000 },
      { kind: '500', route: 's3' },
      { kind: '503', route: 's3' },
      { kind: 'html', route: 's3' },
      { kind: 'html', status: 200, route: 's3' },
      { kind: 'expired_link' },
      { kind: 'expired_link', route: 's3' },
      { kind: 'html', status: 200, route: 'download' },
    ]).map((fault, i) => ({ ...fault, profile: t.sandbox.profiles[i % 5]!.profileId }));
    t.sandbox.faults.add(...faults);
    const { status, summary } = await t.run();
    expect(summary).toMatchObject({ status: 'succeeded', errors: [], rejects: 0, slices: { failed: 0 } });
    expect(status).toBe(0);
    expect(await t.differences()).toEqual([]);
    expect(t.sandbox.stats()).toMatchObject({ faults: faults.length, duplicateJobs: 0, credentialLeaks: 0 });
    expect(await t.leftovers()).toEqual([]);
  });
});

describe('a job', () => {
  it('whose answer was lost is made once more, never a third time', async () => {
    const t = await trial({ datasets: ['sp_campaigns_report_v2', 'sp_campaigns_snapshot'] }, 1);
    t.sandbox.faults.add(
      { kind: 'lost_answer', route: /campaigns\/report$/, count: 1 },
      { kind: 'lost_answer', route: /campaigns\/snapshot$/ },
    );
    const first = await t.run();
    expect(first.status).toBe(75);
    expect(first.summary).toMatchObject({
      status: 'partial',
      slices: { failed: 1 },
      errors: [{ code: 'E_TRANSFER', dataset: 'sp_campaigns_snapshot' }],
    });
    const jobs = t.sandbox.jobs.map(({ dataset }) => dataset);
    expect(jobs.filter((dataset) => dataset === 'sp_campaigns_report_v2')).toHaveLength(2 + 1);
    expect(jobs.filter((dataset) => dataset === 'sp_campaigns_snapshot')).toHaveLength(2);
    t.sandbox.faults.clear();
    expect((await t.run()).status).toBe(0);
    expect(await t.differences()).toEqual([]);
  });

  it('that never ends is left at the deadline, resumed by the next run, and asked for anew when given up', async () => {
    const patience = (give: string) => (text: string) => text.replace(/deadline: 60s, give_up: 1h/, give);
    const t = await trial({ datasets: ['sp_campaigns_report_v2'] }, 1);
    await t.configure(patience('deadline: 1s, give_up: 1h'));
    t.sandbox.faults.add({ kind: 'never_ends', count: 1 });
    const first = await t.run();
    expect(first.status).toBe(75);
    expect(first.summary).toMatchObject({ status: 'waiting', slices: { waiting: 1 }, jobs: { requested: 2 } });
    expect(
      await t.sql(
        'SELECT reason, message FROM millpond.gaps JOIN millpond.outcomes USING (dataset, scope, slice, reason)',
      ),
    ).toEqual([{ reason: 'waiting', message: expect.stringMatching(/not ready/) }]);
    const second = await t.run();
    expect(second.status).toBe(75);
    expect(second.summary).toMatchObject({ slices: { waiting: 1 }, jobs: { requested: 0, resumed: 1 } });

    await t.configure(patience('deadline: 60s, give_up: 1s'));
    const third = await t.run();
    expect(third.status).toBe(0);
    expect(third.summary).toMatchObject({ jobs: { requested: 1, resumed: 0 } });
    expect(third.summary.warnings).toEqual([expect.objectContaining({ code: 'W_JOB_GIVEN_UP' })]);
    expect(await t.differences()).toEqual([]);
    expect(await t.sql('FROM millpond.gaps')).toEqual([]);
  });
});

describe('what one profile or dataset suffers', () => {
  it('leaves the others running, is told with its reason, and is made good by the next run', async () => {
    const t = await trial({ datasets: ['sp_campaigns_snapshot', 'sp_campaigns_report_v2'] }, 5);
    const [good, denied, forbidden, failing, astray] = t.sandbox.profiles.map(({ profileId }) => profileId) as [
      string,
      string,
      string,
      string,
      string,
    ];
    t.sandbox.faults.add(
      { kind: 'refused_profile', profile: denied },
      { kind: 'refused_profile', status: 403, profile: forbidden },
      {
        kind: 'failure',
        details: 'The advertiser has too many campaigns',
        profile: failing,
        route: /sp\/campaigns\/report$/,
      },
      { kind: 'redirect_elsewhere', location: 'https://files.elsewhere.example/x?Signature=abc', profile: astray },
    );
    const first = await t.run();
    expect(first.status).toBe(1);
    expect(first.summary.status).toBe('partial');
    const told = first.summary.errors.map(({ code, scope, message }) => ({ code, scope, message }));
    expect(told).toContainEqual(expect.objectContaining({ code: 'E_ACCESS_DENIED', scope: denied }));
    expect(told).toContainEqual(expect.objectContaining({ code: 'E_ACCESS_DENIED', scope: forbidden }));
    expect(told).toContainEqual({
      code: 'E_JOB_FAILED',
      scope: failing,
      message: expect.stringMatching(/too many campaigns/),
    });
    expect(told).toContainEqual({
      code: 'E_UNTRUSTED_LINK',
      scope: astray,
      message: expect.stringMatching(/files\.elsewhere\.example/),
    });
    expect(await t.differences({ profiles: [good] })).toEqual([]);
    const gaps = await t.sql(
      "SELECT DISTINCT scope, reason FROM millpond.gaps WHERE reason <> 'not_offered' ORDER BY ALL",
    );
    expect(gaps).toHaveLength(4);
    expect(gaps).toEqual(
      expect.arrayContaining([
        { scope: denied, reason: 'refused' },
        { scope: forbidden, reason: 'refused' },
        { scope: failing, reason: 'failed' },
        { scope: astray, reason: 'failed' },
      ]),
    );
    const made = t.sandbox.jobs.filter(({ profileId }) => profileId === astray).length;

    t.sandbox.faults.clear();
    const second = await t.run();
    expect(second.status).toBe(0);
    expect(await t.differences()).toEqual([]);
    expect(await t.sql("FROM millpond.gaps WHERE reason <> 'not_offered'")).toEqual([]);
    // What had gone astray was there all the time.
    expect(t.sandbox.jobs.filter(({ profileId }) => profileId === astray)).toHaveLength(made);
    expect(t.sandbox.stats().credentialLeaks).toBe(0);
  });
});

describe('bad records', () => {
  const REPORT = 'sp_keywords_report_v2';

  it('become rejects with reasons, one by one; unknown columns are kept', async () => {
    const t = await trial({ datasets: [REPORT] });
    const [malformed, bad, unknown] = t.sandbox.profiles.map(({ profileId }) => profileId) as [string, string, string];
    t.sandbox.faults.add(
      { kind: 'malformed_record', profile: malformed },
      { kind: 'bad_cells', share: 0.2, profile: bad },
      { kind: 'unknown_column', profile: unknown },
    );
    const { status, summary } = await t.run();
    expect(status).toBe(0);
    const jobs = t.sandbox.jobs;
    expect(summary.rejects).toBe(jobs.reduce((sum, { badRows }) => sum + badRows, 0));
    for (const job of jobs) {
      const where = `dataset = '${REPORT}' AND scope = '${job.profileId}' AND slice = '${job.slice}'`;
      expect(await t.sql(`SELECT rows + rejects AS seen, rejects FROM millpond.slices WHERE ${where}`)).toEqual([
        { seen: String(job.rows), rejects: String(job.badRows) },
      ]);
      const rejects = await t.sql(`SELECT row_number, raw, reasons FROM millpond.rejects WHERE ${where} ORDER BY 1`);
      expect(rejects.map(({ row_number }) => Number(row_number))).toEqual(job.badRowNumbers);
      for (const reject of rejects) {
        expect(String(reject.raw)).toMatch(/^\{/);
        expect(reject.reasons).toHaveLength(1);
      }
    }
    expect(jobs.filter((job) => job.profileId === malformed).map(({ badRows }) => badRows)).toEqual([1, 1]);
    expect(
      await t.sql(`SELECT DISTINCT brand_new_metric_14d, future_feature::JSON->>'kind' AS kind
        FROM amazon_ads.${REPORT} WHERE _profile_id = ${unknown}`),
    ).toEqual([{ brand_new_metric_14d: '12.5', kind: 'beta' }]);
    expect(
      await t.sql('SELECT column_name, source_name, type FROM millpond.columns WHERE NOT documented ORDER BY 1'),
    ).toMatchObject([
      { column_name: 'brand_new_metric_14d', source_name: 'brandNewMetric14d', type: 'VARCHAR' },
      { column_name: 'future_feature', source_name: 'futureFeature', type: 'VARCHAR' },
    ]);
    expect(summary.warnings.map(({ code }) => code)).toEqual(['W_UNKNOWN_COLUMN', 'W_UNKNOWN_COLUMN']);
  });

  it('too many of them, or a column under freeze, fail the slice, and what was there stays', async () => {
    const t = await trial({ datasets: [REPORT], pipeline: 'schema_policy: freeze' }, 2);
    expect((await t.run()).status).toBe(0);
    const [first, second] = t.sandbox.profiles.map(({ profileId }) => profileId) as [string, string];
    t.sandbox.faults.add({ kind: 'bad_cells', share: 1, profile: first }, { kind: 'unknown_column', profile: second });
    const again = await t.run({ reload: true, datasets: [REPORT] });
    expect(again.status).toBe(1);
    expect(again.summary).toMatchObject({ status: 'failed', slices: { failed: 4, committed: 0 } });
    expect(new Set(again.summary.errors.map(({ code, scope }) => `${code} ${scope}`))).toEqual(
      new Set([`E_TOO_MANY_REJECTS ${first}`, `E_SCHEMA_FROZEN ${second}`]),
    );
    expect(await t.differences()).toEqual([]);

    // The files that were no good are tried once more, and then asked for anew; the others are taken as they are.
    t.sandbox.faults.clear();
    const made = t.sandbox.stats().jobsCreated;
    await t.configure((text) => text.replace('freeze', 'ignore'));
    const ignored = await t.run();
    expect(ignored.status, JSON.stringify(ignored.summary)).toBe(0);
    expect(t.sandbox.stats().jobsCreated).toBe(made + 2);
    expect(await t.differences()).toEqual([]);
    const columns = 'SELECT column_name FROM information_schema.columns';
    expect(await t.sql(`${columns} WHERE column_name = 'brand_new_metric_14d'`)).toEqual([]);
    expect(await t.sql("SELECT documented FROM millpond.columns WHERE source_name = 'brandNewMetric14d'")).toEqual([
      { documented: false },
    ]);
  });
});
