import type { Fault } from './faults.js';
import type { PartnerCentralOptions, PartnerCentralSandbox } from './partner-central/types.js';

export type * from './partner-central/types.js';

/** Sponsored Products, Sponsored Brands (`hsa` in paths), Sponsored Display. */
export type Product = 'sp' | 'sb' | 'sd';

/** How a sandbox is set up. Everything has a default; the same options give the same data. */
export interface SandboxOptions {
  /** Port of the API and the token endpoint on 127.0.0.1; 0 (the default) takes a free one. */
  readonly port?: number;
  /** Port of the origin that plays S3; by default the one after `port`, or a free one. */
  readonly downloadPort?: number;
  /** Port of AWS Partner Central; by default the second one after `port`, or a free one. */
  readonly partnerCentralPort?: number;
  /** What all data and all chance come from. Default 1. */
  readonly seed?: number;
  /** How many profiles there are. Default 8: one of every kind. */
  readonly profiles?: number;
  /** How many days before the start have data; reports of earlier days are empty. Default 60. */
  readonly days?: number;
  /** Rows of a report or snapshot, roughly. Default 50. */
  readonly rows?: number;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly refreshToken?: string;
  /** How long a job stays IN_PROGRESS, at least. Default 0.2; Amazon: up to 15 minutes. */
  readonly jobSeconds?: number;
  /** Life of a presigned link. Default 30, as at Amazon. */
  readonly linkSeconds?: number;
  /** Life of an access token. Default 3600, as at Amazon. */
  readonly tokenSeconds?: number;
  /** More calls a second than this are answered 429. Default: no bound. */
  readonly requestsPerSecond?: number;
  readonly partnerCentral?: PartnerCentralOptions;
  /** The calendar before any {@link Sandbox.advance}; default the machine's `Date`. */
  readonly now?: () => Date;
}

/** An advertiser profile of the sandbox. */
export interface SandboxProfile {
  /** Decimal text: some are beyond 2^53. */
  readonly profileId: string;
  readonly countryCode: string;
  readonly currencyCode: string;
  readonly timezone: string;
  readonly type: 'seller' | 'vendor' | 'agency';
  readonly subType?: 'KDP_AUTHOR' | 'AMAZON_ATTRIBUTION';
  readonly name: string;
  readonly marketplaceStringId: string;
  /** The account's id, unlike `profileId` shared by the marketplaces of one account. */
  readonly accountId: string;
  readonly dailyBudget?: string;
  /** Vendors only. */
  readonly validPaymentMethod?: boolean;
  /** What our user may do: `view` profiles are missing from a list at the level `edit`. */
  readonly access: 'edit' | 'view';
  /** This profile's Sponsored Brands reports refuse `creativeType: all` with 400. */
  readonly refusesAllCreatives?: boolean;
}

/** The exact content of one slice as of a moment: what a warehouse must hold for it. */
export interface TruthSlice {
  /** Millpond's name: `sp_campaigns_report_v2`. */
  readonly dataset: string;
  readonly profileId: string;
  /** `2026-10-01`, `2026-10-01/T00020`; of snapshots the day of asking in the profile's zone. */
  readonly slice: string;
  readonly rows: number;
  /**
   * Sums of every count and money column, by the source's name, exact decimal text without
   * needless zeros (`780`, `12.5`). Ratios are left out: their sum means nothing.
   */
  readonly sums: Readonly<Record<string, string>>;
  /** Sums of every id column, decimal text: a lost, doubled or rounded id changes them. */
  readonly ids: Readonly<Record<string, string>>;
  /** UTF-8 bytes of the name and text columns in sum: a mangled text changes them. */
  readonly textBytes: Readonly<Record<string, number>>;
}

/** What the whole sandbox holds as of a moment. */
export interface Truth {
  /** ISO instant, sandbox time. */
  readonly asOf: string;
  readonly profiles: readonly SandboxProfile[];
  readonly slices: readonly TruthSlice[];
}

/** Narrows {@link Sandbox.truth}; absent means everything. */
export interface TruthFilter {
  readonly datasets?: readonly string[];
  readonly profiles?: readonly string[];
  /** First and last day of reports, both included; by default all that have data. */
  readonly from?: string;
  readonly to?: string;
  /** ISO instant; by default now. */
  readonly asOf?: string;
}

/** Narrows one slice to what one request of it returns. */
export interface SliceOptions {
  /** ISO instant; by default now. */
  readonly asOf?: string;
  /** `plain` or `video` of Sponsored Brands, `keywords` or `targets` of SP asins; default both. */
  readonly part?: string;
  /** States of a snapshot; default all. */
  readonly states?: readonly string[];
}

/** One request that arrived, as it was answered. */
export interface RecordedRequest {
  /** ISO instant, sandbox time. */
  readonly at: string;
  readonly origin: 'api' | 's3' | 'partner-central';
  /** Which call it is: see `RouteName` (`sts` of AWS STS); `unknown` where no route fits. */
  readonly route: string;
  readonly method: string;
  /** Without the query, which can hold a signature. */
  readonly path: string;
  readonly query: string;
  /** Names of all headers, values of the harmless ones; credentials are blotted out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly profileId: string | null;
  /** The AWS account that signed it, where Partner Central was asked. */
  readonly accountId: string | null;
  readonly body: string;
  /** Status answered; null where the connection was cut before any. */
  readonly status: number | null;
  /** The fault that struck, if any. */
  readonly fault: string | null;
  /** The job that it made or asked about. */
  readonly jobId: string | null;
}

/** A job as the sandbox keeps it. */
export interface JobRecord {
  readonly id: string;
  readonly dataset: string;
  readonly profileId: string;
  readonly slice: string;
  /** `plain`, `video`, `all`, `keywords`, `targets`, or null. */
  readonly part: string | null;
  /** ISO instant, sandbox time: the `as of` of its data. */
  readonly asOf: string;
  readonly path: string;
  readonly body: string;
  readonly status: 'IN_PROGRESS' | 'SUCCESS' | 'FAILURE';
  /** Rows of its file once that is made, else null. */
  readonly rows: number | null;
  /** How many of them a fault damaged, and the first of them (from 1). */
  readonly badRows: number;
  readonly badRowNumbers: readonly number[];
  /** Size of its file as it is sent, and plain. */
  readonly bytes: number | null;
  readonly plainBytes: number | null;
}

/** Counters since the start or the last reset. */
export interface SandboxStats {
  readonly requests: number;
  readonly tokens: number;
  readonly jobsCreated: number;
  /** Jobs whose path, profile and body had been asked for before. */
  readonly duplicateJobs: number;
  readonly statusCalls: number;
  /** 307 answers given. */
  readonly redirects: number;
  /** Whole files handed out by the origin that plays S3. */
  readonly downloads: number;
  /** Requests to S3 that carried a header of ours: Authorization, client id or scope. */
  readonly credentialLeaks: number;
  /** Requests of the API and of Partner Central that were answered 4xx. */
  readonly refused: number;
  readonly faults: number;
}

/** A running sandbox. */
export interface Sandbox {
  /** `http://127.0.0.1:8701` */
  readonly apiUrl: string;
  readonly tokenUrl: string;
  /** `127.0.0.1:8702`: where links lead. */
  readonly downloadHost: string;
  /** `http://127.0.0.1:8703`: AWS Partner Central, and AWS STS. */
  readonly partnerCentralUrl: string;
  readonly partnerCentral: PartnerCentralSandbox;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  readonly profiles: readonly SandboxProfile[];
  /** Sandbox time. */
  now(): Date;
  /** Every slice that can be had: rules of the source (asins for vendors …) leave theirs out. */
  truth(filter?: TruthFilter): Truth;
  /** One slice; of a snapshot `slice` may be left out. @throws RangeError for an unknown name. */
  truthFor(dataset: string, profileId: string, slice?: string, options?: SliceOptions): TruthSlice;
  /** The plain JSON of a slice with every column: what a faultless file says. */
  fileFor(dataset: string, profileId: string, slice?: string, options?: SliceOptions): string;
  /** Moves sandbox time on: data restate, links, tokens and files expire, jobs finish. */
  advance(by: number | { readonly ms?: number; readonly seconds?: number; readonly days?: number }): void;
  readonly faults: { add(...faults: readonly Fault[]): void; clear(): void };
  readonly requests: readonly RecordedRequest[];
  readonly jobs: readonly JobRecord[];
  stats(): SandboxStats;
  /** Forgets requests, counters and faults; jobs and tokens live on. */
  reset(): void;
  close(): Promise<void>;
}
