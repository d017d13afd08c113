import { MillpondError } from '../../base/errors.js';
import type { Body, Ctx } from '../../contracts/index.js';
import type { JsonAnswer } from './answers.js';
import type { ProfileList } from './profile-list.js';

/** One call to the advertising API. */
export interface ApiCall {
  readonly method: 'GET' | 'POST';
  /** Path with query, from the root of the API host. */
  readonly path: string;
  /** Profile whose data are meant; absent for calls about the whole account. */
  readonly scope?: string;
  /** Sent as JSON. */
  readonly body?: Readonly<Record<string, string>>;
  /** Which limiter it queues at: calls to one endpoint share one. */
  readonly lane: string;
  /** It makes a job: after a lost answer it is repeated only once, for the job may exist. */
  readonly creates?: boolean;
}

/** What datasets need of a live connection. */
export interface Caller {
  /**
   * Makes a call until it is answered well, with login, pace and retries.
   * @throws MillpondError; `at.status` holds the status of an answer that said no.
   */
  call(call: ApiCall, ctx: Ctx): Promise<JsonAnswer>;
  /**
   * Opens a finished job's file through the API's download path, with a fresh link each time.
   * @throws MillpondError `E_JOB_GONE` where there is none to be had, `E_UNTRUSTED_LINK`.
   */
  download(call: ApiCall, ctx: Ctx): Promise<Body>;
  /** The profile list, asked for now. */
  profiles(ctx: Ctx): Promise<ProfileList>;
  /** The path of `location` if it leads to the API host itself, where our credentials may go. */
  ownPath(location: string): string | undefined;
}

function refuse(): never {
  throw new MillpondError('E_BUG', 'The catalogue has no connection to ask through');
}

/** For the catalogue, which is looked at without a connection: every call is a bug. */
export const NO_CALLER: Caller = { call: refuse, download: refuse, profiles: refuse, ownPath: refuse };
