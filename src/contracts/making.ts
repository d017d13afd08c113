import type { Json } from './ask.js';
import type { Ctx } from './ctx.js';

/**
 * What a source can be told to make, beside what can be read from it: snapshots of resources, which
 * stay for ever and are seen by every member of their engagement, and the snapshot jobs that make
 * them. Names and patterns are those of AWS Partner Central Selling, the only such source so far.
 */

/** The templates that AWS documents. */
export const SNAPSHOT_TEMPLATES = ['OpportunitySummaryView', 'AwsOpportunitySummaryFullView'] as const;

/** How what a user names must look, and the words for one that does not. */
export const SNAPSHOT_NAMES = {
  engagement: {
    pattern: /^eng-[0-9a-z]{14}$/,
    expected: 'expected an engagement such as eng-0123456789abcd: `eng-` and 14 small letters or digits',
  },
  resource: {
    pattern: /^O[0-9]{1,19}$/,
    expected: 'expected an opportunity such as O1234567: `O` and up to 19 digits',
  },
  template: {
    pattern: new RegExp(`^(?:${SNAPSHOT_TEMPLATES.join('|')})$`),
    expected: `unknown template; known are ${SNAPSHOT_TEMPLATES.join(' and ')}`,
  },
  clientToken: {
    pattern: /^[!-~]{1,255}$/,
    expected: 'expected a token of up to 255 printable characters without spaces',
  },
  job: {
    pattern: /^job-[0-9a-z]{13}$/,
    expected: 'expected a snapshot job such as job-0123456789abc: `job-` and 13 small letters or digits',
  },
  tagKey: {
    pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u,
    expected: 'expected a tag key of up to 128 letters, digits, spaces and _ . : / = + - @',
  },
  tagValue: {
    pattern: /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
    expected: 'expected a tag value of up to 256 letters, digits, spaces and _ . : / = + - @',
  },
} as const;

/** A snapshot that somebody wants: one resource, through one template, in one engagement. */
export interface SnapshotWanted {
  readonly engagement: string;
  readonly resource: string;
  readonly template: string;
  /** The user's own name for this one making; without it, each state of the resource is one. */
  readonly clientToken?: string;
}

/** A snapshot job that somebody wants. */
export interface SnapshotJobWanted extends SnapshotWanted {
  readonly tags: Readonly<Record<string, string>>;
}

/** A member of an engagement, who sees its snapshots. Both facts are marked sensitive: for eyes, not for logs. */
export interface EngagementMember {
  readonly accountId: string;
  readonly companyName: string;
}

/** Who sees what is made: the members of the engagement, the resource's owner alone, or why it cannot be told. */
export type Audience =
  | { readonly kind: 'members'; readonly members: readonly EngagementMember[] }
  | { readonly kind: 'owner' }
  | { readonly kind: 'unknown'; readonly why: string };

/** A revision that stands at the source. */
export interface SnapshotRevision {
  readonly revision: number;
  readonly arn: string;
  /** As the source prints it, to the nanosecond. */
  readonly createdAt: string;
}

/** What making a snapshot would come to, found by reading only. */
export interface SnapshotOutlook {
  /**
   * `make`: there would be a new revision. `unchanged`: the newest says what a new one would.
   * `recovered`: the same, and an earlier making that was cut short had asked for it.
   */
  readonly verdict: 'make' | 'unchanged' | 'recovered';
  /** Why, in a sentence for people. */
  readonly reason: string;
  readonly newest: SnapshotRevision | undefined;
}

/** How a making ended. */
export interface SnapshotMade {
  /** `made`: the source made it now. `recovered`: an earlier, cut-short making had made it. `unchanged`: nothing was asked for. */
  readonly outcome: 'made' | 'recovered' | 'unchanged';
  /** The newest revision now. */
  readonly revision: number;
  readonly arn: string;
  readonly reason: string;
  /** The token that the source knows the making by; undefined where none was asked for. */
  readonly clientToken: string | undefined;
}

/** A snapshot job as the source tells it; times as printed. */
export interface SnapshotJob {
  readonly id: string;
  readonly arn: string;
  readonly engagement: string;
  /** `Running`: it makes a revision whenever what the template shows changes. */
  readonly status: 'Running' | 'Stopped' | (string & {});
  /** What only a look at the one job tells, not a list. */
  readonly details?: {
    readonly resource: string;
    readonly template: string;
    readonly createdAt: string;
    readonly lastSuccess: string | null;
    /** The source's own words. */
    readonly lastFailure: string | null;
  };
}

/** How long and how often a job is looked after. */
export interface JobPatience {
  readonly deadlineMs: number;
  /** A success later than this instant ends the wait, whatever was seen before. */
  readonly since?: string;
  /** Called after each look that found nothing new. */
  onLook?(job: SnapshotJob): void;
}

/** The snapshot jobs of a connection. */
export interface SnapshotJobs {
  /**
   * Makes a job, stopped. `existing`: it stands already, whoever made it.
   * @throws MillpondError `E_RESOURCE_CONFLICT` where another one is in its way.
   */
  create(
    wanted: SnapshotJobWanted,
    ctx: Ctx,
  ): Promise<{ readonly job: SnapshotJob; readonly outcome: 'made' | 'existing' }>;
  start(id: string, ctx: Ctx): Promise<void>;
  stop(id: string, ctx: Ctx): Promise<void>;
  delete(id: string, ctx: Ctx): Promise<void>;
  get(id: string, ctx: Ctx): Promise<SnapshotJob>;
  list(
    filter: { readonly engagement?: string; readonly status?: 'Running' | 'Stopped' },
    ctx: Ctx,
  ): Promise<SnapshotJob[]>;
  /**
   * Looks until there is a success that is newer than when the job was started from here, or else
   * than at the first look. A wait that is cut short goes on with the next one.
   * @throws MillpondError `E_JOB_FAILED` with the source's words where there is a new failure;
   *   `E_JOB_WAITING` at the deadline; `E_INTERRUPTED`.
   */
  wait(id: string, patience: JobPatience, ctx: Ctx): Promise<SnapshotJob>;
}

/** Making through one open connection. Live. */
export interface Making {
  /** The dataset that reads what is made, and its scope: what a run does not read, it does not make. */
  readonly reads: { readonly dataset: string; readonly scope: string };
  /** Who sees a snapshot of this engagement, through this template. Never fails for want of a permission. */
  audience(wanted: Pick<SnapshotWanted, 'engagement' | 'template'>, ctx: Ctx): Promise<Audience>;
  /** What {@link create} would come to. Asks the source for nothing but what is there. */
  outlook(wanted: SnapshotWanted, ctx: Ctx): Promise<SnapshotOutlook>;
  /**
   * Makes a revision, unless the newest says the same. Its token is on disk before the source is
   * asked, so that the same making, after whatever crash, is never made twice.
   * @throws MillpondError as the source refuses.
   */
  create(wanted: SnapshotWanted, ctx: Ctx): Promise<SnapshotMade>;
  readonly jobs: SnapshotJobs;
}

/** What a connector that can make things says without a connection. */
export interface MakingRules {
  /** The key of a connection's settings that permissions are given by, as the user wrote it. */
  readonly scopeKey: string;
  /**
   * The least permissions for what is read and made, as the source's own policy document.
   * @param use.scope the value of {@link scopeKey}.
   */
  policy(use: {
    readonly scope: string;
    /** Names of datasets that are read. */
    readonly datasets: readonly string[];
    /** Templates of snapshots that pipelines make. */
    readonly templates: readonly string[];
    /** Also what the commands for single snapshots and jobs call. */
    readonly byHand: boolean;
  }): { readonly [key: string]: Json };
}
