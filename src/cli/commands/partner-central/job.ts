import { type Command, Option } from 'commander';
import type { Ctx, Making, SnapshotJob } from '../../../contracts/index.js';
import { audienceReport, audienceText, jobLines, jobReport } from '../../render/making.js';
import {
  addConnection,
  addView,
  addWrite,
  type ConnectionOption,
  named,
  type ViewOptions,
  type WriteOptions,
} from './options.js';
import { addWait } from './wait.js';
import { announce, performReading, performWriting } from './writing.js';

/** `millpond partner-central job` */
export function addJob(group: Command): void {
  const job = group
    .command('job')
    .summary('make, arm and watch snapshot jobs')
    .description(
      "Snapshot jobs are AWS's own: while one is Running, AWS makes a snapshot whenever what its template shows of the opportunity changes.",
    );
  addCreate(job);
  for (const change of CHANGES) addChange(job, change);
  addGet(job);
  addList(job);
  addWait(job);
}

function addCreate(job: Command): void {
  const create = job
    .command('create')
    .summary('make a job, stopped')
    .description(
      'Makes a snapshot job. It is stopped until it is started. Run again after a crash, it is not made twice.',
    );
  addView(create)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond partner-central job create --engagement eng-0123456789abcd --resource O1234567 \\
      --template OpportunitySummaryView --tag team=sales --yes`,
    )
    .action((options: ViewOptions, command: Command) =>
      performWriting(command, options, async ({ connection, making }, invocation, ctx) => {
        const { engagement, resource, template, clientToken, tag: tags } = options;
        const wanted = { engagement, resource, template, tags, ...(clientToken === undefined ? {} : { clientToken }) };
        const audience = await making.audience(wanted, ctx);
        const catalog = making.reads.scope;
        const announcement = {
          lines: [
            `Makes a snapshot job of ${resource} in ${engagement} through ${template} (catalog ${catalog}, connection ${connection}), stopped.`,
            `The snapshots that it will make once it is started can never be deleted, and will be seen by ${audienceText(audience)}.`,
          ],
          report: {
            connection,
            catalog,
            engagement,
            resource,
            template,
            tags,
            outcome: 'would_make',
            ...audienceReport(audience),
          },
        };
        return announce(announcement, options, invocation, async () => {
          const { job, outcome } = await making.jobs.create(wanted, ctx);
          const word = outcome === 'made' ? 'Made' : 'There already:';
          return { lines: [`${word} ${job.id} (${job.status}), ${job.arn}`], report: { outcome, ...jobReport(job) } };
        });
      }),
    );
}

/** A command that changes a job that is there. */
interface Change {
  readonly name: 'start' | 'stop' | 'delete';
  readonly summary: string;
  readonly done: string;
  /** What it will do, for people. */
  lines(job: SnapshotJob, seenBy: () => Promise<string>): Promise<readonly string[]>;
}

const what = ({ details, engagement }: SnapshotJob) =>
  `${details?.resource} in ${engagement} through ${details?.template}`;

const CHANGES: readonly Change[] = [
  {
    name: 'start',
    summary: 'arm a job',
    done: 'Started',
    lines: async (job, seenBy) => [
      `Starts ${job.id} (now ${job.status}): from then on AWS makes a snapshot of ${what(job)} whenever it changes.`,
      `They can never be deleted, and will be seen by ${await seenBy()}.`,
    ],
  },
  {
    name: 'stop',
    summary: 'disarm a job',
    done: 'Stopped',
    lines: async (job) => [
      `Stops ${job.id} (now ${job.status}): AWS makes no more snapshots of ${what(job)} until it is started again.`,
      'Those that it has made stay.',
    ],
  },
  {
    name: 'delete',
    summary: 'delete a stopped job',
    done: 'Deleted',
    lines: async (job) => [
      `Deletes ${job.id} (now ${job.status}), which makes snapshots of ${what(job)}.`,
      'Those that it has made stay.',
    ],
  },
];

function addChange(job: Command, change: Change): void {
  const command = job
    .command(change.name)
    .summary(change.summary)
    .description(`${capital(change.summary)}.`);
  addWrite(withJob(command)).action((id: string, options: WriteOptions, self: Command) =>
    performWriting(self, options, async ({ connection, making }, invocation, ctx) => {
      const standing = await making.jobs.get(id, ctx);
      const seenBy = async () => audienceText(await making.audience(viewOf(standing), ctx));
      const announcement = {
        lines: await change.lines(standing, seenBy),
        report: { connection, catalog: making.reads.scope, action: change.name, ...jobReport(standing) },
      };
      return announce(announcement, options, invocation, async () => {
        await making.jobs[change.name](id, ctx);
        return { lines: [`${change.done} ${id}.`], report: await after(change, standing, making, ctx) };
      });
    }),
  );
}

async function after(change: Change, job: SnapshotJob, { jobs }: Making, ctx: Ctx) {
  const outcome = change.done.toLowerCase();
  return change.name === 'delete' ? { outcome, status: null } : { outcome, ...jobReport(await jobs.get(job.id, ctx)) };
}

const viewOf = ({ engagement, details }: SnapshotJob) => ({ engagement, template: details?.template ?? '' });

function addGet(job: Command): void {
  const command = job
    .command('get')
    .summary('show a job')
    .description('Shows a job: what it makes, and how its last executions ended.');
  addConnection(withJob(command)).action((id: string, options: ConnectionOption, self: Command) =>
    performReading(self, options, async ({ making }, { output, flags }, ctx) => {
      const found = await making.jobs.get(id, ctx);
      if (flags.json) output.printJson(jobReport(found));
      else for (const line of jobLines(found)) output.print(line);
      return 0;
    }),
  );
}

interface ListOptions extends ConnectionOption {
  readonly engagement?: string;
  readonly status?: 'Running' | 'Stopped';
}

function addList(job: Command): void {
  const command = job
    .command('list')
    .summary('list the jobs of the account')
    .description('Lists the jobs that the account of the connection owns, the newest first.')
    .option('--engagement <id>', 'only of this engagement', named('engagement'))
    .addOption(new Option('--status <status>', 'only these').choices(['Running', 'Stopped']));
  addConnection(command).action(({ connection, ...filter }: ListOptions, self: Command) =>
    performReading(self, connection === undefined ? {} : { connection }, async ({ making }, { output, flags }, ctx) => {
      const found = await making.jobs.list(filter, ctx);
      if (flags.json) output.printJson(found.map(jobReport));
      else for (const line of found.flatMap(jobLines)) output.print(line);
      if (found.length === 0) output.note('There is no such job.');
      return 0;
    }),
  );
}

export function withJob(command: Command): Command {
  return command.argument('<job>', 'the job, job-…', named('job'));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
