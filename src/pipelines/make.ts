import path from 'node:path';
import { throwIfAborted } from '../base/retry.js';
import type { Config, PipelineConfig, SnapshotEntry } from '../config/types.js';
import {
  type Ctx,
  formatSliceKey,
  type Making,
  type SnapshotOutlook,
  type SnapshotRevision,
  type Source,
} from '../contracts/index.js';
import { passes } from './filters.js';
import type { Filters } from './index.js';
import type { RunReport } from './report.js';
import { namesOf } from './select.js';

/** Where the makings of a connection are on record. */
export function makingFolder(config: Pick<Config, 'landing'>, connection: string): string {
  return path.join(config.landing.path, 'making', connection);
}

/** What is made where, once it is known that it would be something new. */
interface Due {
  readonly entry: SnapshotEntry;
  readonly making: Making;
  readonly outlook: SnapshotOutlook;
}

/**
 * Makes the snapshots that a pipeline asks for, before it reads: looks at every entry, then makes
 * those that would be new, the views with the oldest snapshots first, up to `max`. What is narrowed
 * away by filters is left alone. A failure of one entry is told, and leaves the others.
 * @throws MillpondError `E_INTERRUPTED`.
 */
export async function makeSnapshots(
  pipeline: PipelineConfig,
  options: Pick<Filters, 'datasets' | 'scopes' | 'slices'> & { readonly config: Config },
  sources: ReadonlyMap<string, Source>,
  report: RunReport,
  ctx: Ctx,
): Promise<void> {
  if (!pipeline.snapshots) return;
  const counts = report.countSnapshots();
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      throwIfAborted(ctx.signal);
      counts.failed += 1;
      report.failed([], error);
      return undefined;
    }
  };
  const due: Due[] = [];
  for (const entry of pipeline.snapshots.create) {
    const source = sources.get(entry.connection);
    const making = source?.making?.(makingFolder(options.config, entry.connection));
    if (!source || !making || !isRead(entry, source, making, options)) continue;
    const outlook = await attempt(() => making.outlook(entry, ctx));
    if (outlook?.verdict === 'make') due.push({ entry, making, outlook });
    else if (outlook?.verdict === 'recovered' && outlook.newest) tellMade(entry, outlook.newest, true, report);
    else if (outlook) tellSkipped(entry, outlook.reason, report);
  }
  due.sort((a, b) => (newestAt(a) < newestAt(b) ? -1 : newestAt(a) > newestAt(b) ? 1 : 0));
  for (const { entry, making } of due.slice(0, pipeline.snapshots.max)) {
    const made = await attempt(() => making.create(entry, ctx));
    if (made?.outcome === 'unchanged') tellSkipped(entry, made.reason, report);
    else if (made) tellMade(entry, made, made.outcome === 'recovered', report);
  }
  counts.left = Math.max(0, due.length - pipeline.snapshots.max);
  if (counts.left > 0) {
    report.warn(
      'W_SNAPSHOTS_LEFT',
      `${counts.left} snapshots are left to the next run: \`snapshots.max\` of ${pipeline.name} is ${pipeline.snapshots.max}`,
    );
  }
}

/** Whether this run reads what would be made; what it does not read, it does not make. */
function isRead(
  { engagement }: SnapshotEntry,
  source: Source,
  { reads: { dataset, scope } }: Making,
  { datasets, scopes, slices }: Pick<Filters, 'datasets' | 'scopes' | 'slices'>,
): boolean {
  const read = source.datasets.find(({ name }) => name === dataset);
  const names = read ? namesOf(read) : [dataset];
  const key = formatSliceKey({ dataset, scope, slice: engagement });
  return names.some((name) => passes(name, datasets)) && passes(scope, scopes) && passes(key, slices);
}

function newestAt({ outlook }: Due): string {
  return outlook.newest?.createdAt ?? '';
}

function tellSkipped(entry: SnapshotEntry, reason: string, report: RunReport): void {
  report.countSnapshots().skipped_unchanged += 1;
  report.event({ type: 'snapshot_skipped', ...viewOf(entry), reason: 'unchanged', message: reason });
}

function tellMade(
  entry: SnapshotEntry,
  { arn, revision }: Pick<SnapshotRevision, 'arn' | 'revision'>,
  recovered: boolean,
  report: RunReport,
): void {
  report.countSnapshots()[recovered ? 'recovered' : 'made'] += 1;
  report.event({ type: 'snapshot_made', ...viewOf(entry), arn, revision, recovered });
}

function viewOf({ connection, engagement, resource, template }: SnapshotEntry) {
  return { connection, engagement, resource, template };
}
