import cron from 'node-cron';
import { throwIfAborted } from '../base/retry.js';
import type { PipelineConfig } from '../config/types.js';
import type { Ctx } from '../contracts/index.js';
import type { ScheduleOptions } from './index.js';
import { runPipeline } from './run.js';

/** When a schedule fires next; undefined for a date that never comes. */
export function nextRun(schedule: NonNullable<PipelineConfig['schedule']>): Date | undefined {
  // Only a started task knows its next run; this one is gone before it comes.
  const task = cron.schedule(schedule.cron, () => {}, { timezone: schedule.timezone });
  try {
    return task.getNextRun() ?? undefined;
  } finally {
    void task.destroy();
  }
}

/**
 * Runs the cron-defined pipelines, each in its zone, until the signal aborts. A pipeline never
 * runs beside itself: what falls due meanwhile is left out, and the next run makes up for it,
 * because it plans by what is missing and not by the clock.
 */
export async function keepSchedule(
  pipelines: readonly PipelineConfig[],
  options: ScheduleOptions,
  ctx: Ctx,
): Promise<void> {
  const running = new Map<string, Promise<void>>();
  const tasks = pipelines.map((pipeline) =>
    cron.schedule(
      pipeline.schedule!.cron,
      () => {
        if (running.has(pipeline.name) || ctx.signal.aborted) return;
        const run = runPipeline(
          pipeline,
          { ...options, reload: false, noWait: false, trigger: 'schedule', parent: null },
          ctx,
        )
          .then((result) => options.onResult(pipeline.name, result))
          .finally(() => running.delete(pipeline.name));
        running.set(pipeline.name, run);
      },
      { timezone: pipeline.schedule!.timezone, name: pipeline.name, noOverlap: true },
    ),
  );
  try {
    await new Promise<void>((resolve) => {
      if (ctx.signal.aborted) resolve();
      ctx.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    for (const task of tasks) await task.destroy();
    await Promise.all(running.values());
  }
  throwIfAborted(ctx.signal);
}
