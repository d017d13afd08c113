import type { Command } from 'commander';
import { perform } from '../invocation.js';
import { collect, count, day } from '../options.js';
import type { RejectFilters } from '../rejects-query.js';

interface Options extends RejectFilters {
  readonly limit: number;
  readonly samples: number;
  readonly sink?: string;
}

/** `millpond rejects` */
export function addRejects(program: Command): void {
  program
    .command('rejects')
    .summary('show rows that could not be typed, and why')
    .description(
      'Shows the rows that could not be typed, by dataset, slice and reason, with samples of their raw text.',
    )
    .option('-d, --dataset <glob>', 'only these datasets (repeats)', collect, [])
    .option('-s, --scope <glob>', 'only these profiles or catalogs (repeats)', collect, [])
    .option('--slice <glob>', 'only these slices, such as 2026-10-*, or DATASET:SCOPE:SLICE (repeats)', collect, [])
    .option('--reason <glob>', 'only what was rejected so, such as "cost:*" (repeats)', collect, [])
    .option('--from <day>', 'no day before this one', day)
    .option('--to <day>', 'no day after this one', day)
    .option('-n, --limit <count>', 'how many groups to show', count, 50)
    .option('--samples <count>', 'how many rows of each group to show', count, 3)
    .option('--sink <name>', 'another sink of the configuration')
    .addHelpText(
      'after',
      `
Examples:
  $ millpond rejects
  $ millpond rejects --dataset "sp_*" --slice "2026-10-*"
  $ millpond rejects --reason "newMetric:*" --samples 10
  $ millpond replay --dataset "sp_*"           commits them once they fit: after a change of \`types:\`
  $ millpond sql "SELECT raw FROM rejects LIMIT 5" --format json     every row of them`,
    )
    .action((options: Options, command: Command) =>
      perform(command, async (invocation) => {
        const { output, flags } = invocation;
        const config = await invocation.config();
        const { chooseTarget, queryRows } = await import('../../queries/index.js');
        const { waitNote } = await import('../query-input.js');
        const { rejectsQuery } = await import('../rejects-query.js');
        const { rejectsText } = await import('../render/rejects.js');
        const target = chooseTarget(config, options.sink);
        const groups = await queryRows<import('../rejects-query.js').RejectGroup>(rejectsQuery(options), {
          ...target,
          ctx: await invocation.ctx(config),
          onWait: waitNote(target.target.path, output),
        });
        if (flags.json) output.printJson(groups);
        else output.print(rejectsText(groups));
        return 0;
      }),
    );
}
