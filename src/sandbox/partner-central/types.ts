/** Partner Central keeps two worlds apart: the real one, and one to try things in. */
export type Catalog = 'AWS' | 'Sandbox';

export const CATALOGS: readonly Catalog[] = ['AWS', 'Sandbox'];

/** Stages of an opportunity, in the service's order. */
export const STAGES = [
  'Prospect',
  'Qualified',
  'Technical Validation',
  'Business Validation',
  'Committed',
  'Launched',
  'Closed Lost',
] as const;

/** How AWS Partner Central is set up in a sandbox. Sizes count what the first account sees, per catalog. */
export interface PartnerCentralOptions {
  /** Engagements of the first account; the second has a quarter more of its own. Default 12. */
  readonly engagements?: number;
  /** Opportunities of the first account; the second has a quarter more of its own. Default 20. */
  readonly opportunities?: number;
  /** Snapshot revisions, over all views of those engagements, at the start. Default 120. */
  readonly snapshots?: number;
  /** Whether a list of snapshots has every revision, or only the newest of each view. Default true. */
  readonly listsEveryRevision?: boolean;
  /**
   * Whether some things cannot be had or are in no model: an engagement without snapshots, a
   * revision that is gone, opportunities that AWS knows nothing of yet, a template and payload
   * members that nobody knows. Default true.
   */
  readonly quirks?: boolean;
  /** Whether the members of one engagement may not be listed. Default: where there are quirks. */
  readonly deniedMembers?: boolean;
  /** How long an execution of a snapshot job takes. Default 0.2 seconds. */
  readonly jobSeconds?: number;
  readonly quotas?: QuotaOptions;
}

/** Calls that one account may make. AWS publishes those of `read` and `write`. */
export interface QuotaOptions {
  /** Of all operations of the group Read together. Default 10. */
  readonly readPerSecond?: number;
  /** Of all operations of the group Write together. Default 1. */
  readonly writePerSecond?: number;
  /** Of all operations without a published quota together. Default: no bound. */
  readonly otherPerSecond?: number;
  /** Within 24 hours, rolling. Default 100,000. */
  readonly readPerDay?: number;
  /** Within 24 hours, rolling. Default 10,000. */
  readonly writePerDay?: number;
}

/** A partner's AWS account, and the ways to act as it. Everything here is public: it opens nothing else. */
export interface PartnerAccount {
  /** Twelve digits; the second begins with zeros. */
  readonly accountId: string;
  readonly companyName: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** A role that STS hands out to any known key, for the external id. */
  readonly roleArn: string;
  readonly externalId: string;
}

/** All revisions of one resource, through one template, in one engagement. */
export interface ViewTruth {
  readonly catalog: Catalog;
  readonly engagementId: string;
  readonly resourceId: string;
  readonly template: string;
  /** Accounts of the sandbox that may see it. */
  readonly visibleTo: readonly string[];
  readonly revisions: readonly RevisionTruth[];
  /** Revisions that are listed, but cannot be had: asking for them is answered 404's way. */
  readonly gone: readonly number[];
}

export interface RevisionTruth {
  readonly revision: number;
  /** As GetResourceSnapshot prints it. */
  readonly createdAt: string;
  readonly createdBy: string;
  /** Of the payload's text as it is sent: compact, keys in alphabetical order, nulls spelt out. */
  readonly payloadSha256: string;
}

/** An opportunity as it stands. */
export interface OpportunityTruth {
  readonly catalog: Catalog;
  readonly id: string;
  readonly accountId: string;
  readonly lastModifiedDate: string;
  /** Of GetOpportunity's whole answer. */
  readonly sha256: string;
}

/** A snapshot job as it stands. */
export interface SnapshotJobTruth {
  readonly catalog: Catalog;
  readonly id: string;
  readonly accountId: string;
  readonly engagementId: string;
  readonly resourceId: string;
  readonly status: 'Running' | 'Stopped';
}

/** A revision that CreateResourceSnapshot made. */
export interface SnapshotMade {
  readonly catalog: Catalog;
  readonly accountId: string;
  readonly engagementId: string;
  readonly resourceId: string;
  readonly template: string;
  readonly revision: number;
  readonly clientToken: string;
}

/** What a {@link PartnerCentralSandbox} holds at a moment. */
export interface PartnerCentralTruth {
  /** ISO instant, sandbox time. */
  readonly asOf: string;
  readonly engagements: readonly {
    readonly catalog: Catalog;
    readonly id: string;
    readonly visibleTo: readonly string[];
    readonly members: readonly string[];
  }[];
  readonly views: readonly ViewTruth[];
  /** Sum of all revisions, without those that are gone. */
  readonly snapshots: number;
  /** Left out where one engagement is asked for. */
  readonly opportunities: readonly OpportunityTruth[];
  readonly jobs: readonly SnapshotJobTruth[];
  /** Every revision made on demand since the start. */
  readonly made: readonly SnapshotMade[];
}

/** Narrows a truth; absent means everything. */
export interface PartnerCentralFilter {
  readonly catalog?: Catalog;
  /** Only what this account may see. */
  readonly account?: string;
  readonly engagement?: string;
}

/** The part of a running sandbox that plays AWS Partner Central Selling and AWS STS. */
export interface PartnerCentralSandbox {
  /** `http://127.0.0.1:8703`: the `endpoint` of a connection. STS answers there too. */
  readonly url: string;
  /** Two partners: the first sees all that the options count, the second part of it and its own. */
  readonly accounts: readonly [PartnerAccount, PartnerAccount];
  truth(filter?: PartnerCentralFilter): PartnerCentralTruth;
  /** Calls that arrived, by operation, throttled and refused ones too; of one account or of all. */
  calls(account?: string): Readonly<Record<string, number>>;
}
