import type { Command } from 'commander';
import { perform } from '../invocation.js';

/** `millpond init` */
export function addInit(program: Command): void {
  program
    .command('init')
    .summary('write a commented millpond.yaml')
    .description('Writes a commented configuration to start from.')
    .option('--sandbox', 'one that runs at once, against `millpond sandbox`', false)
    .option('--force', 'overwrite a file that is there', false)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond init                        ./millpond.yaml, to be filled in
  $ millpond init --sandbox              for a first try, without an account
  $ millpond --config ads.yaml init      another file`,
    )
    .action((options: { sandbox: boolean; force: boolean }, command: Command) =>
      perform(command, async ({ flags, output }) => {
        const { exampleYaml } = await import('../../config/index.js');
        const { createFileAtomic, writeFileAtomic } = await import('../../base/files.js');
        const { MillpondError } = await import('../../base/errors.js');
        const text = exampleYaml({ sandbox: options.sandbox, file: flags.config });
        if (options.force) await writeFileAtomic(flags.config, text);
        else if (!(await createFileAtomic(flags.config, text))) {
          throw new MillpondError('E_USAGE', `${flags.config} is there already`, {
            hint: 'Overwrite it with --force, or name another file with --config.',
          });
        }
        if (flags.json) output.printJson({ file: flags.config });
        else output.print(`Wrote ${flags.config}`);
        output.note(
          options.sandbox
            ? 'Next: `millpond sandbox` in another terminal, then `millpond check` and `millpond run` here.'
            : 'Next: put your credentials where it says, then `millpond check`.',
        );
        return 0;
      }),
    );
}
