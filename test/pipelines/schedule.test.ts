import { expect, it } from 'vitest';
import { nextRun } from '../../src/pipelines/schedule.js';

it('knows when a schedule fires next, in its zone', () => {
  const next = nextRun({ cron: '15 6 * * *', timezone: 'Asia/Kolkata' })!;
  expect(next.getTime()).toBeGreaterThan(Date.now());
  expect(next.getTime() - Date.now()).toBeLessThanOrEqual(24 * 3_600_000);
  expect(next.toISOString().slice(11, 16)).toBe('00:45');
});
