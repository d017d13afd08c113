import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { MillpondError } from '../base/errors.js';
import type { ArtifactFormat } from './artifact.js';
import type { Ask, Job, Json } from './ask.js';
import type { Ctx } from './ctx.js';
import type { Making, MakingRules } from './making.js';
import type { Scope, SliceKey } from './slice.js';
import type { Table, View } from './table.js';

/** Whether the source still serves a dataset. */
export type DatasetState =
  | { readonly kind: 'alive' }
  | { readonly kind: 'beta' }
  | {
      readonly kind: 'retired';
      /** The day it was switched off, or null where the source never said. */
      readonly since: string | null;
      /** Dataset or endpoint that replaced it, for people. */
      readonly successor: string;
    };

/**
 * How a dataset's data fall into slices.
 * - `day`: one slice a day (times `parts`, e.g. tactics).
 * - `as-of`: current state; the slice is the day it was asked for, in the scope's zone.
 * - `cursor`: the source is listed, and what is not held is read (direct datasets only).
 */
export type Slicing =
  | {
      readonly kind: 'day';
      /** What splits a day further, in the order asked: `['T00020', 'T00030']`; empty: nothing. */
      readonly parts: readonly string[];
      /** How many days one job can cover. */
      readonly maxDays: number;
      /** Days before today (in the scope's zone) that the source still serves. */
      readonly retentionDays: number;
      /** Ages in days at which the source has restated a day. */
      readonly ages: readonly number[];
    }
  | { readonly kind: 'as-of' }
  | { readonly kind: 'cursor' };

/** What the user wants of a dataset, checked by the connector. */
export interface DatasetOptions {
  /** The source's names or snake_case; absent: all. */
  readonly columns?: readonly string[];
  readonly filter?: Readonly<Record<string, readonly string[]>>;
}

/** A dataset with a user's options applied: what asks are made from. */
export interface DatasetRequest {
  /** The source's names, key columns included. */
  readonly columns: readonly string[];
  readonly params: { readonly [key: string]: Json };
  /** {@link Dataset.tables} narrowed to those columns. */
  readonly tables: readonly Table[];
  /** {@link Dataset.slicing} narrowed by filters (a tactic) and columns (restatement ages). */
  readonly slicing: Slicing;
}

/** Why a source will not serve slices, by a rule of its own. */
export interface Refusal {
  readonly reason: 'not_offered' | 'past_retention';
  readonly message: string;
}

/** What a poll found. */
export type PollResult =
  | { readonly state: 'pending'; readonly afterMs?: number; readonly detail?: string }
  | { readonly state: 'ready'; readonly bytes?: number; readonly data?: Job['data'] }
  /** The source gave the job up, and says why. */
  | { readonly state: 'failed'; readonly reason: string }
  /** The source no longer knows the job, or its file has expired: ask anew. */
  | { readonly state: 'gone'; readonly reason: string };

/** A body on its way in, as the source sent it. Live. */
export interface Body {
  readonly stream: Readable;
  /** From the magic bytes, never from headers. */
  readonly format: ArtifactFormat;
  /** The length that the transport promised, where it did: a shorter body is cut. */
  readonly length?: number;
}

/** Fetching by asynchronous job. */
export interface JobFetch {
  readonly kind: 'job';
  /** Groups missing slices of one scope into as few asks as the source allows. Pure. */
  coalesce(request: DatasetRequest, slices: readonly SliceKey[]): AskDraft[];
  /**
   * Makes one job. Called again with what it made so far while `more` is true; every job is
   * on disk before the next call. `token` identifies the attempt at sources that take one.
   * @throws MillpondError of class `refused` where a rule of the source forbids it.
   */
  request(
    ask: Ask,
    attempt: { readonly token: string; readonly made: readonly Job[] },
    ctx: Ctx,
  ): Promise<{ readonly job: Job; readonly adopted: boolean; readonly more: boolean }>;
  poll(ask: Ask, job: Job, ctx: Ctx): Promise<PollResult>;
  /** A fresh link each time; an expired one is renewed before this gives up. */
  download(ask: Ask, job: Job, ctx: Ctx): Promise<Body>;
  cancel?(ask: Ask, job: Job, ctx: Ctx): Promise<void>;
}

/** What every sink of the run holds already, for direct reads. */
export interface Held {
  has(key: SliceKey): Promise<boolean>;
  /**
   * Rows of a table that every sink holds, as texts of the columns wanted (`_slice` is one of them).
   * For keys: all of it comes into memory.
   */
  rows(table: Table, scope: string, columns: readonly string[]): Promise<readonly (readonly (string | null)[])[]>;
  /** Gaps on record of a dataset and scope: what the source was asked for in vain. */
  gaps(dataset: string, scope: string): readonly Gap[];
  /** Whether everything is to be asked for again, held or not (`--reload`). */
  readonly reload: boolean;
  /** Whether a slice passes the filters of this run; what does not need not be read. */
  wants(key: SliceKey): boolean;
}

/** What a direct read found beside bytes. */
export interface Gap {
  readonly key: SliceKey;
  readonly reason: GapReason;
  readonly message: string;
}

/** Fetching by direct reads: no job to wait for. */
export interface DirectFetch {
  readonly kind: 'direct';
  coalesce(request: DatasetRequest, slices: readonly SliceKey[]): AskDraft[];
  /**
   * Bodies as they come; each becomes an artifact for `slices` (a part of the ask's, or of a cursor
   * new ones). Slices without a body were looked at, and nothing about them is new.
   */
  read(
    ask: Ask,
    held: Held,
    ctx: Ctx,
  ): AsyncIterable<{
    /** Absent where nothing is new. */
    readonly body?: Body;
    readonly slices: readonly SliceKey[];
    readonly gaps: readonly Gap[];
    /** What the user should hear of. */
    readonly warnings?: readonly { readonly code: string; readonly message: string }[];
    /** Slices that could not be read, while others go on. */
    readonly failures?: readonly { readonly key: SliceKey; readonly error: MillpondError }[];
    readonly asOf: string;
  }>;
}

/** An ask before it has its fingerprints (`pipelines` adds them). */
export type AskDraft = Pick<Ask, 'slices' | 'columns' | 'params' | 'constants'>;

/** Something that a source can be asked for. */
export interface Dataset {
  readonly name: string;
  readonly title: string;
  readonly state: DatasetState;
  /** One or more; the first has the dataset's name. */
  readonly tables: readonly Table[];
  /** Views over these tables, made with them. */
  readonly views?: readonly View[];
  readonly slicing: Slicing;
  /** Filters that it takes, with the values it knows (open: others are passed on with a warning). */
  readonly filters: Readonly<Record<string, readonly string[]>>;
  /** Loaded by every pipeline of its connection, named or not (`profiles`). */
  readonly always?: boolean;
  /** Free words for `millpond datasets`: limits, retention, endpoint. */
  readonly limits: readonly string[];
  /**
   * Applies a user's options.
   * @throws MillpondError `E_CONFIG` naming the unknown column or filter and the nearest right one.
   */
  request(options: DatasetOptions): DatasetRequest;
  /** A rule by which this scope never has these data. Pure. */
  unavailable(scope: Scope, part?: string): Refusal | undefined;
  readonly fetch: JobFetch | DirectFetch;
}

/** One line of `millpond check`. */
export interface CheckLine {
  readonly ok: boolean;
  readonly what: string;
  readonly detail: string;
  /** What to do, where it is not ok. */
  readonly remedy?: string;
  /** Error code, where it is not ok. */
  readonly code?: string;
}

/** A connection, open: live. */
export interface Source {
  readonly datasets: readonly Dataset[];
  /** True where the source is the vendor's own (retired datasets fail at once), false for a sandbox. */
  readonly official: boolean;
  /** What the fingerprint of an ask must hold besides the connection's name: region, host. */
  readonly identity: string;
  /** How patiently jobs are polled, where the connection says so. Milliseconds. */
  readonly timing?: {
    /** Wait before the first poll. */
    readonly firstMs: number;
    /** Longest wait between two polls. */
    readonly maxMs: number;
    /** How long one run waits for a job before it leaves it pending. */
    readonly deadlineMs: number;
    /** Age at which a job is given up and asked for anew. */
    readonly giveUpMs: number;
  };
  /** How many jobs may be under way at once. */
  readonly jobsInFlight?: number;
  /**
   * Whose data there is, after the connection's filters.
   * @throws MillpondError `E_PROFILE_UNKNOWN` where a profile in `ids` is not there and `known` does not hold it either.
   */
  scopes(ctx: Ctx): Promise<ScopeList>;
  check(ctx: Ctx): AsyncIterable<CheckLine>;
  /**
   * What can be made there, where anything can. Asks nothing yet.
   * @param folder where tokens of makings are kept; made when it is needed.
   */
  making?(folder: string): Making;
  close(): Promise<void>;
}

/** The scopes of a connection. */
export interface ScopeList {
  readonly scopes: readonly Scope[];
  /** Ids that the configuration names but the source does not show (any more). */
  readonly missing: readonly string[];
  /** Ids of everything the source shows, before the connection's filters: what is gone is not among them. */
  readonly visible: readonly string[];
}

/** Settings every connection has, whatever its connector. */
export interface ConnectionSettings {
  readonly name: string;
  readonly schema: string;
  /**
   * The connection's settings read again, so that a secret file that was rotated counts from the
   * next login on. The connector parses it with its own {@link Connector.config}.
   */
  reload(): unknown;
}

/** Knows one outside system. */
export interface Connector<Config extends z.ZodType = z.ZodType> {
  /** `amazon-ads` */
  readonly name: string;
  /** The schema that a connection fills unless it says otherwise. */
  readonly schema: string;
  /** What a connection of this connector may say, beyond `connector` and `schema`. */
  readonly config: Config;
  /** Which of those keys hold secrets: their values are blotted out wherever text leaves the process. */
  readonly secrets: readonly string[];
  /** The whole catalogue, without a connection: needs no secret and no network. */
  readonly datasets: readonly Dataset[];
  /** Where its connections can make things (`Source.making`). */
  readonly making?: MakingRules;
  open(settings: ConnectionSettings, config: z.output<Config>): Promise<Source>;
}

/** Why a slice that was wanted is not there. */
export type GapReason =
  | 'failed'
  | 'refused'
  | 'past_retention'
  | 'not_offered'
  | 'revision_missing'
  | 'profile_gone'
  | 'waiting';
