import { describe, expect, it } from 'vitest';
import { addDays, dayIn, daysBetween, daysFrom, isDay, isTimezone } from '../../src/base/days.js';
import { matchesGlobs, nearest, snakeCase } from '../../src/base/names.js';
import { formatBytes, formatDuration, parseDuration, parseSize } from '../../src/base/units.js';

describe('names', () => {
  it.each([
    ['campaignId', 'campaign_id'],
    ['attributedSales14d', 'attributed_sales_14d'],
    ['attributedConversions14dSameSKU', 'attributed_conversions_14d_same_sku'],
    ['attributedUnitsOrdered1dOtherSKU', 'attributed_units_ordered_1d_other_sku'],
    ['video5SecondViewRate', 'video_5_second_view_rate'],
    ['asin', 'asin'],
    ['dpv14d', 'dpv_14d'],
    ['AWSAccountId', 'aws_account_id'],
    ['already_snake_1d', 'already_snake_1d'],
  ])('%s is %s in the warehouse', (source, name) => {
    expect(snakeCase(source)).toBe(name);
  });
  it('finds the word that was meant, and none where nothing is near', () => {
    expect(nearest('colums', ['columns', 'connection'])).toBe('columns');
    expect(nearest('zebra', ['columns', 'connection'])).toBeUndefined();
  });
  it('matches globs whole, with exclusions in order', () => {
    expect(matchesGlobs('sp_campaigns_snapshot', ['sp_*_snapshot'])).toBe(true);
    expect(matchesGlobs('sp_campaigns_snapshot_x', ['sp_*_snapshot'])).toBe(false);
    expect(matchesGlobs('a.b', ['a?b'])).toBe(true);
    expect(matchesGlobs('axb', ['a.b'])).toBe(false);
    expect(matchesGlobs('sp_x', ['*', '!sp_*'])).toBe(false);
    expect(matchesGlobs('sp_x', ['!sd_*'])).toBe(true);
  });
});

describe('days', () => {
  it('belong to a zone', () => {
    const instant = new Date('2026-03-08T07:30:00Z');
    expect(dayIn('America/Los_Angeles', instant)).toBe('2026-03-07');
    expect(dayIn('Asia/Kolkata', instant)).toBe('2026-03-08');
    expect(dayIn('Pacific/Kiritimati', new Date('2026-12-31T10:00:00Z'))).toBe('2027-01-01');
  });
  it('are counted without clocks: changes to summer time do not shift them', () => {
    expect(addDays('2026-03-08', 1)).toBe('2026-03-09');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
    expect(daysBetween('2024-02-28', '2024-03-01')).toBe(2);
    expect(daysFrom('2026-10-31', '2026-11-02')).toEqual(['2026-10-31', '2026-11-01', '2026-11-02']);
    expect(daysFrom('2026-11-02', '2026-11-01')).toEqual([]);
  });
  it('have to exist', () => {
    expect(isDay('2026-02-29')).toBe(false);
    expect(isDay('2024-02-29')).toBe(true);
    expect(isDay('20240229')).toBe(false);
    expect(isTimezone('Europe/Amsterdam')).toBe(true);
    expect(isTimezone('Mars/Olympus')).toBe(false);
  });
});

describe('units', () => {
  it('are read as users write them, or not at all', () => {
    expect(parseDuration('90s')).toBe(90_000);
    expect(parseDuration('30d')).toBe(30 * 86_400_000);
    expect(parseDuration('5 minutes')).toBeUndefined();
    expect(parseSize('500MB')).toBe(500e6);
    expect(parseSize('1GiB')).toBe(2 ** 30);
    expect(parseSize('1gb')).toBeUndefined();
  });
  it('are written for people', () => {
    expect([formatBytes(12), formatBytes(1500), formatBytes(2.5e9)]).toEqual(['12 B', '1.5 KB', '2.5 GB']);
    expect([formatDuration(400), formatDuration(41_000), formatDuration(7_500_000)]).toEqual(['0.4s', '41s', '2h 5m']);
  });
});
