import { type Command, InvalidArgumentError } from 'commander';
import { duration } from '../../options.js';
import { jobLines, jobReport } from '../../render/making.js';
import { addConnection, type ConnectionOption, named } from './options.js';
import { performReading } from './writing.js';

interface Options extends ConnectionOption {
  readonly deadline: number;
  readonly since?: string;
}

const HALF_AN_HOUR_MS = 30 * 60_000;

/** `millpond partner-central job wait` */
export function addWait(job: Command): void {
  const command = job
    .command('wait')
    .summary('wait for a job to do something new')
    .description(
      "Looks at a job until it has a success (exit 0) or a failure (exit 1, in the service's own words) that is new: since `job start`, else since the wait began. At the deadline it ends with 75; called again, it goes on where it was.",
    )
    .argument('<job>', 'the job, job-…', named('job'))
    .option('--deadline <duration>', 'how long to wait (default: 30m)', duration, HALF_AN_HOUR_MS)
    .option('--since <instant>', 'count a success after this instant, such as 2026-10-01T06:15:00Z', instant);
  addConnection(command)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond partner-central job wait job-0123456789abc --deadline 10m
  $ millpond partner-central job start job-0123456789abc --yes && \\
      millpond partner-central job wait job-0123456789abc`,
    )
    .action((id: string, { deadline, since, ...options }: Options, self: Command) =>
      performReading(self, options, async ({ making }, { output, flags }, ctx) => {
        let told = false;
        const patience = {
          deadlineMs: deadline,
          ...(since === undefined ? {} : { since }),
          onLook: ({ status }: { readonly status: string }): void => {
            if (told) return;
            told = true;
            output.note(`Waiting for ${id} (${status}).`);
            if (status === 'Stopped') output.note('A stopped job does nothing until it is started.');
          },
        };
        const done = await making.jobs.wait(id, patience, ctx);
        if (flags.json) output.printJson({ outcome: 'succeeded', ...jobReport(done) });
        else for (const line of jobLines(done)) output.print(line);
        return 0;
      }),
    );
}

function instant(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('Write an instant such as 2026-10-01T06:15:00Z.');
  }
  return text;
}
