import { once } from 'node:events';
import type { Command } from 'commander';
import { perform } from '../invocation.js';
import { count, seconds } from '../options.js';

interface Options {
  readonly port: number;
  readonly downloadPort?: number;
  readonly partnerCentralPort?: number;
  readonly seed?: number;
  readonly profiles?: number;
  readonly days?: number;
  readonly rows?: number;
  readonly jobSeconds?: number;
  readonly linkSeconds?: number;
  readonly tokenSeconds?: number;
  readonly requestsPerSecond?: number;
  readonly engagements?: number;
  readonly opportunities?: number;
  readonly snapshots?: number;
}

/** Where `init --sandbox` looks for it. */
const USUAL_PORT = 8701;

/** `millpond sandbox` */
export function addSandbox(program: Command): void {
  program
    .command('sandbox')
    .summary('an offline double of every source, of your own')
    .description(
      'Plays Amazon Ads on this machine (login, profiles, snapshots, reports and the storage its links lead to), and AWS Partner Central beside it, with made-up data that are the same for the same seed. Runs until Ctrl-C.',
    )
    .option('--port <port>', 'API and login', count, USUAL_PORT)
    .option('--download-port <port>', 'the storage that links lead to (default: the port after the API’s)', count)
    .option('--partner-central-port <port>', 'AWS Partner Central (default: the second port after the API’s)', count)
    .option('--seed <number>', 'what all data come from', count)
    .option('--profiles <count>', 'how many profiles', count)
    .option('--days <count>', 'how many days have data', count)
    .option('--rows <count>', 'rows of a report, roughly', count)
    .option('--job-seconds <seconds>', 'how long a job takes, at least', seconds)
    .option('--link-seconds <seconds>', 'how long a link lives', seconds)
    .option('--token-seconds <seconds>', 'how long a login lives', seconds)
    .option('--requests-per-second <count>', 'answer more than that with 429', count)
    .option('--engagements <count>', 'Partner Central: how many engagements', count)
    .option('--opportunities <count>', 'Partner Central: how many opportunities', count)
    .option('--snapshots <count>', 'Partner Central: how many snapshot revisions, in all', count)
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
        const { engagements, opportunities, snapshots, ...rest } = options;
        // Nothing that fails for good: the first run of a newcomer should end well.
        const partnerCentral = { engagements, opportunities, snapshots, deniedMembers: false };
        const sandbox = await startSandbox({ ...rest, partnerCentral }).catch((error: unknown) => {
          const code = systemCode(error);
          if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
          throw new MillpondError('E_USAGE', `The sandbox cannot listen: ${messageOf(error)}`, {
            hint: 'Another one may be running; choose other ports with --port, --download-port and --partner-central-port.',
          });
        });
        const { apiUrl, tokenUrl, downloadHost, partnerCentralUrl, profiles } = sandbox;
        const [partner] = sandbox.partnerCentral.accounts;
        if (flags.json) {
          output.printJson({ apiUrl, tokenUrl, downloadHost, partnerCentralUrl, profiles: profiles.length });
        } else {
          output.print(`Amazon Ads answers at ${apiUrl} and ${downloadHost}, with ${profiles.length} profiles.`);
          output.print(
            `AWS Partner Central answers at ${partnerCentralUrl}. Its keys are public, and open nothing else:`,
          );
          output.print(`  export AWS_ACCESS_KEY_ID=${partner.accessKeyId}`);
          output.print(`  export AWS_SECRET_ACCESS_KEY=${partner.secretAccessKey}`);
          output.print('In another terminal:');
          for (const line of ['init --sandbox', 'check', 'run', 'sql "FROM profiles"', 'status']) {
            output.print(`  millpond ${line}`);
          }
          if (options.port !== USUAL_PORT) {
            output.print('and in the millpond.yaml that init writes, these endpoints:');
            output.print(`  endpoints: { api: "${apiUrl}", token: "${tokenUrl}" }`);
            output.print(`  download_hosts: ["${downloadHost}"]`);
            output.print(`  endpoint: ${partnerCentralUrl}    # of Partner Central`);
          }
          output.note('Ctrl-C stops it.');
        }
        if (!signal.aborted) await once(signal, 'abort');
        await sandbox.close();
        return 0;
      }),
    );
}
