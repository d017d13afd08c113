import { ERRORS, type ErrorCode } from '../../src/base/errors.js';

/** When each code is thrown: one sentence, so that a new code cannot go without. */
const WHEN: Readonly<Record<ErrorCode, string>> = {
  E_USAGE: 'A command, option or value on the command line is wrong, or a file is there already.',
  E_CONFIG: 'The configuration has a wrong key or value, or names something that is not there.',
  E_CONFIG_MISSING: 'There is no configuration file.',
  E_SECRET_MISSING: 'An environment variable or file that the configuration refers to is not there.',
  E_PROFILE_UNKNOWN: 'A profile named under `profiles.ids` was never there, or the account may view none.',
  E_PATH_UNWRITABLE: 'A folder or file cannot be made or written to.',
  E_NOT_A_WAREHOUSE: 'The file is no DuckDB file, or its schema `millpond` is not ours.',
  E_FORMAT_NEWER: 'Warehouse, lake or journal have a format that this version does not know.',
  E_WAREHOUSE_NAME: 'The DuckDB file is named like a schema (`millpond.duckdb`).',
  E_CONFLICT: 'Two pipelines or connections would fill the same tables, or types cannot be read together.',
  E_WRONG_ENDPOINT: 'What answers at the address is not the service, or it is the service of another region.',
  E_CREDENTIALS: 'The login was refused, or there is none.',
  E_CREDENTIALS_EXPIRED: 'A session or security token has run out.',
  E_ACCESS_DENIED: 'One profile, or one action, is denied to our user.',
  E_UNREACHABLE: 'No connection to the host.',
  E_TIMEOUT: 'An answer did not come in time.',
  E_THROTTLED: 'The source says that it is asked too often.',
  E_SERVER: 'The source answered with an error of its own (5xx), or with no JSON.',
  E_TRANSFER: 'A download ended before its last byte.',
  E_LINK_EXPIRED: 'Storage refuses the link to a file.',
  E_JOB_WAITING: 'Jobs are still pending at the source when the run ends.',
  E_LOCKED: 'Another process holds the pipeline, the warehouse or the lake.',
  E_RETIRED: "The dataset was switched off, and the host is the vendor's own.",
  E_REQUEST_REJECTED: 'The source refuses the request as it stands.',
  E_RESOURCE_NOT_FOUND: 'Partner Central has no such engagement, opportunity, snapshot or job, or does not show it.',
  E_RESOURCE_CONFLICT: 'Partner Central refuses a change because of the state that the resource is in.',
  E_QUOTA: 'A quota of the service is used up.',
  E_PAGE_REPEATED: 'A list names a page as its next that was read before: it would go on for ever.',
  E_JOB_FAILED: 'The source made the job and gave it up.',
  E_JOB_GONE: 'The source no longer knows the job, or its file has expired.',
  E_PROTOCOL: 'An answer makes no sense.',
  E_UNTRUSTED_LINK: 'A link leads to a host that is not allowed.',
  E_NOT_OFFERED: 'A rule of the source forbids this for the scope; recorded as a gap.',
  E_PAST_RETENTION: 'The day is older than what the source keeps; recorded as a gap.',
  E_ARTIFACT_CUT: 'The JSON ends inside its array.',
  E_ARTIFACT_CORRUPT: 'The gzip checksum fails, or a kept file is not what landed.',
  E_ARTIFACT_MISSING: 'A file that the journal names is not in the landing folder.',
  E_SHRUNK: 'A slice came empty, or with less than the share of its rows that `shrink` asks for; its old data stay.',
  E_TOO_MANY_REJECTS: 'More rows of a slice were rejected than `max_rejects` allows; its old data stay.',
  E_SCHEMA_FROZEN: 'A column arrived that the catalogue does not know, under `schema_policy: freeze`.',
  E_COUNT_MISMATCH: 'Rows read are not rows typed plus rows rejected, or not rows committed.',
  E_JOURNAL_CORRUPT: 'A journal entry cannot be read. Told as a warning.',
  E_WAREHOUSE_CORRUPT: 'The warehouse or the lake is damaged.',
  E_DISK_FULL: 'No space is left, or a size limit is reached.',
  E_QUERY: 'The query has an error.',
  E_QUERY_FORBIDDEN: 'The query does more than read the warehouse.',
  E_NOT_FOUND: 'A pipeline, dataset, sink or connector of that name does not exist, or nothing was loaded yet.',
  E_INTERRUPTED: 'SIGINT, SIGTERM, or the caller gave up.',
  E_BUG: 'Something that should not happen.',
};

/** What each class means for a scheduler and for retries. */
const CLASSES = {
  configuration: 'You must change something. Never retried.',
  auth: 'Credentials or permissions.',
  transient: 'The same call may succeed later. Retried with backoff; then the run ends, and can be run again.',
  source: 'The source says no, or answered nonsense. Not retried at once.',
  refused: 'A rule of the source forbids it for this scope. A gap, not an error.',
  data: 'Bytes arrived that are not what they should be.',
  interrupted: 'Asked to stop.',
  bug: 'Ours.',
} as const;

/** Warnings stand in a summary's `warnings`; they change no exit code. */
const WARNINGS: Readonly<Record<string, string>> = {
  W_UNKNOWN_COLUMN: 'The source sent a column that the catalogue does not know. See `millpond.columns`.',
  W_REQUEST_CHANGED: 'Slices are held with other columns or filters than you ask for now. `--reload` asks again.',
  W_JOB_GIVEN_UP: 'A job was older than `poll.give_up`; it was asked for anew.',
  W_SNAPSHOTS_LEFT: 'More snapshots than `snapshots.max` would have been new; the rest is left to the next run.',
  W_UNKNOWN_TEMPLATE:
    'A snapshot has a payload that no table is there for yet. It is kept whole; a replay types it later.',
  W_NOT_ALLOWED: 'One of two ways to find engagements is denied; what the other shows is read.',
  W_SHRUNK:
    'A slice came empty, or with less than half of the rows that it replaced, and was taken. Under `shrink: fail` it would not be.',
  W_NO_ARTIFACT: 'Slices could not be replayed: their files are past their keeping. What is held stays.',
  W_SUPERSEDED: 'An imported file is older than what a sink holds; the newer data stay.',
  W_LANDING_FULL: 'The landing folder is larger than `landing.max`, and nothing more of it may be deleted.',
  W_ASKED_ANEW: 'The source lost a job, or the landing folder a file; it was asked for once more.',
};

/** `docs/errors.md`: every code, from the one table of errors. */
export function errorsPage(): string {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  return `# Errors

<!-- Printed from src/base/errors.ts by scripts/write-docs.ts: change that, not this page. -->

An error names its code, what happened, and what to do:

\`\`\`
error[E_CONFIG_MISSING]: There is no configuration ./millpond.yaml
hint: Write one with \`millpond init\`, or name it with --config.
\`\`\`

Under \`--json\` a command prints \`{"error": {"code", "message", "hint", "at"}}\`; \`run\` puts its errors into the [summary](operations.md#the-summary). \`MILLPOND_DEBUG=1\` adds the stack. No message holds a secret.

## Classes

Retries and exit codes follow from the class and the code. Nothing else decides.

| class | meaning |
| --- | --- |
${Object.entries(CLASSES)
  .map(([name, meaning]) => row([name, meaning]))
  .join('\n')}

## Codes

*exit* is the exit code of a command that ends with this error. Of several, the first of 130, 2, 75, 1, 0 counts.

| code | class | exit | when | what to do |
| --- | --- | --- | --- | --- |
${codes.map((code) => row([`\`${code}\``, ERRORS[code].class, String(ERRORS[code].exit), WHEN[code], ERRORS[code].hint])).join('\n')}

## Warnings

| code | meaning |
| --- | --- |
${Object.entries(WARNINGS)
  .map(([code, meaning]) => row([`\`${code}\``, meaning]))
  .join('\n')}
`;
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
