import { once } from 'node:events';
import type { Command } from 'commander';
import { perform } from '../invocation.js';
import { count, seconds } from '../options.js';

interface Options {
  readonly port: number;
  readonly downloadPort?: number;
  readonly seed?: number;
  readonly profiles?: number;
  readonly days?: number;
  readonly rows?: number;
  readonly jobSeconds?: number;
  readonly linkSeconds?: number;
  readonly tokenSeconds?: number;
  readonly requestsPerSecond?: number;
}

/** Where `init --sandbox` looks for it. */
const USUAL_PORT = 8701;

/** `millpond sandbox` */
export function addSandbox(program: Command): void {
  program
    .command('sandbox')
    .summary('an offline Amazon Ads of your own')
    .description(
      'Plays Amazon Ads on this machine: login, profiles, snapshots, reports and the storage its links lead to, with made-up data that are the same for the same seed. Runs until Ctrl-C.',
    )
    .option('--port <port>', 'API and login', count, USUAL_PORT)
    .option('--download-port <port>', 'the storage that links lead to (default: the port after the API’s)', count)
    .option('--seed <number>', 'what all data come from', count)
    .option('--profiles <count>', 'how many profiles', count)
    .option('--days <count>', 'how many days have data', count)
    .option('--rows <count>', 'rows of a report, roughly', count)
    .option('--job-seconds <seconds>', 'how long a job takes, at least', seconds)
    .option('--link-seconds <seconds>', 'how long a link lives', seconds)
    .option('--token-seconds <seconds>', 'how long a login lives', seconds)
    .option('--requests-per-second <count>', 'answer more than that with 429', count)
    .addHelpText(
      'after',
      `
What it knows about itself stands at /_sandbox/: profiles, truth, jobs, requests, stats.

Examples:
  $ millpond sandbox
  $ millpond sandbox --profiles 20 --rows 5000 --job-seconds 5
  $ curl -s "http://127.0.0.1:8701/_sandbox/truth?dataset=sp_campaigns_report_v2"`,
    )
    .action((options: Options, command: Command) =>
      perform(command, async ({ flags, output, signal }) => {
        const { MillpondError, messageOf, systemCode } = await import('../../base/errors.js');
        const { startSandbox } = await import('../../sandbox/index.js');
        const sandbox = await startSandbox(options).catch((error: unknown) => {
          const code = systemCode(error);
          if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
          throw new MillpondError('E_USAGE', `The sandbox cannot listen: ${messageOf(error)}`, {
            hint: 'Another one may be running; choose other ports with --port and --download-port.',
          });
        });
        const { apiUrl, tokenUrl, downloadHost, profiles } = sandbox;
        if (flags.json) output.printJson({ apiUrl, tokenUrl, downloadHost, profiles: profiles.length });
        else {
          output.print(`The sandbox answers at ${apiUrl} and ${downloadHost}, with ${profiles.length} profiles.`);
          output.print('In another terminal:');
          for (const line of ['init --sandbox', 'check', 'run', 'sql "FROM profiles"', 'status']) {
            output.print(`  millpond ${line}`);
          }
          if (options.port !== USUAL_PORT) {
            output.print('and in the millpond.yaml that init writes, these endpoints:');
            output.print(`  endpoints: { api: "${apiUrl}", token: "${tokenUrl}" }`);
            output.print(`  download_hosts: ["${downloadHost}"]`);
          }
          output.note('Ctrl-C stops it.');
        }
        if (!signal.aborted) await once(signal, 'abort');
        await sandbox.close();
        return 0;
      }),
    );
}
