import { type Command, Option } from 'commander';
import { perform } from '../invocation.js';
import { duration } from '../options.js';

interface Options {
  readonly sink?: string;
  readonly format?: 'table' | 'json' | 'ndjson' | 'csv';
  readonly lockWait?: number;
}

/** `millpond sql` */
export function addSql(program: Command): void {
  program
    .command('sql')
    .summary('ask the warehouse')
    .description(
      'Runs one reading statement on the first DuckDB sink, or the Parquet lake. Nothing else can be reached: no file, no network, no setting. Needs no secret.',
    )
    .argument('<query>', 'SQL as DuckDB speaks it; - reads it from stdin')
    .option('--sink <name>', 'another sink of the configuration')
    .addOption(new Option('-f, --format <format>', 'how to answer').choices(['table', 'json', 'ndjson', 'csv']))
    .option('--lock-wait <duration>', 'how long to wait for a commit (default: the lock_wait of the sink)', duration)
    .addHelpText(
      'after',
      `
Tables are found without their schema: amazon_ads first, then millpond (slices, runs, rejects, gaps …).
In JSON, integers beyond 2^53 and decimals are strings, so that nothing is rounded.

Examples:
  $ millpond sql "SHOW ALL TABLES"
  $ millpond sql "SELECT report_date, sum(cost) FROM sp_campaigns_report_v2 GROUP BY ALL ORDER BY 1"
  $ millpond sql "FROM gaps" --format csv > gaps.csv
  $ millpond sql - --format ndjson < query.sql | jq .`,
    )
    .action((query: string, options: Options, self: Command) =>
      perform(self, async (invocation) => {
        const { output, flags } = invocation;
        const config = await invocation.config();
        const { chooseTarget, renderText, runQuery } = await import('../../queries/index.js');
        const { readStdin, waitNote } = await import('../query-input.js');
        const target = chooseTarget(config, options.sink);
        const format = options.format ?? (flags.json ? 'json' : 'table');
        await runQuery(
          query === '-' ? await readStdin() : query,
          {
            ...target,
            lockWaitMs: options.lockWait ?? target.lockWaitMs,
            ctx: await invocation.ctx(config),
            onWait: waitNote(target.target.path, output),
          },
          async (result) => {
            if (format === 'table') {
              const { printResult } = await import('../render/result.js');
              return printResult(result, output);
            }
            for await (const piece of renderText(result, format)) {
              if (output.readerGone) return;
              await output.data(piece.text);
            }
          },
        );
        return 0;
      }),
    );
}
