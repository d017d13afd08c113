import { formatBytes } from '../../base/units.js';
import { parseSliceKey } from '../../contracts/index.js';
import type { ReplayReport } from '../../pipelines/index.js';
import { plural } from './summary.js';
import { renderTable, terminalWidth } from './table.js';

/** A line for each dataset, scope and action; with `every`, one for each slice. */
export function replayText(plan: ReplayReport, every: boolean): string {
  if (plan.slices.length === 0) return 'Nothing to replay: neither the sinks nor the landing folder hold such slices.';
  const read = `${plural(plan.files, 'file')} to read (${formatBytes(plan.bytes)})`;
  return `${every ? everySlice(plan) : grouped(plan)}\n\n${plural(plan.slices.length, 'slice')}, ${read}${every ? '' : '; --verbose lists every slice'}`;
}

function everySlice({ slices }: ReplayReport): string {
  return renderTable(
    [{ title: 'slice' }, { title: 'action' }],
    slices.map(({ key, action }) => [key, wordsOf(action)]),
    terminalWidth(),
  );
}

function grouped({ slices }: ReplayReport): string {
  const groups = new Map<string, { readonly row: string[]; readonly slices: string[] }>();
  for (const { key, action } of slices) {
    const { dataset, scope, slice } = parseSliceKey(key) ?? { dataset: key, scope: '', slice: '' };
    const row = [dataset, scope, wordsOf(action)];
    const group = groups.get(row.join('\0')) ?? { row, slices: [] };
    group.slices.push(slice);
    groups.set(row.join('\0'), group);
  }
  return renderTable(
    [
      { title: 'dataset' },
      { title: 'scope' },
      { title: 'action' },
      { title: 'slices', align: 'right' },
      { title: 'first' },
      { title: 'last' },
    ],
    [...groups.values()].map(({ row, slices: own }) => {
      const sorted = own.toSorted();
      return [...row, String(own.length), sorted[0] ?? '', sorted.at(-1) ?? ''];
    }),
    terminalWidth(),
  );
}

function wordsOf(action: ReplayReport['slices'][number]['action']): string {
  return action === 'no_artifact' ? 'none: no artifact' : action;
}
