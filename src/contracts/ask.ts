import type { SliceKey } from './slice.js';

/** Any value that survives JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What is wanted of the source in one go. JSON-safe: the journal keeps it whole. */
export interface Ask {
  /** The connection's name in the configuration. */
  readonly connection: string;
  /** One dataset, one or more of its slices; the newest first. */
  readonly dataset: string;
  readonly slices: readonly SliceKey[];
  /** The source's names of the columns asked for, in the source's order. */
  readonly columns: readonly string[];
  /** Filters and whatever else the connector puts into its request. */
  readonly params: { readonly [key: string]: Json };
  /** Values of constant columns for every row of the answer: `{ report_date, tactic }`. */
  readonly constants: { readonly [column: string]: string };
  /** Identifies the ask: connection, dataset, slices, columns, params. The journal's key. */
  readonly fingerprint: string;
  /** The same without slices: what the ledger keeps to notice that other columns are wanted now. */
  readonly requestFingerprint: string;
}

/** One asynchronous request at the source, as the journal keeps it. An ask can need several. */
export interface Job {
  /** The source's id; opaque. */
  readonly id: string;
  /** Which part of the ask it answers, where there are several (`plain`, `video`). */
  readonly part?: string;
  /** Whatever else the connector wants back: status path, location. */
  readonly data?: { readonly [key: string]: Json };
  /** ISO instant at which the source accepted it: the `as of` of its data. */
  readonly asOf: string;
}
