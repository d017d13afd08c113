import type { Command } from 'commander';
import { perform } from '../invocation.js';
import { duration } from '../options.js';

interface Options {
  readonly to: string;
  readonly force: boolean;
  readonly sink?: string;
  readonly lockWait?: number;
}

/** `millpond export` */
export function addExport(program: Command): void {
  program
    .command('export')
    .summary('write the rows of a query to a file')
    .description(
      'Runs one reading statement and writes its rows to one file, whole or not at all. The ending says how.',
    )
    .argument('<query>', 'SQL as DuckDB speaks it; - reads it from stdin')
    .requiredOption('--to <file>', 'FILE.csv, FILE.json, FILE.ndjson or FILE.parquet')
    .option('--force', 'overwrite a file that is there', false)
    .option('--sink <name>', 'another sink of the configuration')
    .option('--lock-wait <duration>', 'how long to wait for a commit (default: the lock_wait of the sink)', duration)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond export "FROM sp_campaigns_report_v2" --to campaigns.parquet
  $ millpond export "FROM profiles" --to profiles.csv --force`,
    )
    .action((query: string, options: Options, self: Command) =>
      perform(self, async (invocation) => {
        const { output, flags } = invocation;
        const config = await invocation.config();
        const { chooseTarget, exportQuery } = await import('../../queries/index.js');
        const { readStdin, waitNote } = await import('../query-input.js');
        const { formatBytes } = await import('../../base/units.js');
        const { plural } = await import('../render/summary.js');
        const target = chooseTarget(config, options.sink);
        const done = await exportQuery(
          query === '-' ? await readStdin() : query,
          { file: options.to, force: options.force },
          {
            ...target,
            lockWaitMs: options.lockWait ?? target.lockWaitMs,
            ctx: await invocation.ctx(config),
            onWait: waitNote(target.target.path, output),
          },
        );
        if (flags.json) output.printJson(done);
        else output.print(`Wrote ${done.file}: ${plural(done.rows, 'row')}, ${formatBytes(done.bytes)}`);
        return 0;
      }),
    );
}
