import type { Command } from 'commander';
import { perform } from '../invocation.js';

/** `millpond demo` */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('a tour: load, kill, resume, query')
    .description(
      'Starts a sandbox, loads three weeks of Sponsored Products, Brands and Display of several profiles, kills the load in the middle, resumes it, compares the warehouse with what the sandbox knows to be true, and asks it a few questions. Needs no account; takes less than a minute.',
    )
    .option('--folder <folder>', 'where to put configuration, warehouse and lake', './millpond-demo')
    .option('--keep', 'keep what an earlier demo left in the folder, and go on from it', false)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond demo
  $ millpond demo --folder /tmp/pond`,
    )
    .action((options: { folder: string; keep: boolean }, command: Command) =>
      perform(command, async (invocation) => {
        const { runTour } = await import('../demo/tour.js');
        return runTour(options, invocation);
      }),
    );
}
