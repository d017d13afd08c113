import { MillpondError } from '../base/errors.js';
import type { PipelineConfig } from '../config/types.js';
import { formatSliceKey, type SliceKey } from '../contracts/index.js';
import { totalsOf } from '../contracts/stage-counts.js';
import type { Delivery } from './commit-slices.js';
import { contentOf } from './content.js';
import type { CommitEnv } from './work-env.js';

/** A slice of which less comes than is held. */
export interface Shrinking {
  readonly key: SliceKey;
  /** Rows that a sink holds, the most of any. */
  readonly held: number;
  /** Rows that would take their place. */
  readonly now: number;
}

/** Whether what comes is suspiciously little: nothing at all, or less than this share of what is held. */
export function isShrunk(held: number, now: number, share: number): boolean {
  return held > 0 && (now === 0 || now < held * share);
}

/**
 * Slices that a delivery would shrink in one of the sinks: rows of the dataset's own table, of
 * current state all that the scope has. The same content once more shrinks nothing, nor does what
 * is added to a table that grows.
 */
export function shrunkSlices(
  env: { readonly pipeline: Pick<PipelineConfig, 'shrink'>; readonly sinks: CommitEnv['sinks'] },
  { selected, ask, artifacts, stages }: Delivery,
): Shrinking[] {
  const [own] = selected.request.tables;
  if (own?.mode !== 'replace' || stages.length === 0) return [];
  const currentState = selected.request.slicing.kind === 'as-of';
  const content = contentOf(artifacts);
  return ask.slices.flatMap((key): Shrinking[] => {
    const now = stages
      .filter(({ table }) => table.name === own.name)
      .reduce((sum, stage) => sum + totalsOf(stage, key).rows, 0);
    const held = env.sinks
      .map(({ state }) => state.held(key, currentState))
      .filter((slice) => slice !== undefined && contentOf(slice.artifacts) !== content)
      .reduce((most, slice) => Math.max(most, slice!.rows), 0);
    return isShrunk(held, now, env.pipeline.shrink.share) ? [{ key, held, now }] : [];
  });
}

/** What the user hears of a slice whose old data stay. */
export function shrinkError(shrinking: Shrinking, { share }: PipelineConfig['shrink']): MillpondError {
  return new MillpondError(
    'E_SHRUNK',
    `${shrinkText(shrinking)}; \`shrink\` keeps the old ones where less than ${Number((share * 100).toFixed(4))}% are left`,
  );
}

/** `sp_campaigns_snapshot:111:2026-10-01: 3 rows came in place of 250` */
export function shrinkText({ key, held, now }: Shrinking): string {
  return `${formatSliceKey(key)}: ${now === 0 ? 'no row' : now === 1 ? '1 row' : `${now} rows`} came in place of ${held}`;
}
