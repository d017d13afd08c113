import type { Command } from 'commander';
import { perform } from '../invocation.js';

/** Exit code after Ctrl-C or SIGTERM. */
const INTERRUPTED = 130;

/** `millpond schedule` */
export function addSchedule(program: Command): void {
  program
    .command('schedule')
    .summary('run pipelines by their cron lines, until stopped')
    .description(
      'Runs each pipeline that has a `schedule` at its times, in its zone, never one beside itself, until Ctrl-C or SIGTERM.',
    )
    .argument('[pipeline...]', 'pipelines of the configuration, globs allowed; all without')
    .addHelpText(
      'after',
      `
Examples:
  $ millpond schedule
  $ millpond schedule ads_daily --json >> millpond.log`,
    )
    .action((pipelines: string[], _options: unknown, self: Command) =>
      perform(self, async (invocation) => {
        const { output, flags } = invocation;
        const config = await invocation.config();
        const { schedulePipelines } = await import('../../pipelines/index.js');
        const { jsonView, plainView } = await import('../render/run-view.js');
        const { summaryLine, summaryLines } = await import('../render/summary.js');
        const view = flags.json ? jsonView(output) : plainView(output);
        const stopped = schedulePipelines(
          {
            pipelines,
            datasets: [],
            scopes: [],
            slices: [],
            config,
            onEvent: view.onEvent,
            onResult(pipeline, { summary }) {
              if (flags.json) output.print(summaryLine(summary));
              else for (const line of summaryLines(summary)) output.note(`${pipeline}: ${line}`);
            },
          },
          await invocation.ctx(config),
        );
        // To be stopped is how it ends; anything else is an error.
        await stopped.catch((error: unknown) => {
          if (!invocation.signal.aborted) throw error;
        });
        output.note('Stopped; what was under way is resumed by the next run.');
        return INTERRUPTED;
      }),
    );
}
