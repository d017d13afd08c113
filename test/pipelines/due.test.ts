import { describe, expect, it } from 'vitest';
import { isDayDue, isFinal, isPastRetention, isStateDue, wantedDays } from '../../src/pipelines/due.js';

const slicing = { kind: 'day', parts: [], maxDays: 1, retentionDays: 60, ages: [1, 2, 3, 7, 14, 28, 42] } as const;
const AUTO = { kind: 'auto' } as const;

describe('wanted days', () => {
  it('go from since to yesterday, newest first', () => {
    const days = wantedDays({ since: { kind: 'day', day: '2026-10-28' }, until: undefined }, {}, '2026-11-01');
    expect(days).toEqual(['2026-10-31', '2026-10-30', '2026-10-29', '2026-10-28']);
  });
  it('count an age from today, so that 3d are the three days before it', () => {
    const days = wantedDays({ since: { kind: 'age', days: 3 }, until: undefined }, {}, '2026-03-02');
    expect(days).toEqual(['2026-03-01', '2026-02-28', '2026-02-27']);
  });
  it('never include today, whatever until says', () => {
    expect(wantedDays({ since: { kind: 'age', days: 1 }, until: '2027-01-01' }, {}, '2026-11-01')).toEqual([
      '2026-10-31',
    ]);
  });
  it('are narrowed by --from and --to', () => {
    const pipeline = { since: { kind: 'age', days: 30 }, until: undefined } as const;
    expect(wantedDays(pipeline, { from: '2026-10-10', to: '2026-10-11' }, '2026-11-01')).toEqual([
      '2026-10-11',
      '2026-10-10',
    ]);
    expect(wantedDays(pipeline, { from: '2026-12-01' }, '2026-11-01')).toEqual([]);
  });
});

describe('restatement', () => {
  const held = (asOf: string) => ({ day: '2026-10-01', asOf });
  it('makes a day due when it passed one of the ages since it was asked for', () => {
    // Asked at age 1; at age 2 the source has restated.
    expect(isDayDue(AUTO, slicing, held('2026-10-02T12:00:00Z'), '2026-10-03', 'UTC')).toBe(true);
    // Asked at age 3; nothing happens before age 7.
    expect(isDayDue(AUTO, slicing, held('2026-10-04T12:00:00Z'), '2026-10-07', 'UTC')).toBe(false);
    expect(isDayDue(AUTO, slicing, held('2026-10-04T12:00:00Z'), '2026-10-08', 'UTC')).toBe(true);
    // Asked at age 42: final.
    expect(isDayDue(AUTO, slicing, held('2026-11-12T12:00:00Z'), '2026-12-31', 'UTC')).toBe(false);
  });
  it('counts ages in the zone of the profile', () => {
    // 2026-10-03T03:00Z is still October 2nd in Los Angeles: age 1, so age 2 was not seen.
    expect(isDayDue(AUTO, slicing, held('2026-10-03T03:00:00Z'), '2026-10-03', 'America/Los_Angeles')).toBe(true);
    expect(isDayDue(AUTO, slicing, held('2026-10-03T03:00:00Z'), '2026-10-03', 'UTC')).toBe(false);
  });
  it('with 14d makes every day of that age or less due once a day', () => {
    const lookback = { kind: 'days', days: 14 } as const;
    expect(isDayDue(lookback, slicing, held('2026-10-14T12:00:00Z'), '2026-10-15', 'UTC')).toBe(true);
    expect(isDayDue(lookback, slicing, held('2026-10-15T00:00:01Z'), '2026-10-15', 'UTC')).toBe(false);
    expect(isDayDue(lookback, slicing, held('2026-10-14T12:00:00Z'), '2026-10-16', 'UTC')).toBe(false);
  });
  it('with none never', () => {
    expect(isDayDue({ kind: 'none' }, slicing, held('2026-10-02T12:00:00Z'), '2026-12-01', 'UTC')).toBe(false);
  });
  it('ends: a day asked for at its last age is final', () => {
    expect(isFinal(slicing, '2026-10-01', '2026-11-12T12:00:00Z', 'UTC')).toBe(true);
    expect(isFinal(slicing, '2026-10-01', '2026-11-11T12:00:00Z', 'UTC')).toBe(false);
  });
});

it('keeps sixty days of retention: the sixtieth is served, the next is not', () => {
  expect(isPastRetention(slicing, '2026-09-02', '2026-11-01')).toBe(false);
  expect(isPastRetention(slicing, '2026-09-01', '2026-11-01')).toBe(true);
});

it('makes current state due once a day of the scope', () => {
  expect(isStateDue('2026-10-31T20:00:00Z', '2026-11-01', 'Asia/Tokyo')).toBe(false);
  expect(isStateDue('2026-10-31T20:00:00Z', '2026-11-01', 'America/New_York')).toBe(true);
});
