import type { Command } from 'commander';
import { perform } from '../invocation.js';
import { addFilters, type FilterOptions, filtersOf } from '../options.js';

/** `millpond plan` */
export function addPlan(program: Command): void {
  const command = program
    .command('plan')
    .summary('show what a run would do, and what it costs')
    .description('Shows which slices a run would ask for, and why, without asking for any.')
    .argument('[pipeline...]', 'pipelines of the configuration, globs allowed; all without');
  addFilters(command)
    .option('--reload', 'as if everything were to be asked for again', false)
    .addHelpText(
      'after',
      `
Actions: request (a new job), resume (its job is pending), fill (landed already, a sink lacks it),
wait (another pipeline has asked for it), skip (the source does not have it).

Examples:
  $ millpond plan
  $ millpond plan ads_daily --from 2026-10-01 --reload
  $ millpond plan --json | jq .jobs`,
    )
    .action((pipelines: string[], options: FilterOptions & { reload: boolean }, self: Command) =>
      perform(self, async (invocation) => {
        const { output, flags } = invocation;
        const config = await invocation.config();
        const { planPipelines } = await import('../../pipelines/index.js');
        const plan = await planPipelines(
          { ...filtersOf(pipelines, options), config, reload: options.reload },
          await invocation.ctx(config),
        );
        if (flags.json) {
          const { slices, jobs, estimate_seconds } = plan;
          output.printJson({ slices, jobs, estimate_seconds });
        } else {
          const { planText } = await import('../render/plan.js');
          output.print(planText(plan, flags.verbose));
        }
        for (const note of plan.notes) output.note(`note: ${note}`);
        return 0;
      }),
    );
}
