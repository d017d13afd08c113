import { formatBytes } from '../../base/units.js';
import type { StatusReport } from '../../pipelines/index.js';
import { plural } from './summary.js';
import { renderTable, type TableColumn, terminalWidth } from './table.js';

/** Rows of a section that are shown unless everything is asked for. */
const SHORT = 20;

/** The whole report for people, a section each; empty ones are left out. */
export function statusText(status: StatusReport, every: boolean): string {
  const sections = [
    section(
      'Pipelines',
      ['name', 'last run', 'status', 'started', '>rows', '>rejects', '>errors', 'next'],
      status.pipelines.map(({ name, last, next, schedule }) => [
        name,
        last?.run_id ?? 'never ran',
        last?.status ?? '',
        minute(last?.started_at),
        number(last?.rows),
        number(last?.rejects),
        number(last?.errors),
        next ? minute(next) : (schedule ?? ''),
      ]),
      every,
    ),
    section(
      'Freshness',
      ['sink', 'dataset', 'scope', 'first', 'last', '>slices', '>rows', '>rejects', 'as of'],
      status.freshness.map((held) => [
        held.sink,
        held.dataset,
        held.scope,
        held.first_slice,
        held.last_slice,
        number(held.slices),
        number(held.rows),
        number(held.rejects),
        minute(held.as_of),
      ]),
      every,
    ),
    section(
      'In flight',
      ['dataset', 'scope', '>slices', 'phase', '>jobs', 'asked', 'by'],
      status.in_flight.map((ask) => [
        ask.dataset,
        ask.scope,
        number(ask.slices.length),
        ask.phase,
        number(ask.jobs.length),
        minute(ask.asked_at),
        ask.owner,
      ]),
      every,
    ),
    section(
      'Gaps',
      ['sink', 'dataset', 'scope', 'slice', 'reason', 'since', 'why'],
      status.gaps.map((gap) => [
        gap.sink,
        gap.dataset,
        gap.scope,
        gap.slice,
        gap.reason,
        minute(gap.since),
        gap.message,
      ]),
      every,
    ),
    section(
      'Columns that changed',
      ['sink', 'dataset', 'column', 'what', 'since', 'last seen', 'suggested type'],
      status.drift.map(({ sink, dataset, table, column, drift, since, last_seen, suggested_type }) => [
        sink,
        table === dataset ? dataset : `${dataset} (${table})`,
        column,
        drift,
        minute(since),
        minute(last_seen),
        drift === 'new' ? (suggested_type?.toLowerCase() ?? '') : '',
      ]),
      every,
    ),
    landingText(status.landing),
    status.request_changed > 0
      ? `${status.request_changed} slices are held under another request than today's configuration makes; \`millpond run --reload\` asks again.`
      : '',
    ...status.notes.map((note) => `note: ${note}`),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

/** `Landing folder: 12 files, 3.4 MB of 50.0 GB, the oldest of 2026-10-01 06:15Z` */
function landingText({ path, files, bytes, oldest, max_bytes }: StatusReport['landing']): string {
  if (files === 0) return '';
  const room = max_bytes === null ? '' : ` of ${formatBytes(max_bytes)}`;
  return `Landing folder ${path}: ${plural(files, 'file')}, ${formatBytes(bytes)}${room}, the oldest of ${minute(oldest)}`;
}

/** A table below its title; a `>` before a column's name aligns it to the right. */
function section(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  every: boolean,
): string {
  if (rows.length === 0) return '';
  const shown = every ? rows : rows.slice(0, SHORT);
  const heads = columns.map(
    (name): TableColumn => (name.startsWith('>') ? { title: name.slice(1), align: 'right' } : { title: name }),
  );
  const more = rows.length - shown.length;
  return `${title}\n${renderTable(heads, shown, terminalWidth())}${more > 0 ? `\n… and ${more} more (--verbose)` : ''}`;
}

/** `2026-10-01 06:15Z` */
function minute(instant: string | null | undefined): string {
  if (!instant) return '';
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? instant : `${date.toISOString().slice(0, 16).replace('T', ' ')}Z`;
}

function number(value: number | undefined): string {
  return value === undefined ? '' : value.toLocaleString('en-US');
}
