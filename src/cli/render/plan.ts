import { formatDuration } from '../../base/units.js';
import { parseSliceKey } from '../../contracts/index.js';
import type { PlannedSlice, PlanReport } from '../../pipelines/index.js';
import { plural } from './summary.js';
import { renderTable, terminalWidth } from './table.js';

/** A line for each dataset, scope, action and reason; with `every`, one for each slice. */
export function planText(plan: PlanReport, every: boolean): string {
  if (plan.slices.length === 0) return 'Nothing to do: everything is there and fresh.';
  const table = every ? everySlice(plan.slices) : grouped(plan.slices);
  const cost = `${plural(plan.slices.length, 'slice')}, ${plural(plan.jobs, 'job')} to ask for, about ${formatDuration(
    plan.estimate_seconds * 1000,
  )}`;
  return `${table}\n\n${cost}${every ? '' : '; --verbose lists every slice'}`;
}

function everySlice(slices: readonly PlannedSlice[]): string {
  return renderTable(
    [{ title: 'slice' }, { title: 'action' }, { title: 'reason' }, { title: 'job' }],
    slices.map((slice) => [slice.key, slice.action, slice.reason, slice.job_group ?? '']),
    terminalWidth(),
  );
}

function grouped(slices: readonly PlannedSlice[]): string {
  const groups = new Map<string, { row: string[]; slices: string[]; jobs: Set<string> }>();
  for (const planned of slices) {
    const { dataset, scope, slice } = parseSliceKey(planned.key) ?? { dataset: planned.key, scope: '', slice: '' };
    const row = [dataset, scope, planned.action, planned.reason];
    const group = groups.get(row.join('\0')) ?? { row, slices: [], jobs: new Set() };
    group.slices.push(slice);
    if (planned.job_group !== null) group.jobs.add(planned.job_group);
    groups.set(row.join('\0'), group);
  }
  return renderTable(
    [
      { title: 'dataset' },
      { title: 'scope' },
      { title: 'action' },
      { title: 'reason' },
      { title: 'slices', align: 'right' },
      { title: 'first' },
      { title: 'last' },
      { title: 'jobs', align: 'right' },
    ],
    [...groups.values()].map(({ row, slices: keys, jobs }) => {
      const sorted = keys.toSorted();
      return [...row, String(keys.length), sorted[0] ?? '', sorted.at(-1) ?? '', String(jobs.size)];
    }),
    terminalWidth(),
  );
}
