import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addDays, dayIn, daysBetween } from '../../src/base/days.js';
import { Trial, type TrialOptions, told } from './trial.js';

const REPORT = 'sp_campaigns_report_v2';
const FROZEN = pathToFileURL(path.join(import.meta.dirname, 'frozen-date.mjs')).href;

/** Days begin and end at other moments in every zone; this one is far from any. */
const START = new Date('2026-11-04T16:00:00Z');

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }));
let trials: Trial[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(trials.map((trial) => trial.end()));
  trials = [];
});

/** A trial whose days run on by themselves: `since: 9d`, until yesterday. */
async function trial(profiles: number, options: Partial<TrialOptions> = {}): Promise<Calendar> {
  const made = await Trial.make(
    { profiles, days: 15, rows: 15, now: () => START },
    {
      datasets: [REPORT],
      ...options,
      yaml: (text) => text.replace(/since: \S+/, 'since: 9d').replace(/until: \S+/, ''),
    },
  );
  trials.push(made);
  return new Calendar(made);
}

/** A trial's source and this process, moved on together; between two moves the calendar stands still. */
class Calendar {
  readonly t: Trial;

  constructor(t: Trial) {
    this.t = t;
  }

  advance(days: number): void {
    this.t.sandbox.reset();
    this.t.sandbox.advance({ days });
    vi.setSystemTime(this.t.sandbox.now());
  }

  /** Days asked for since the last advance, each with its age today in the zone of the profile. */
  asked(): number[] {
    const ages = this.t.sandbox.jobs
      .slice(-this.t.sandbox.stats().jobsCreated || Number.POSITIVE_INFINITY)
      .map(({ slice, profileId }) => daysBetween(slice, this.today(profileId)));
    return [...new Set(ages)].sort((a, b) => a - b);
  }

  today(profileId: string): string {
    const profile = this.t.sandbox.profiles.find((one) => one.profileId === profileId)!;
    return dayIn(profile.timezone, this.t.sandbox.now());
  }

  /** Every held slice is what the source said when it was asked. */
  async differences(): Promise<string[]> {
    const days = {
      from: addDays(dayIn('UTC', this.t.sandbox.now()), -7),
      to: addDays(dayIn('UTC', this.t.sandbox.now()), -2),
    };
    return this.t.differences(days);
  }

  /** Held slices of days at least this old that differ from what the source says today. */
  async outdated(): Promise<number[]> {
    const rows = await this.t.sql(
      `SELECT _profile_id::VARCHAR AS scope, _slice AS day, sum(impressions)::VARCHAR AS impressions FROM amazon_ads.${REPORT} GROUP BY ALL`,
    );
    const ages = rows
      .filter(({ scope, day, impressions }) => {
        const truth = this.t.sandbox.truthFor(REPORT, String(scope), String(day));
        return truth.sums.impressions !== impressions;
      })
      .map(({ scope, day }) => daysBetween(String(day), this.today(String(scope))));
    return [...new Set(ages)].sort((a, b) => a - b);
  }
}

describe('days later', () => {
  it('lookback auto asks for new days and for those whose age the source restates at', async () => {
    const c = await trial(2);
    const first = await c.t.run();
    expect(first.status).toBe(0);
    expect(first.summary.slices).toMatchObject({ committed: 2 * 9 + 2, unchanged: 0 });

    c.advance(1);
    const next = await c.t.run();
    expect(next.status).toBe(0);
    // Yesterday is new; a day is asked for again when it becomes 2, 3 or 7 days old.
    expect(c.asked()).toEqual([1, 2, 3, 7]);
    expect(next.summary.jobs.requested).toBe(2 * 4);
    expect(next.summary.slices.committed + next.summary.slices.unchanged).toBe(2 * 4 + 2);
    expect(await c.differences()).toEqual([]);

    // A pause of three days: an age that was passed by meanwhile counts. Six days old is what was three at the last look.
    c.advance(3);
    expect((await c.t.run()).status).toBe(0);
    expect(c.asked()).toEqual([1, 2, 3, 4, 5, 7, 8, 9]);
    expect((await c.t.run()).summary.status).toBe('nothing_to_do');
    expect(await c.differences()).toEqual([]);
    expect(await c.t.sql('SELECT dataset, scope, slice FROM millpond.slices GROUP BY ALL HAVING count(*) > 1')).toEqual(
      [],
    );
  });

  it('lookback as days asks for each of them once a day; none never; what is the same is unchanged', async () => {
    const c = await trial(1, { pipeline: 'lookback: 4d' });
    expect((await c.t.run()).status).toBe(0);
    c.advance(1);
    const next = await c.t.run();
    expect(c.asked()).toEqual([1, 2, 3, 4]);
    expect(next.summary.slices).toMatchObject({ failed: 0, waiting: 0 });
    expect(await c.outdated()).not.toContain(2);

    c.advance(1);
    await c.t.configure((text) => text.replace('lookback: 4d', 'lookback: none'));
    expect((await c.t.run()).status).toBe(0);
    expect(c.asked()).toEqual([1]);

    // Asked for again at the same moment, nothing has changed: only the moment moves.
    const before = await c.t.sql(`SELECT run_id, count(*) AS n FROM millpond.commits GROUP BY ALL ORDER BY ALL`);
    const again = await c.t.run({
      reload: true,
      datasets: [REPORT],
      from: addDays(c.today(c.t.sandbox.profiles[0]!.profileId), -4),
    });
    expect(again.status).toBe(0);
    const { committed, unchanged } = again.summary.slices;
    expect(committed + unchanged).toBe(4);
    expect(unchanged).toBeGreaterThan(0);
    const after = await c.t.sql(`SELECT run_id, count(*) AS n FROM millpond.commits GROUP BY ALL ORDER BY ALL`);
    expect(after.length - before.length).toBe(committed > 0 ? 1 : 0);
    expect(await c.outdated()).not.toContain(3);
    expect(await c.differences()).toEqual([]);
  });

  it('a calendar that stands still does not hold a run up', async () => {
    const c = await trial(1);
    const { t } = c;
    t.sandbox.faults.add(
      { kind: '503', route: 'status', count: 1 },
      { kind: '429', retryAfter: 1, route: 'create', count: 1 },
    );
    const env = { NODE_OPTIONS: `--import ${FROZEN}`, MILLPOND_TEST_FROZEN_AT: START.toISOString() };
    const frozen = told(await t.start(['run', '--json'], env).ended);
    expect(frozen.status, frozen.stderr).toBe(0);
    expect(frozen.summary.slices).toMatchObject({ committed: 9 + 1 });
    expect((await t.run()).summary.status).toBe('nothing_to_do');
    expect(await c.differences()).toEqual([]);
  });
});
