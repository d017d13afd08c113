import { describe, expect, it } from 'vitest';
import { registerSecret } from '../../src/base/secrets.js';
import { eventLine, Progress } from '../../src/cli/render/progress.js';
import { failedSummary, SUMMARY_BYTES, summaryLine, summaryLines } from '../../src/cli/render/summary.js';
import { cutTo, displayWidth, layoutTable, printable, renderTable } from '../../src/cli/render/table.js';
import type { RunSummary } from '../../src/pipelines/events.js';

describe('a table', () => {
  it.each([
    ['abc', 3],
    ['漢字', 4],
    ['café', 4],
    ['cafe\u0301', 4],
    ['🦆', 2],
    ['👩‍👩‍👧', 2],
    ['한국', 4],
    ['Ａ', 2],
  ])('knows how wide %s is', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('aligns whatever the script', () => {
    expect(
      renderTable(
        [{ title: 'a' }, { title: 'n', align: 'right' }],
        [
          ['漢字', '1'],
          ['x', '200'],
        ],
        undefined,
      ),
    ).toBe(['a       n', '────  ───', '漢字    1', 'x     200'].join('\n'));
  });

  it('shows nothing that a terminal would obey', () => {
    expect(printable('a\nb\u001b[31m\u202e')).toBe('a\\nb\\u001b[31m\\u202e');
  });

  it('cuts between characters, never through one', () => {
    expect(cutTo('漢字漢字', 5)).toBe('漢字…');
    expect(cutTo('short', 5)).toBe('short');
  });

  it('fits a terminal: shortens first, then leaves columns out', () => {
    const columns = Array.from({ length: 10 }, (_, i) => ({ title: `c${i}` }));
    const row = columns.map(() => 'x'.repeat(50));
    const layout = layoutTable(columns, [row], 80);
    expect(layout.hidden).toBe(7);
    expect(layout.widths).toEqual([20, 20, 20]);
    expect(layoutTable(columns.slice(0, 2), [row], 80)).toMatchObject({ hidden: 0, widths: [30, 30] });
    expect(layoutTable(columns, [row], undefined)).toMatchObject({ hidden: 0 });
  });
});

const SUMMARY: RunSummary = {
  ...failedSummary(new Error('x')),
  run_id: 'r1',
  status: 'partial',
  slices: { committed: 2, failed: 1, waiting: 3, skipped: 4, unchanged: 5 },
  rows: 1234,
  rejects: 6,
  jobs: { requested: 7, adopted: 0, resumed: 8 },
};

describe('a summary', () => {
  it('tells people what was committed, what failed and why, what waits, what was skipped', () => {
    const error = {
      code: 'E_TIMEOUT',
      message: 'too slow',
      hint: 'later',
      dataset: 'd',
      scope: '1',
      slices: ['d:1:a', 'd:1:b'],
    };
    const text = summaryLines({ ...SUMMARY, errors: [error], errors_total: 3 }).join('\n');
    for (const words of [
      'run r1',
      'committed 2 slices, 1,234 rows; 5 unchanged',
      '7 requested, 8 resumed',
      '6 rows could not be typed; see `millpond rejects`',
      'skipped   4 slices',
      'waiting   3 slices',
      'failed    1 slice',
      'error[E_TIMEOUT]: d:1 (a, b): too slow\nhint: later',
      '2 more errors',
    ]) {
      expect(text).toContain(words);
    }
  });

  it('stays under 48 KiB and still names its errors', () => {
    const errors = Array.from({ length: 400 }, (_, i) => ({
      code: 'E_TIMEOUT',
      message: `${i} ${'é'.repeat(3000)}`,
      hint: 'later',
      dataset: 'sp_campaigns_report_v2',
      scope: String(i),
      slices: Array.from({ length: 500 }, (_, day) => `day-${day}`),
    }));
    const line = summaryLine({ ...SUMMARY, errors, errors_total: 400 });
    expect(Buffer.byteLength(line)).toBeLessThan(SUMMARY_BYTES);
    expect(line).not.toContain('\n');
    const parsed = JSON.parse(line) as RunSummary;
    expect(parsed.errors_total).toBe(400);
    expect(parsed.errors.length).toBeGreaterThan(0);
    expect(parsed.slices).toEqual(SUMMARY.slices);
  });

  it('holds no secret', () => {
    registerSecret('very-secret-token');
    expect(summaryLine(failedSummary(new Error('no very-secret-token here')))).not.toContain('very-secret');
  });
});

describe('progress', () => {
  it('counts jobs, slices once over all sinks, rows and rejects', () => {
    const progress = new Progress();
    expect(progress.line(0)).toBe('');
    const ask = { dataset: 'd', scope: '1', slices: ['a', 'b'] };
    const slice = { dataset: 'd', scope: '1', slice: 'a' };
    progress.add({ type: 'run_started', run_id: 'r', pipeline: 'p', resumed: 0 });
    progress.add({ type: 'planned', pipeline: 'p', slices: 4, jobs: 2, skipped: 0, estimate_seconds: 60 });
    progress.add({ type: 'requested', ...ask });
    progress.add({ type: 'resumed', ...ask });
    progress.add({ type: 'landed', bytes: 2000, ...ask });
    progress.add({ type: 'staged', rows: 1500, rejects: 2, ...ask });
    progress.add({ type: 'committed', sink: 'one', rows: 1500, rejects: 2, ...slice });
    progress.add({ type: 'committed', sink: 'two', rows: 1500, rejects: 2, ...slice });
    expect(progress.line(10_000)).toBe(
      'p: 2 jobs · 1 waiting · 1 landed (2.0 KB) · 1/4 slices · 1,500 rows · 2 rejects · about 30s left',
    );
  });

  it('gives what matters a line of its own', () => {
    expect(eventLine({ type: 'lock_wait', what: 'warehouse', pid: '42' })).toContain('pid 42');
    expect(eventLine({ type: 'landed', bytes: 1, dataset: 'd', scope: 's', slices: [] })).toBeUndefined();
  });
});
