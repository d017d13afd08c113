import { MillpondError } from '../../base/errors.js';
import { redact } from '../../base/secrets.js';
import type { Ask, Body, Ctx, Job, Json, PollResult } from '../../contracts/index.js';
import { type JsonAnswer, member, textMember } from './answers.js';
import type { Caller } from './caller.js';
import { idText } from './lossless-json.js';

/** Where jobs of one kind are made and looked after; snapshots and reports of version 2 differ in nothing else. */
export interface JobKind {
  /** `/v2/sp/campaigns/snapshot` */
  readonly create: string;
  /** `/v2/sp/snapshots`, before the job's id. */
  readonly status: string;
  /** `snapshotId` */
  readonly idMember: string;
}

/** Makes a job. @throws MillpondError `E_PROTOCOL` where the answer names none. */
export async function createJob(
  caller: Caller,
  kind: JobKind,
  ask: Ask,
  body: Readonly<Record<string, string>>,
  ctx: Ctx,
  part?: string,
): Promise<Job> {
  const asOf = ctx.now().toISOString();
  const answer = await caller.call(
    { method: 'POST', path: kind.create, scope: scopeOf(ask), body, lane: `POST ${kind.create}`, creates: true },
    ctx,
  );
  const id = idText(member(answer.json, kind.idMember));
  if (id === undefined) {
    throw new MillpondError(
      'E_PROTOCOL',
      `POST ${kind.create} was answered ${answer.status} without a ${kind.idMember}`,
    );
  }
  return { id, asOf, ...(part === undefined ? {} : { part }) };
}

/** Asks how a job is doing. */
export async function pollJob(caller: Caller, kind: JobKind, ask: Ask, job: Job, ctx: Ctx): Promise<PollResult> {
  let answer: JsonAnswer;
  try {
    answer = await caller.call(
      { method: 'GET', path: statusPath(kind, job), scope: scopeOf(ask), lane: `GET ${kind.status}` },
      ctx,
    );
  } catch (error) {
    if (isGone(error)) return { state: 'gone', reason: `the source no longer knows ${job.id}` };
    throw error;
  }
  const status = textMember(answer.json, 'status')?.toUpperCase();
  const detail = textMember(answer.json, 'statusDetails');
  if (status === 'SUCCESS') return finished(answer, job);
  if (status === 'FAILURE') return { state: 'failed', reason: redact(detail ?? 'FAILURE, without a reason') };
  if (status === undefined) {
    throw new MillpondError('E_PROTOCOL', `GET ${kind.status}/… was answered ${answer.status} without a status`);
  }
  return { state: 'pending', detail: detail ?? status };
}

/** Opens a finished job's file, by the location that the source gave if it leads to the API itself. */
export async function downloadJob(caller: Caller, kind: JobKind, ask: Ask, job: Job, ctx: Ctx): Promise<Body> {
  const location = textMember(job.data, 'location');
  const path = (location && caller.ownPath(location)) || `${statusPath(kind, job)}/download`;
  try {
    return await caller.download(
      { method: 'GET', path, scope: scopeOf(ask), lane: `GET ${kind.status}/download` },
      ctx,
    );
  } catch (error) {
    if (!isGone(error)) throw error;
    throw new MillpondError('E_JOB_GONE', `The source no longer has the file of ${job.id}`, { cause: error });
  }
}

/** Ready, unless the file's own life is over by the clock of the server that says so. */
function finished(answer: JsonAnswer, job: Job): PollResult {
  const expiration = Number(member(answer.json, 'expiration'));
  const sent = Date.parse(answer.headers.date ?? '');
  if (expiration > 0 && expiration < sent) return { state: 'gone', reason: `the file of ${job.id} has expired` };
  const location = textMember(answer.json, 'location');
  const bytes = Number(member(answer.json, 'fileSize'));
  const data: { [key: string]: Json } = { ...job.data, ...(location ? { location } : {}) };
  return { state: 'ready', data, ...(Number.isSafeInteger(bytes) ? { bytes } : {}) };
}

function statusPath(kind: JobKind, job: Job): string {
  return `${kind.status}/${encodeURIComponent(job.id)}`;
}

/** Jobs are made per profile: the slices of an ask share one. */
function scopeOf(ask: Ask): string {
  return ask.slices[0]!.scope;
}

function isGone(error: unknown): boolean {
  return error instanceof MillpondError && (error.at.status === 404 || error.at.status === 410);
}
