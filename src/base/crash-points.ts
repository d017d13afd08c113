/**
 * Named places where a kill would hurt most. Tests kill a real process at each of them:
 * `MILLPOND_CRASH_AT=sink.commit.before` (with `:3`, at the third passing).
 */
export const CRASH_POINTS = [
  'journal.intent.written',
  'request.answered',
  'journal.asked.written',
  'land.body.opened',
  'land.bytes.written',
  'land.artifact.renamed',
  'stage.done',
  'duckdb.commit.begun',
  'duckdb.commit.deleted',
  'duckdb.commit.inserted',
  'duckdb.commit.before',
  'duckdb.commit.after',
  'parquet.rejects.written',
  'parquet.data.written',
  'parquet.data.renamed',
  'sink.committed',
  'journal.entry.ended',
  'run.noted',
  'retention.file.removed',
  'making.begun',
  'making.answered',
  'making.recorded',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

let armed: { readonly point: string; left: number } | undefined;
const wanted = process.env.MILLPOND_CRASH_AT;
if (wanted) {
  const [point = '', count = '1'] = wanted.split(':');
  armed = { point, left: Number(count) };
}

/** Ends the process by SIGKILL if a test asked for it at this place; otherwise nothing. */
export function crashPoint(point: CrashPoint): void {
  if (armed?.point !== point) return;
  armed.left -= 1;
  if (armed.left <= 0) process.kill(process.pid, 'SIGKILL');
}
