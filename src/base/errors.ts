/**
 * The one table of errors. A code says what went wrong; its class says what a scheduler or a
 * retry loop should do about it, and nothing else decides that.
 */

/**
 * - `configuration`: the user must change something; never retried.
 * - `auth`: credentials or permissions.
 * - `transient`: the same call may succeed later.
 * - `source`: the source says no, or answered nonsense; retrying at once is pointless.
 * - `refused`: a rule of the source forbids it for this scope; recorded, not an error of the run.
 * - `data`: bytes arrived that are not what they should be.
 * - `interrupted`: asked to stop.
 * - `bug`: ours.
 */
export type ErrorClass = 'configuration' | 'auth' | 'transient' | 'source' | 'refused' | 'data' | 'interrupted' | 'bug';

interface ErrorKind {
  readonly class: ErrorClass;
  /** Exit code of a command that ends with it. */
  readonly exit: 0 | 1 | 2 | 75 | 130;
  /** What to do, unless the place that throws knows better. */
  readonly hint: string;
}

const kind = (cls: ErrorClass, exit: ErrorKind['exit'], hint: string): ErrorKind => ({ class: cls, exit, hint });

/** Every code there is; `docs/errors.md` is printed from this table. */
export const ERRORS = {
  E_USAGE: kind('configuration', 2, 'See `millpond --help`.'),
  E_CONFIG: kind('configuration', 2, 'Correct the configuration; `millpond check --offline` reads it again.'),
  E_CONFIG_MISSING: kind('configuration', 2, 'Write one with `millpond init`, or name it with --config.'),
  E_SECRET_MISSING: kind(
    'configuration',
    2,
    'Set the environment variable, or the file, that the configuration names.',
  ),
  E_PROFILE_UNKNOWN: kind('configuration', 2, 'Compare `profiles.ids` with what `millpond check` lists.'),
  E_PATH_UNWRITABLE: kind('configuration', 2, 'Make the folder writable, or name another one.'),
  E_NOT_A_WAREHOUSE: kind('configuration', 2, 'Name another file, or move this one away.'),
  E_FORMAT_NEWER: kind('configuration', 2, 'A newer Millpond wrote it: upgrade this one.'),
  E_WAREHOUSE_NAME: kind('configuration', 2, 'Give the file a name that is no schema name, such as warehouse.duckdb.'),
  E_CONFLICT: kind('configuration', 2, 'Let only one pipeline or connection fill these tables.'),
  E_WRONG_ENDPOINT: kind('configuration', 2, 'Take `endpoint` out of the connection, or correct it.'),
  E_CREDENTIALS: kind('auth', 2, 'Check client id, client secret and refresh token.'),
  E_CREDENTIALS_EXPIRED: kind('auth', 2, 'Log in again (`aws sso login`), or renew the session token.'),
  E_ACCESS_DENIED: kind(
    'auth',
    1,
    'Ask the owner of the profile to grant access, or exclude it under `profiles.exclude`.',
  ),
  E_UNREACHABLE: kind('transient', 75, 'Check network, proxy and `endpoints`; run again later.'),
  E_TIMEOUT: kind('transient', 75, 'Run again later; what is pending is resumed.'),
  E_THROTTLED: kind('transient', 75, 'Lower `limits.requests_per_second`, or run again later.'),
  E_SERVER: kind('transient', 75, 'The source failed on its side; run again later.'),
  E_TRANSFER: kind('transient', 75, 'The transfer broke off; run again later.'),
  E_LINK_EXPIRED: kind('transient', 75, 'Run again: a fresh link is asked for.'),
  E_JOB_WAITING: kind('transient', 75, 'Run again later: the jobs are kept and resumed.'),
  E_LOCKED: kind('transient', 75, 'Wait for the other process, or raise --lock-wait.'),
  E_RETIRED: kind('source', 1, 'Use the successor that `millpond datasets` names.'),
  E_REQUEST_REJECTED: kind('source', 1, 'Compare columns and filters with `millpond datasets NAME`.'),
  E_RESOURCE_NOT_FOUND: kind('source', 1, 'Compare the id, and the catalog, with what Partner Central shows.'),
  E_RESOURCE_CONFLICT: kind('source', 1, "Look at the state the resource is in; the message is the service's own."),
  E_QUOTA: kind('source', 1, 'Wait for the quota to free itself, or ask AWS for a higher one.'),
  E_PAGE_REPEATED: kind('source', 1, 'Nothing to change here: the service answered with a page it had sent before.'),
  E_JOB_FAILED: kind('source', 1, 'The next run asks again.'),
  E_JOB_GONE: kind('source', 1, 'The next run asks again.'),
  E_PROTOCOL: kind('source', 1, 'The source answered something it should not; see the message.'),
  E_UNTRUSTED_LINK: kind('source', 1, 'If the host is right, add it to `download_hosts`.'),
  E_NOT_OFFERED: kind('refused', 0, 'Nothing to do: the source does not offer this here.'),
  E_PAST_RETENTION: kind('refused', 0, 'Nothing to do: the source no longer keeps that day.'),
  E_ARTIFACT_CUT: kind('data', 1, 'The next run fetches it again.'),
  E_ARTIFACT_CORRUPT: kind('data', 1, 'The next run fetches it again.'),
  E_ARTIFACT_MISSING: kind('data', 1, 'The landing folder lost a file; the next run asks the source again.'),
  E_TOO_MANY_REJECTS: kind('data', 1, 'Look at `millpond rejects`; raise `max_rejects` if they may be left out.'),
  E_SHRUNK: kind(
    'data',
    1,
    'If the source is right, take it with `millpond run --allow-shrink`; else the next run asks again.',
  ),
  E_SCHEMA_FROZEN: kind('data', 1, 'Name the columns under `types:`, or set `schema_policy: evolve`.'),
  E_COUNT_MISMATCH: kind('bug', 1, 'Nothing was committed. Please report it with the artifact.'),
  E_JOURNAL_CORRUPT: kind('data', 1, 'The damaged entry was set aside; its slices are planned anew.'),
  E_WAREHOUSE_CORRUPT: kind('data', 1, 'Restore the file from a copy, or load into a new one.'),
  E_DISK_FULL: kind('configuration', 2, 'Free space, or name another disk; the run resumes where it was.'),
  E_QUERY: kind('configuration', 2, 'Correct the query.'),
  E_QUERY_FORBIDDEN: kind('configuration', 2, 'Ad hoc SQL reads the warehouse and nothing else.'),
  E_NOT_FOUND: kind('configuration', 2, 'Compare the name with what the configuration or the catalogue holds.'),
  E_INTERRUPTED: kind('interrupted', 130, 'Run again: it resumes where it was.'),
  E_BUG: kind('bug', 1, 'Please report it; MILLPOND_DEBUG=1 shows where it happened.'),
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export interface ErrorDetails {
  /** What to do, more exactly than the table's hint. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Where: file, line, dataset, scope, host … shown by `--json`, never holding a secret. */
  readonly at?: Readonly<Record<string, string | number>>;
  /** How long the source asked us to wait. */
  readonly retryAfterMs?: number;
}

/** The only error that leaves a room. */
export class MillpondError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly at: Readonly<Record<string, string | number>>;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'MillpondError';
    this.code = code;
    this.hint = details.hint ?? ERRORS[code].hint;
    this.at = details.at ?? {};
    this.retryAfterMs = details.retryAfterMs;
  }

  get class(): ErrorClass {
    return ERRORS[this.code].class;
  }

  get exit(): number {
    return ERRORS[this.code].exit;
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's code of a failed call (`ENOENT`), if it has one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Whether DuckDB stopped at its memory limit. */
export function isOutOfMemory(error: unknown): boolean {
  return /^out of memory error/i.test(messageOf(error));
}

/** Gives anything thrown a code; what is unknown is ours. A full disk is told wherever it strikes. */
export function asMillpondError(error: unknown): MillpondError {
  if (error instanceof MillpondError) return error;
  const message = messageOf(error);
  const code = systemCode(error);
  const full =
    code === 'ENOSPC' ||
    code === 'EDQUOT' ||
    code === 'EFBIG' ||
    /No space left on device|File too large|Disk quota exceeded/i.test(message);
  if (full) return new MillpondError('E_DISK_FULL', `Disk full: ${message}`, { cause: error });
  if (code === 'ABORT_ERR' || (error instanceof Error && error.name === 'AbortError')) {
    return new MillpondError('E_INTERRUPTED', 'Interrupted', { cause: error });
  }
  if (code !== undefined && ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST'].includes(code)) {
    return new MillpondError('E_PATH_UNWRITABLE', message, { cause: error });
  }
  if (isOutOfMemory(error)) {
    return new MillpondError('E_CONFIG', `\`memory\` in the configuration is too little for this: ${message}`, {
      cause: error,
      hint: 'Raise `memory`.',
    });
  }
  return new MillpondError('E_BUG', message, { cause: error });
}

/** Exit codes from the most to the least pressing: of several, the first counts. */
const EXIT_ORDER = [130, 2, 75, 1, 0] as const;

/** Of several exit codes the one a command ends with. */
export function worstExit(codes: Iterable<number>): number {
  const seen = new Set(codes);
  return EXIT_ORDER.find((code) => seen.has(code)) ?? 0;
}
