import type { Command } from 'commander';
import { perform } from '../invocation.js';
import { addFilters, type FilterOptions, filtersOf } from '../options.js';

/** `millpond status` */
export function addStatus(program: Command): void {
  const command = program
    .command('status')
    .summary('show last runs, freshness, what is in flight, gaps')
    .description(
      'Shows the last runs, how fresh each dataset is, what is in flight, and what could not be had. Needs no secret and no network.',
    )
    .argument('[pipeline...]', 'pipelines of the configuration, globs allowed; all without');
  addFilters(command)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond status
  $ millpond status ads_daily --dataset "sp_*"
  $ millpond status --json | jq .gaps`,
    )
    .action((pipelines: string[], options: FilterOptions, self: Command) =>
      perform(self, async (invocation) => {
        const config = await invocation.config();
        const { pipelineStatus } = await import('../../pipelines/index.js');
        const status = await pipelineStatus({ ...filtersOf(pipelines, options), config }, await invocation.ctx(config));
        if (invocation.flags.json) invocation.output.printJson(status);
        else {
          const { statusText } = await import('../render/status.js');
          invocation.output.print(statusText(status, invocation.flags.verbose));
        }
        return 0;
      }),
    );
}
