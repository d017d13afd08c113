import type { Command } from 'commander';
import { perform } from '../../invocation.js';
import { collect } from '../../options.js';

interface Options {
  readonly connection: readonly string[];
  readonly byHand: boolean;
}

/** `millpond partner-central policy` */
export function addPolicy(group: Command): void {
  group
    .command('policy')
    .summary('print the least IAM policy')
    .description(
      'Prints the least IAM policy for what the configuration reads and makes, as JSON: the actions, the resources of the catalog, and the condition key that holds them to it. Asks nobody.',
    )
    .option('--connection <name>', 'only for this connection (repeats)', collect, [])
    .option('--by-hand', 'also for the commands of this group', false)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond partner-central policy > policy.json
  $ millpond partner-central policy --connection partners --by-hand`,
    )
    .action((options: Options, command: Command) =>
      perform(command, async ({ config, output, flags }) => {
        const { policiesOf } = await import('../../../pipelines/makers.js');
        const policies = policiesOf(await config(), options.connection, options);
        const statements = policies.flatMap(({ policy }) => policy.Statement as readonly unknown[]);
        const unique = [...new Map(statements.map((one) => [JSON.stringify(one), one])).values()];
        const policy = { ...policies[0]!.policy, Statement: unique };
        output.print(flags.json ? JSON.stringify(policy) : JSON.stringify(policy, null, 2));
        if (policies.length > 1) {
          output.note(
            `For ${policies.map(({ connection }) => connection).join(' and ')} together; --connection prints one alone.`,
          );
        }
        if (unique.length === 0) output.note('No pipeline reads or makes anything there.');
        return 0;
      }),
    );
}
