import type { VerifyDifference, VerifyReport } from '../../pipelines/verify-report.js';
import { plural } from './summary.js';
import { printable } from './table.js';

/** A line for every slice and sink that differ, with all that differs there. */
export function differenceLines({ differences }: VerifyReport): string[] {
  const places = new Map<string, VerifyDifference[]>();
  for (const one of differences) {
    const place = `${placeOf(one)}  ${one.sink ?? 'landing folder'}`;
    places.set(place, [...(places.get(place) ?? []), one]);
  }
  return [...places].map(([place, own]) => {
    const mark = own.every(({ mended }) => mended) ? '✓ mended' : '✗';
    return printable(`${mark} ${place}: ${own.map(wordsOf).join('; ')}`);
  });
}

/** What was looked at, and what it came to. */
export function verdictLines(report: VerifyReport, repair: boolean): string[] {
  const { slices, verified, no_artifact, differences, mended, errors } = report;
  const left = differences.length - mended;
  const lines = [
    `${left > 0 ? `✗ ${plural(left, 'difference')}` : '✓ No difference'}${mended > 0 ? ` left; ${mended} mended` : ''}. ` +
      `Looked at ${plural(slices, 'slice')} in their sinks, ${verified.toLocaleString('en-US')} of them against their files.`,
  ];
  if (no_artifact > 0)
    lines.push(`  no artifact  ${plural(no_artifact, 'slice')} past the keeping of their files: counts alone`);
  for (const { code, message, hint } of errors) lines.push(`error[${code}]: ${message}`, `hint: ${hint}`);
  if (left > 0 && !repair) lines.push('Next: millpond verify --repair, which replays these slices from their files');
  if (left > 0 && repair) lines.push('Next: millpond run --reload for slices that the source still has');
  return lines;
}

function placeOf({ dataset, scope, slice }: VerifyDifference): string {
  return slice === null ? dataset : `${dataset}:${scope}:${slice}`;
}

function wordsOf({ what, table, column, expected, found, dataset }: VerifyDifference): string {
  const where = table === null || table === dataset ? '' : ` of ${table}`;
  switch (what) {
    case 'rows':
      return `rows${where} ${found} ≠ ${expected}`;
    case 'rejects':
      return found === expected ? `rejects: ${found}, but others` : `rejects ${found} ≠ ${expected}`;
    case 'sum':
      return `sum(${column})${where} ${found} ≠ ${expected}`;
    case 'values':
      return `values of ${column}${where} differ`;
    case 'keys':
      return `keys${where} differ`;
    case 'cells':
      return `values${where} stand in other rows`;
    case 'column':
      return `${column}${where} is no column, but has ${expected}`;
    case 'unlisted':
      return `no ledger row, but ${/^\d+$/.test(found) ? `${found} ${table === null ? 'rejects' : 'rows'}` : found}${where}`;
    case 'not_held':
      return `no ledger row, but it was committed (${expected})`;
    default:
      return found;
  }
}
