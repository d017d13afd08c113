import { dayIn } from '../base/days.js';
import { gatewayOf, json, refusal } from './answers.js';
import { SNAPSHOTS, TACTICS } from './data/catalog.js';
import type { Damage } from './data/damage.js';
import { renderSnapshot } from './data/render.js';
import type { Answer, Call } from './http.js';
import type { Job, JobDraft } from './jobs.js';
import { Refused, readBody, readList } from './request-checks.js';
import type { Oracle } from './truth.js';
import type { Product, SandboxProfile } from './types.js';
import { ruleAgainst } from './world.js';

const STATES = ['enabled', 'paused', 'archived'];

/** What a snapshot request asks for. @throws Refused where Amazon would refuse it. */
export function readSnapshotRequest(
  call: Call,
  product: Product,
  recordType: string,
  profile: SandboxProfile,
  oracle: Oracle,
  asOf: Date,
  damage: Damage | null,
): Omit<JobDraft, 'fate' | 'details'> {
  const gateway = gatewayOf(product);
  const rule = ruleAgainst(profile, product);
  if (rule) throw new Refused(refusal(rule.status, rule.details, gateway));
  const kind = SNAPSHOTS.find((snapshot) => snapshot.product === product && snapshot.recordType === recordType);
  if (!kind) throw new Refused(refusal(400, `Invalid record type: ${recordType}`, gateway));
  const body = readBody(call, gateway);
  // Sources disagree on the default; this one lets nobody rely on it: archived only where asked for.
  const states =
    body.stateFilter === undefined ? ['enabled', 'paused'] : readList(body.stateFilter, 'stateFilter', STATES, gateway);
  const tactics =
    product !== 'sd' || body.tacticFilter === undefined
      ? null
      : new Set(readList(body.tacticFilter, 'tacticFilter', TACTICS, gateway));
  const day = dayIn(profile.timezone, asOf);
  const spec = oracle.snapshotSpec(kind, profile, day, states, tactics);
  return {
    ...{ what: 'snapshot', product, recordType, dataset: kind.dataset, profileId: profile.profileId, slice: day },
    ...{ part: null, path: call.path, body: call.body },
    render: (totals) => renderSnapshot(spec, damage, totals),
  };
}

/** The create answer: 200 for SP and SB, 202 for SD; record types spelled as observed. */
export function snapshotCreated(job: Job): Answer {
  const { product, recordType } = job.draft;
  const body = {
    snapshotId: job.id,
    recordType: product === 'sb' ? recordType.replace(/s$/, '') : spelled(job),
    status: 'IN_PROGRESS',
    statusDetails: 'Snapshot request is in progress.',
  };
  return json(product === 'sd' ? 202 : 200, body, gatewayOf(product));
}

/** The status answer: without the record type, except for Sponsored Display. */
export function snapshotStatus(job: Job, apiUrl: string): Answer {
  const { product } = job.draft;
  const { status } = job;
  const base = {
    snapshotId: job.id,
    ...(product === 'sd' && { recordType: spelled(job) }),
    status,
    statusDetails:
      status === 'FAILURE'
        ? job.failure
        : status === 'SUCCESS'
          ? 'Snapshot has been successfully generated.'
          : 'Snapshot request is in progress.',
  };
  const { file } = job;
  const place = product === 'sd' ? 'sd' : 'v1';
  const done = status === 'SUCCESS' &&
    file && {
      location: `${apiUrl}/${place}/snapshots/${job.id}/download`,
      // Plain, as sent, and simply wrong: nobody can check a file by it.
      fileSize: product === 'sp' ? file.plainBytes : product === 'sb' ? file.bytes : file.bytes + 117,
      expiration: job.expiration,
    };
  return json(product === 'sd' ? 202 : 200, { ...base, ...done }, gatewayOf(product));
}

/** Sponsored Display says `adgroups` in one answer and `adGroups` in another. */
function spelled(job: Job): string {
  const { recordType } = job.draft;
  return recordType === 'adGroups' && job.draft.product === 'sd' && job.status === 'IN_PROGRESS'
    ? 'adgroups'
    : recordType;
}
