import { crashPoint } from '../../../base/crash-points.js';
import { asMillpondError, MillpondError } from '../../../base/errors.js';
import type { Ctx, SnapshotMade, SnapshotOutlook, SnapshotWanted } from '../../../contracts/index.js';
import type { Caller } from '../caller.js';
import { type Look, look, textOf, viewOf } from './look.js';
import type { Identity, MakingRecord, MakingRecords } from './records.js';
import { isRefused, sentence } from './refusals.js';

/** What making a snapshot would come to. Asks the service for nothing but what is there. */
export async function outlook(
  caller: Caller,
  records: MakingRecords,
  wanted: SnapshotWanted,
  ctx: Ctx,
): Promise<SnapshotOutlook> {
  const { seen, done } = await begin(caller, records, wanted, ctx);
  const newest = seen.newest && {
    revision: seen.newest.revision,
    arn: seen.newest.arn,
    createdAt: seen.newest.createdAt,
  };
  if (!done) return { verdict: 'make', reason: seen.reason, newest };
  return { verdict: done.outcome === 'recovered' ? 'recovered' : 'unchanged', reason: done.reason, newest };
}

/**
 * Makes a snapshot, unless nothing would be new. The token is on disk before the call, so that the
 * same making is told the same revision, however often it is begun.
 * @throws MillpondError as the service refuses.
 */
export async function createSnapshot(
  caller: Caller,
  records: MakingRecords,
  wanted: SnapshotWanted,
  ctx: Ctx,
): Promise<SnapshotMade> {
  const { seen, identity, done } = await begin(caller, records, wanted, ctx);
  if (done) return done;
  const { record } = await records.begin(identity, wanted.clientToken, ctx);
  if (record.made) return known(record);
  crashPoint('making.begun');
  const made = await ask(caller, records, wanted, record, ctx);
  crashPoint('making.answered');
  await records.settle(record, made, ctx);
  crashPoint('making.recorded');
  // A token that the service has seen before is answered with what was made then.
  const again = made.revision === seen.newest?.revision;
  return {
    outcome: again ? 'recovered' : 'made',
    ...made,
    reason: again ? RECOVERED : seen.reason,
    clientToken: record.token,
  };
}

/**
 * Looks before anything is asked for. Where nothing is left to be made, `done` says why; the record
 * of an earlier making that was cut short gets its answer then.
 */
async function begin(
  caller: Caller,
  records: MakingRecords,
  wanted: SnapshotWanted,
  ctx: Ctx,
): Promise<{ readonly seen: Look; readonly identity: Identity; readonly done: SnapshotMade | undefined }> {
  const seen = await look(caller, wanted, ctx);
  const identity = identityOf(caller, wanted, seen);
  const earlier = await records.find(identity);
  if (earlier?.made) {
    if (!isOutdated(earlier, seen)) return { seen, identity, done: known(earlier) };
    await records.forget(identity);
  }
  if (!seen.unchanged || !seen.newest) return { seen, identity, done: undefined };
  const { arn, revision } = seen.newest;
  if (earlier) await records.settle(earlier, { arn, revision }, ctx);
  const done: SnapshotMade = earlier
    ? { outcome: 'recovered', arn, revision, reason: RECOVERED, clientToken: earlier.token }
    : { outcome: 'unchanged', arn, revision, reason: seen.reason, clientToken: undefined };
  return { seen, identity, done };
}

/** A state that has come again, after somebody else made a snapshot of another one: it is to be made again. */
function isOutdated({ of, made }: MakingRecord, { newest, unchanged }: Look): boolean {
  return of.startsWith('state ') && !unchanged && (newest?.revision ?? 0) > (made?.revision ?? 0);
}

const RECOVERED = 'an earlier making that was cut short had made it';

async function ask(
  caller: Caller,
  records: MakingRecords,
  wanted: SnapshotWanted,
  record: MakingRecord,
  ctx: Ctx,
): Promise<{ arn: string; revision: number }> {
  try {
    const input = { ...viewOf(wanted), ClientToken: record.token };
    const { json } = await caller.call('CreateResourceSnapshot', input, ctx);
    if (typeof json.Revision !== 'number') {
      throw new MillpondError('E_PROTOCOL', 'CreateResourceSnapshot was answered without a revision');
    }
    return { arn: textOf(json.Arn), revision: json.Revision };
  } catch (thrown) {
    const error = asMillpondError(thrown);
    if (isRefused(error)) await records.forget(record);
    if (error.code !== 'E_RESOURCE_CONFLICT') throw error;
    throw await explained(error, caller, wanted, ctx);
  }
}

/** A conflict, with what stands there and what to do. */
async function explained(
  error: MillpondError,
  caller: Caller,
  wanted: SnapshotWanted,
  ctx: Ctx,
): Promise<MillpondError> {
  const { newest, unchanged } = await look(caller, wanted, ctx);
  const stands = newest
    ? `the newest revision is ${newest.revision}, made at ${newest.createdAt}`
    : 'there is no revision yet';
  const token = wanted.clientToken;
  const hint = unchanged
    ? 'Somebody else has made this snapshot meanwhile: nothing is left to do.'
    : token === undefined
      ? 'Run again: it looks anew, and takes a new token.'
      : `If \`${token}\` was used for something else, take another client token; without one Millpond finds its own.`;
  return new MillpondError('E_RESOURCE_CONFLICT', `${sentence(error)}; ${stands}`, {
    hint,
    at: error.at,
    cause: error,
  });
}

function identityOf(caller: Caller, wanted: SnapshotWanted, seen: Look): Identity {
  const { engagement, resource, template, clientToken } = wanted;
  return {
    subject: { kind: 'snapshot', catalog: caller.catalog, engagement, resource, template },
    of: clientToken === undefined ? seen.state : `token ${clientToken}`,
  };
}

function known(record: MakingRecord): SnapshotMade {
  const { arn, revision = 0 } = record.made!;
  return { outcome: 'unchanged', arn, revision, reason: madeBefore(record), clientToken: record.token };
}

function madeBefore({ made, of, token }: MakingRecord): string {
  const how = of.startsWith('token ') ? `with the token ${token}` : 'of this state';
  return `revision ${made!.revision} was made ${how} at ${made!.at}`;
}
