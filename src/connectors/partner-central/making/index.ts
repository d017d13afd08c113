import { MillpondError } from '../../../base/errors.js';
import type { Audience, Ctx, EngagementMember, Making, MakingRules } from '../../../contracts/index.js';
import type { Caller } from '../caller.js';
import { JobMarks } from './job-marks.js';
import { snapshotJobs } from './jobs.js';
import { textOf } from './look.js';
import { policy } from './policy.js';
import { MakingRecords } from './records.js';
import { createSnapshot, outlook } from './snapshots.js';

/** What the connector says about making without a connection. */
export const makingRules: MakingRules = { scopeKey: 'catalog', policy };

/**
 * Making through one connection. Asks nothing yet.
 * @param folder where its records are kept.
 */
export function openMaking(caller: Caller, folder: string): Making {
  const records = new MakingRecords(folder);
  return {
    reads: { dataset: 'resource_snapshots', scope: caller.catalog },
    audience: (wanted, ctx) => audienceOf(caller, wanted, ctx),
    outlook: (wanted, ctx) => outlook(caller, records, wanted, ctx),
    create: (wanted, ctx) => createSnapshot(caller, records, wanted, ctx),
    jobs: snapshotJobs(caller, records, new JobMarks(folder)),
  };
}

/** AWS shows its full view of an opportunity to the opportunity's owner alone. */
const FOR_OWNERS = 'AwsOpportunitySummaryFullView';

async function audienceOf(
  caller: Caller,
  { engagement, template }: { readonly engagement: string; readonly template: string },
  ctx: Ctx,
): Promise<Audience> {
  if (template === FOR_OWNERS) return { kind: 'owner' };
  const members: EngagementMember[] = [];
  try {
    for await (const text of caller.items('ListEngagementMembers', { Identifier: engagement }, ctx)) {
      const { AccountId, CompanyName } = JSON.parse(text) as Record<string, unknown>;
      members.push({ accountId: textOf(AccountId), companyName: textOf(CompanyName) });
    }
  } catch (error) {
    if (!(error instanceof MillpondError) || (error.class !== 'auth' && error.class !== 'source')) throw error;
    return { kind: 'unknown', why: `${error.message} ${error.hint}` };
  }
  return { kind: 'members', members };
}
