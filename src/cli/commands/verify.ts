import type { Command } from 'commander';
import type { RunEvent } from '../../pipelines/events.js';
import { perform } from '../invocation.js';
import { addFilters, duration, type FilterOptions, filtersOf } from '../options.js';
import type { Output } from '../output.js';

interface Options extends FilterOptions {
  readonly repair: boolean;
  readonly lockWait?: number;
}

/** `millpond verify` */
export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .summary('hold what is committed against its files')
    .description(
      'Counts every committed slice anew, from its file in the landing folder and from each sink: rows, rejects, exact sums of metrics, checksums of keys and of whole rows. Names every difference, and exits 1 where there is one. Asks no source; needs no secret and no network. A run of the same pipeline waits meanwhile.',
    )
    .argument('[pipeline...]', 'pipelines of the configuration, globs allowed; all without');
  addFilters(command)
    .option('--repair', 'replay what differs from its files, and look again; exit 0 where all is mended', false)
    .option('--lock-wait <duration>', 'how long to wait for another holder of a sink', duration)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond verify
  $ millpond verify ads_daily --dataset "sp_*" --from 2026-10-01
  $ millpond verify --repair
  $ millpond verify --json | jq .differences`,
    )
    .action((pipelines: string[], options: Options, self: Command) =>
      perform(self, async (invocation) => {
        const { output, flags } = invocation;
        const config = await invocation.config();
        const { verifyPipelines } = await import('../../pipelines/index.js');
        const how = {
          config,
          repair: options.repair,
          parent: invocation.parent,
          onEvent: (event: RunEvent) => tell(event, output),
          lockWaitMs: options.lockWait,
        };
        const ctx = await invocation.ctx(config);
        const { report, exit } = await verifyPipelines({ ...filtersOf(pipelines, options), ...how }, ctx);
        if (flags.json) {
          output.printJson(report);
          return exit;
        }
        const { differenceLines, verdictLines } = await import('../render/verify.js');
        for (const line of differenceLines(report)) output.print(line);
        for (const line of verdictLines(report, options.repair)) output.note(line);
        return exit;
      }),
    );
}

/** What somebody who waits should know. */
function tell(event: RunEvent, output: Output): void {
  if (event.type === 'lock_wait') output.note(`${event.what} is busy (pid ${event.pid}); waiting`);
  if (event.type === 'planned') output.note(`replaying ${event.slices} slices of ${event.pipeline}`);
}
