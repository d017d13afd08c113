import { MillpondError } from '../../base/errors.js';
import { throwIfAborted } from '../../base/retry.js';
import type { RunEvent, RunSummary } from '../../pipelines/events.js';
import { type ChildRun, runChild } from './child.js';
import { PARTNER_DATASETS } from './config.js';

/** What one run of the demo committed, each slice once for each sink. */
export interface Commits {
  ads: number;
  partners: number;
}

/**
 * A run that is killed; `alive` where it ended before that.
 * @param isTime asked at each event.
 */
export async function killedRun(
  configFile: string,
  signal: AbortSignal,
  isTime: (committed: Commits) => boolean,
): Promise<{ readonly committed: Commits; readonly alive: boolean }> {
  const committed: Commits = { ads: 0, partners: 0 };
  const run = await runChild(configFile, signal, (event) => {
    count(event, committed);
    return isTime(committed);
  });
  if (run.exit !== null) finished(run, signal);
  return { committed, alive: run.exit !== null };
}

/** A run to its end. @throws MillpondError where that is not a good one. */
export async function wholeRun(
  configFile: string,
  signal: AbortSignal,
): Promise<{ readonly committed: Commits; readonly summary: RunSummary }> {
  const committed: Commits = { ads: 0, partners: 0 };
  const run = await runChild(configFile, signal, (event) => {
    count(event, committed);
    return false;
  });
  return { committed, summary: finished(run, signal) };
}

function count(event: RunEvent, committed: Commits): void {
  if (event.type !== 'committed') return;
  const isPartners = PARTNER_DATASETS.some((name) => name === event.dataset);
  committed[isPartners ? 'partners' : 'ads'] += 1;
}

function finished(run: ChildRun, signal: AbortSignal): RunSummary {
  throwIfAborted(signal);
  if (run.exit === 0 && run.summary !== null) return run.summary;
  const reason = run.summary?.errors[0]?.message ?? run.stderr.trim().split('\n').at(-1) ?? '';
  throw new MillpondError('E_BUG', `The run of the demo ended with ${run.exit}: ${reason}`);
}
