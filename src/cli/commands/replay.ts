import type { Command } from 'commander';
import { perform } from '../invocation.js';
import { addFilters, duration, type FilterOptions, filtersOf } from '../options.js';
import { performRun } from '../run-like.js';

interface Options extends FilterOptions {
  readonly lockWait?: number;
  readonly dryRun: boolean;
}

/** `millpond replay` */
export function addReplay(program: Command): void {
  const command = program
    .command('replay')
    .summary('commit kept files again, under today’s types and policy')
    .description(
      'Commits the files of the landing folder again, under today’s catalogue, `types:` and policy: what the sinks hold, what they have lost, and what failed. Rows that fit now move from the rejects into their tables. Asks no source; needs no secret and no network.',
    )
    .argument('[pipeline...]', 'pipelines of the configuration, globs allowed; all without');
  addFilters(command)
    .option('--dry-run', 'say which slices would be replayed, and change nothing', false)
    .option('--lock-wait <duration>', 'how long to wait for another holder of a sink', duration)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond replay --dataset sp_campaigns_report_v2     after a change of its \`types:\`
  $ millpond replay --slice "sp_*:111:2026-10-0*"        only these slices
  $ millpond replay --dry-run                            what is kept, and what no longer is
  $ millpond replay --json | tail -1                     the summary, as of \`millpond run\``,
    )
    .action((pipelines: string[], options: Options, self: Command) =>
      options.dryRun ? tellPlan(self, pipelines, options) : replay(self, pipelines, options),
    );
}

function replay(self: Command, pipelines: readonly string[], options: Options): Promise<void> {
  return performRun(self, async ({ config, ctx, parent, onEvent }) => {
    const { replayPipelines } = await import('../../pipelines/index.js');
    const how = { config, parent, onEvent, lockWaitMs: options.lockWait };
    return replayPipelines({ ...filtersOf(pipelines, options), ...how }, ctx);
  });
}

function tellPlan(self: Command, pipelines: readonly string[], options: Options): Promise<void> {
  return perform(self, async (invocation) => {
    const { output, flags } = invocation;
    const config = await invocation.config();
    const { planReplays } = await import('../../pipelines/index.js');
    const plan = await planReplays({ ...filtersOf(pipelines, options), config }, await invocation.ctx(config));
    if (flags.json) output.printJson(plan);
    else {
      const { replayText } = await import('../render/replay.js');
      output.print(replayText(plan, flags.verbose));
    }
    return 0;
  });
}
