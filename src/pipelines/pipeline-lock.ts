import { MillpondError } from '../base/errors.js';
import { acquireLock } from '../base/process-lock.js';
import type { Config, PipelineConfig } from '../config/types.js';
import type { Landing } from './landing.js';

/** How to wait for a pipeline that another process has. */
export interface PipelineLockOptions {
  readonly config: Config;
  readonly lockWaitMs?: number;
  readonly signal: AbortSignal;
  onWait(pid: string): void;
}

/**
 * One process at a time works on a pipeline, whichever it is.
 * @returns what gives it free again.
 * @throws MillpondError `E_LOCKED` naming the holder's pid, `E_INTERRUPTED`.
 */
export async function lockPipeline(
  landing: Landing,
  pipeline: PipelineConfig,
  { config, lockWaitMs, signal, onWait }: PipelineLockOptions,
): Promise<() => void> {
  const waits = pipeline.sinks.map((name) => config.sinks[name]!.lockWaitMs);
  const waitMs = lockWaitMs ?? Math.max(...waits);
  const lock = await acquireLock(landing.lock(pipeline.name), { waitMs, signal, onWait }).catch((error: unknown) => {
    if (!(error instanceof MillpondError) || error.code !== 'E_LOCKED') throw error;
    throw new MillpondError(
      'E_LOCKED',
      `Pipeline ${pipeline.name} is being run by another process (pid ${error.at.pid})`,
    );
  });
  return () => lock.release();
}
