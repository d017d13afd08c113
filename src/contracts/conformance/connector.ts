import type { Dataset, SliceKey, Source } from '../index.js';
import { catalogueChecks } from './connector-checks-catalogue.js';
import { directChecks } from './connector-checks-direct.js';
import { jobChecks } from './connector-checks-jobs.js';
import { manners } from './connector-checks-manners.js';

/**
 * What every connector must do, as named checks that need no test framework:
 *
 * ```ts
 * for (const check of connectorChecks) it(check.name, () => check.run(openBench));
 * ```
 *
 * `connector-saboteurs.ts` holds sources that break one promise each; a suite that lets one
 * pass is worth nothing.
 */
export const connectorChecks: readonly ConnectorCheck[] = [
  ...catalogueChecks,
  ...jobChecks,
  ...directChecks,
  ...manners,
];

/** One promise. */
export interface ConnectorCheck {
  readonly name: string;
  /** Opens its own bench and closes it. @throws AssertionError where the promise is broken. */
  run(open: OpenBench): Promise<void>;
}

/** A new source and a new server behind it. */
export type OpenBench = () => Promise<ConnectorBench>;

/** A source on trial: open, over a server that the bench sees and steers. */
export interface ConnectorBench {
  readonly source: Source;
  /** Slices to ask a dataset for: several, of one scope, some of them next to each other; none: not tried. */
  wants(dataset: Dataset): readonly SliceKey[];
  /** Slices that a list at the server must bring, of datasets whose slices only the source knows. */
  listed?(dataset: Dataset): readonly string[];
  /** The source knows its scopes without asking anybody. */
  readonly scopesAreKnown?: true;
  /** Everything that has reached a server, in order. */
  requests(): readonly SeenRequest[];
  /** Ids of all jobs that the server has made. */
  jobsMade(): readonly string[];
  /** What must never leave for a download host, nor stand in a message. */
  readonly secrets: readonly string[];
  /** From now on no server answers. */
  stall(): void;
  /** The next link that is handed out has expired by then. Absent: the source has no links. */
  expireNextLink?(): void;
  /** From now on every page names the same next page. Absent: the source has no pages. */
  repeatPages?(): void;
  /** From now on every answer is a refusal that repeats what it was sent, credentials and all. */
  echo(): void;
  close(): Promise<void>;
}

/** A request as a server saw it. */
export interface SeenRequest {
  /** Whether it went to where files are fetched from: a host with which our credentials have no business. */
  readonly download: boolean;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}
