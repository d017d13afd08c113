import type { Command } from 'commander';
import { duration } from '../options.js';
import { performRun } from '../run-like.js';

interface Options {
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  readonly asOf?: string;
  readonly pipeline?: string;
  readonly connection?: string;
  readonly lockWait?: number;
}

/** `millpond import` */
export function addImport(program: Command): void {
  program
    .command('import')
    .summary('take stored files into the same tables')
    .description(
      'Takes files that somebody stored (snapshots, reports; gzip or plain, a JSON array or an object a line) into the tables of their dataset, the same way as if the source had sent them today. Also for datasets that were switched off. Asks no source; needs no secret and no network.',
    )
    .argument('<file...>', 'files; several of one slice make it together')
    .requiredOption('-d, --dataset <name>', 'what they are, as `millpond datasets` names it')
    .requiredOption('-s, --scope <id>', 'whose they are: a profile, a catalog')
    .requiredOption('--slice <slice>', 'a day, or DAY/PART; {date} and {part} are read from each name')
    .option('--as-of <instant>', 'when the source was asked (default: when the file was last written)')
    .option('--pipeline <name>', 'whose sinks and policy hold, where several could')
    .option('--connection <name>', 'which connection it counts for, where several could')
    .option('--lock-wait <duration>', 'how long to wait for another holder of a sink', duration)
    .addHelpText(
      'after',
      `
What is held as of a later instant stays, and is told. Files land as copies; yours stay where they are.

Examples:
  $ millpond import old/campaigns.json.gz -d sp_campaigns_snapshot -s 111 --slice 2024-11-30
  $ millpond import reports/*.json.gz -d sp_campaigns_report_v2 -s 111 --slice "{date}"
  $ millpond import sd/*.gz -d sd_campaigns_report_v2 -s 111 --slice "{date}/{part}" --as-of 2024-10-31T00:00:00Z`,
    )
    .action((files: string[], options: Options, self: Command) =>
      performRun(self, async ({ config, ctx, parent, onEvent }) => {
        const { importFiles } = await import('../../pipelines/index.js');
        const { lockWait: lockWaitMs, ...wanted } = options;
        return importFiles({ ...wanted, lockWaitMs, files, config, parent, onEvent }, ctx);
      }),
    );
}
