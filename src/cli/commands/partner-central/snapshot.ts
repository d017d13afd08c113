import type { Command } from 'commander';
import { MillpondError } from '../../../base/errors.js';
import type { SnapshotMade } from '../../../contracts/index.js';
import { audienceReport, audienceText } from '../../render/making.js';
import { addView, type ViewOptions } from './options.js';
import { announce, performWriting, type Work } from './writing.js';

/** `millpond partner-central snapshot` */
export function addSnapshot(group: Command): void {
  const snapshot = group
    .command('snapshot')
    .summary('make a snapshot')
    .description('Makes snapshots: copies of an opportunity that stay in an engagement for ever.');
  const create = snapshot
    .command('create')
    .summary('make a revision, unless the newest says the same')
    .description(
      'Makes a snapshot of an opportunity in an engagement, through a template, unless nothing has changed since the newest one. It can never be deleted, and all members keep seeing it. Run again after a crash, it is not made twice.',
    );
  addView(create)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond partner-central snapshot create --engagement eng-0123456789abcd --resource O1234567 \\
      --template OpportunitySummaryView --dry-run
  $ millpond partner-central snapshot create --engagement eng-0123456789abcd --resource O1234567 \\
      --template OpportunitySummaryView --yes --json`,
    )
    .action((options: ViewOptions, command: Command) => performWriting(command, options, createSnapshot(options)));
}

const createSnapshot =
  (options: ViewOptions): Work =>
  async ({ connection, making }, invocation, ctx) => {
    if (Object.keys(options.tag).length > 0) {
      throw new MillpondError('E_USAGE', 'A snapshot takes no tags at AWS', {
        hint: 'Leave --tag out; a snapshot job takes tags (`millpond partner-central job create`).',
      });
    }
    const { engagement, resource, template, clientToken } = options;
    const wanted = { engagement, resource, template, ...(clientToken === undefined ? {} : { clientToken }) };
    const { verdict, reason, newest } = await making.outlook(wanted, ctx);
    const catalog = making.reads.scope;
    const view = { connection, catalog, engagement, resource, template };
    if (verdict !== 'make') {
      const { output, flags } = invocation;
      const stands = { revision: newest?.revision ?? null, arn: newest?.arn ?? null };
      if (flags.json) output.printJson({ ...view, outcome: verdict, reason, ...stands, dry_run: options.dryRun });
      else output.print(`Nothing to make of ${resource} in ${engagement}: ${reason}.`);
      return 0;
    }
    const audience = await making.audience(wanted, ctx);
    const announcement = {
      lines: [
        `Makes a snapshot of ${resource} in ${engagement} through ${template} (catalog ${catalog}, connection ${connection}): ${reason}.`,
        `It can never be deleted, and will be seen by ${audienceText(audience)}.`,
      ],
      report: { ...view, outcome: 'would_make', reason, ...audienceReport(audience) },
    };
    return announce(announcement, options, invocation, async () => done(await making.create(wanted, ctx)));
  };

function done({ outcome, revision, arn, reason, clientToken }: SnapshotMade) {
  const words = { made: 'Made', recovered: 'Found made before:', unchanged: 'Nothing was made; there is' };
  return {
    lines: [`${words[outcome]} revision ${revision}, ${arn}`],
    report: { outcome, revision, arn, reason, client_token: clientToken ?? null },
  };
}
