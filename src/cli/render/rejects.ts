import type { RejectGroup } from '../rejects-query.js';
import { plural } from './summary.js';
import { cutTo, printable, terminalWidth } from './table.js';

/** Each group with its reason and samples of the raw text. */
export function rejectsText(groups: readonly RejectGroup[]): string {
  if (groups.length === 0) return 'No rejects.';
  const width = terminalWidth() ?? 200;
  return groups
    .map(({ dataset, scope, slice, reason, rejects, samples }) =>
      [
        `${dataset}:${scope}:${slice}  ${plural(rejects, 'row')}  ${printable(reason)}`,
        ...samples.map(({ row_number, raw }) => cutTo(`    row ${row_number}: ${printable(raw)}`, width)),
      ].join('\n'),
    )
    .join('\n');
}
