import { writeSync } from 'node:fs';
import type { Command } from 'commander';
import { MillpondError } from '../../base/errors.js';
import { perform } from '../invocation.js';
import { addFilters, duration, type FilterOptions, filtersOf } from '../options.js';
import { failedSummary, summaryLine } from '../render/summary.js';

interface Options extends FilterOptions {
  readonly reload: boolean;
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
      perform(
        self,
        async (invocation) => {
          const { output, flags } = invocation;
          const config = await invocation.config();
          const { runPipelines } = await import('../../pipelines/index.js');
          const { chooseView } = await import('../render/run-view.js');
          const { summaryLines } = await import('../render/summary.js');
          const ctx = await invocation.ctx(config);
          const view = chooseView(output, flags.quiet);
          try {
            const { summary, exit } = await runPipelines(
              {
                ...filtersOf(pipelines, options),
                config,
                reload: options.reload,
                noWait: !options.wait,
                ...(options.lockWait === undefined ? {} : { lockWaitMs: options.lockWait }),
                trigger: 'manual',
                parent: process.env.MILLPOND_PARENT ?? null,
                onEvent: view.onEvent,
              },
              { ...ctx, log: view.log(ctx.log) },
            );
            view.end();
            if (flags.json) output.print(summaryLine(summary));
            else for (const line of summaryLines(summary)) output.note(line);
            return options.skipExitCode && summary.status === 'nothing_to_do' ? NOTHING_TO_DO : exit;
          } finally {
            view.end();
          }
        },
        {
          onError: (error, output) => output.print(summaryLine(failedSummary(error))),
          lastWords: (output) => {
            if (output.json) writeSync(1, `${summaryLine(failedSummary(interrupted()))}\n`);
          },
        },
      ),
    );
}

function interrupted(): MillpondError {
  return new MillpondError('E_INTERRUPTED', 'Interrupted before the run could say what it did');
}
