import { type Command, InvalidArgumentError } from 'commander';
import type { TourOptions } from '../demo/tour.js';
import { perform } from '../invocation.js';
import { count } from '../options.js';

/** `millpond demo` */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .summary('a tour: load, kill, resume, query')
    .description(
      'Starts a sandbox, loads two weeks of Sponsored Products, Brands and Display of several profiles and every snapshot of an AWS partner, kills the load in the middle, resumes it, compares the warehouse with what the sandbox knows to be true, lets a day go by, and asks a few questions. Needs no account; takes less than a minute.',
    )
    .option('--folder <folder>', 'where to put configuration, warehouse and lake', './millpond-demo')
    .option('--days <count>', 'days of reports to load', daysOfReports, 14)
    .option('--keep', 'keep what an earlier demo left in the folder, and go on from it', false)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond demo
  $ millpond demo --folder /tmp/pond --days 28`,
    )
    .action((options: TourOptions, command: Command) =>
      perform(command, async (invocation) => {
        const { runTour } = await import('../demo/tour.js');
        return runTour(options, invocation);
      }),
    );
}

/** Within what the source still keeps of reports. */
function daysOfReports(text: string): number {
  const days = count(text);
  if (days < 1 || days > 56) throw new InvalidArgumentError('Write a number from 1 to 56.');
  return days;
}
