import { asMillpondError, type MillpondError } from '../../base/errors.js';
import { redactDeep } from '../../base/secrets.js';
import { formatBytes, formatDuration } from '../../base/units.js';
import { parseSliceKey } from '../../contracts/index.js';
import type { RunError, RunSummary, SnapshotCounts } from '../../pipelines/events.js';

/** A summary must fit where schedulers keep it. */
export const SUMMARY_BYTES = 48 * 1024;

/** The summary of a run that never began, or was cut short. */
export function failedSummary(thrown: unknown): RunSummary {
  const error = asMillpondError(thrown);
  return {
    run_id: '',
    status: error.class === 'interrupted' ? 'interrupted' : 'failed',
    slices: { committed: 0, failed: 0, waiting: 0, skipped: 0, unchanged: 0 },
    rows: 0,
    rows_total: 0,
    rejects: 0,
    jobs: { requested: 0, adopted: 0, resumed: 0 },
    bytes: 0,
    seconds: 0,
    errors: [runError(error)],
    errors_total: 1,
    warnings: [],
  };
}

function runError(error: MillpondError): RunError {
  return { code: error.code, message: error.message, hint: error.hint, dataset: null, scope: null, slices: [] };
}

/** The last line of `run --json`: secrets blotted out, and cut where it would be too long. */
export function summaryLine(summary: RunSummary): string {
  let shortened: RunSummary = redactDeep(summary);
  for (const limit of [Number.POSITIVE_INFINITY, 20, 3, 0]) {
    shortened = {
      ...shortened,
      errors: shortened.errors.slice(0, 50).map((error) => ({
        ...error,
        message: error.message.slice(0, 400),
        slices: error.slices.slice(0, limit),
      })),
      warnings: shortened.warnings.slice(0, 50).map((one) => ({ ...one, message: one.message.slice(0, 300) })),
    };
    const line = JSON.stringify(shortened);
    if (Buffer.byteLength(line) < SUMMARY_BYTES) return line;
  }
  return JSON.stringify({ ...shortened, errors: shortened.errors.slice(0, 5), warnings: [] });
}

/** The same for people, a line each: what was committed, what failed and why, what waits, what next. */
export function summaryLines(summary: RunSummary): string[] {
  const { slices, jobs } = summary;
  const lines = [
    `${VERDICTS[summary.status]} in ${formatDuration(summary.seconds * 1000)}` +
      `${summary.run_id ? ` (run ${summary.run_id})` : ''}`,
  ];
  if (slices.committed + slices.unchanged > 0) {
    lines.push(
      `  committed ${plural(slices.committed, 'slice')}, ${plural(summary.rows, 'row')}` +
        `${slices.unchanged > 0 ? `; ${slices.unchanged} unchanged` : ''}; ${formatBytes(summary.bytes)} landed`,
    );
  }
  const asked = [
    jobs.requested > 0 ? `${jobs.requested} requested` : '',
    jobs.resumed > 0 ? `${jobs.resumed} resumed` : '',
    jobs.adopted > 0 ? `${jobs.adopted} adopted` : '',
  ].filter(Boolean);
  if (asked.length > 0) lines.push(`  jobs      ${asked.join(', ')}`);
  if (summary.snapshots) lines.push(`  snapshots ${snapshotText(summary.snapshots)}`);
  if (summary.rejects > 0) {
    lines.push(`  rejects   ${plural(summary.rejects, 'row')} could not be typed; see \`millpond rejects\``);
  }
  if (slices.skipped > 0) lines.push(`  skipped   ${plural(slices.skipped, 'slice')} that cannot be had`);
  if (slices.waiting > 0) {
    lines.push(`  waiting   ${plural(slices.waiting, 'slice')}; run again later: nothing is asked for twice`);
  }
  if (slices.failed > 0) lines.push(`  failed    ${plural(slices.failed, 'slice')}`);
  for (const warning of summary.warnings) lines.push(`warning[${warning.code}]: ${warning.message}`);
  for (const error of summary.errors) lines.push(...errorLines(error));
  if (summary.errors_total > summary.errors.length) {
    lines.push(`… and ${summary.errors_total - summary.errors.length} more errors; see \`millpond status\``);
  }
  lines.push(...nextStep(summary));
  return lines;
}

const VERDICTS: Readonly<Record<RunSummary['status'], string>> = {
  succeeded: '✓ Done',
  partial: '✗ Done in part',
  failed: '✗ Failed',
  waiting: '… Not all jobs are ready yet,',
  nothing_to_do: '✓ Nothing to do: everything is there and fresh;',
  interrupted: '✗ Interrupted',
};

function errorLines(error: RunError): string[] {
  const where = [error.dataset, error.scope].filter((part) => part !== null).join(':');
  const which = error.slices.length > 0 ? ` (${someOf(error.slices)})` : '';
  return [`error[${error.code}]: ${where ? `${where}${which}: ` : ''}${error.message}`, `hint: ${error.hint}`];
}

function someOf(keys: readonly string[]): string {
  const slices = keys.map((key) => parseSliceKey(key)?.slice ?? key);
  if (slices.length <= 3) return slices.join(', ');
  return `${slices.slice(0, 2).join(', ')} and ${slices.length - 2} more`;
}

function nextStep(summary: RunSummary): string[] {
  if (summary.status === 'succeeded') return ['Next: millpond status, or millpond sql "SHOW ALL TABLES"'];
  if (summary.status === 'interrupted') return ['Next: millpond run, which resumes where this one was'];
  return [];
}

/** `1 row`, `1,234 rows` */
export function plural(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`;
}

function snapshotText({ made, recovered, skipped_unchanged, left, failed }: SnapshotCounts): string {
  const parts = [
    `${made} made`,
    recovered > 0 ? `${recovered} found made` : '',
    skipped_unchanged > 0 ? `${skipped_unchanged} unchanged` : '',
    left > 0 ? `${left} left to the next run` : '',
    failed > 0 ? `${failed} failed` : '',
  ];
  return parts.filter(Boolean).join(', ');
}
