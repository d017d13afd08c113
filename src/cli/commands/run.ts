import type { Command } from 'commander';
import { addFilters, duration, type FilterOptions, filtersOf } from '../options.js';
import { performRun } from '../run-like.js';

interface Options extends FilterOptions {
  readonly reload: boolean;
  readonly allowShrink: boolean;
  readonly wait: boolean;
  readonly lockWait?: number;
  readonly skipExitCode: boolean;
}

/** What a scheduler shows as a skip. */
const NOTHING_TO_DO = 99;

/** `millpond run` */
export function addRun(program: Command): void {
  const command = program
    .command('run')
    .summary('load what is missing or due')
    .description(
      'Asks the source for what is missing or due, waits for its jobs, and commits slice by slice. What a run before left pending is resumed, never asked for twice.',
    )
    .argument('[pipeline...]', 'pipelines of the configuration, globs allowed; all without');
  addFilters(command)
    .option('--reload', 'ask again also for what is committed and not due', false)
    .option('--allow-shrink', 'take also what `shrink` would keep out', false)
    .option('--no-wait', 'request, commit what is ready, and end')
    .option('--lock-wait <duration>', 'how long to wait for another holder of a sink', duration)
    .option('--skip-exit-code', 'exit 99 where there is nothing to do', false)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond run                                     everything that is missing or due
  $ millpond run ads_daily --dataset "sp_*"          one pipeline, some of its datasets
  $ millpond run --from 2026-10-01 --to 2026-10-07   only these days
  $ millpond run --slice sp_campaigns_report_v2:111:2026-10-01 --reload
  $ millpond run --json | tail -1                    the summary, for a scheduler`,
    )
    .action((pipelines: string[], options: Options, self: Command) =>
      performRun(
        self,
        async ({ config, ctx, parent, onEvent }) => {
          const { runPipelines } = await import('../../pipelines/index.js');
          const { reload, allowShrink, wait, lockWait: lockWaitMs } = options;
          const how = { config, reload, allowShrink, noWait: !wait, lockWaitMs, parent, onEvent };
          return runPipelines({ ...filtersOf(pipelines, options), ...how, trigger: 'manual' }, ctx);
        },
        ({ summary, exit }) => (options.skipExitCode && summary.status === 'nothing_to_do' ? NOTHING_TO_DO : exit),
      ),
    );
}
