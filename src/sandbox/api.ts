import { type Gateway, gatewayHeaders, gatewayOf, page, refusal, s3Error, throttled } from './answers.js';
import type { Clock } from './clock.js';
import type { Damage } from './data/damage.js';
import type { Fault, Faults, RouteName, Target } from './faults.js';
import { type Answer, type Call, CUT } from './http.js';
import type { Job, JobDraft, Jobs } from './jobs.js';
import type { Pace } from './pace.js';
import { getProfile, listProfiles } from './profiles.js';
import type { Notes } from './recorder.js';
import { readReportRequest, reportCreated, reportStatus } from './reports.js';
import { checkCaller, checkScope, Refused, SCOPE_HEADER } from './request-checks.js';
import type { CreateRoute, JobRoute, Route } from './routes.js';
import { readSnapshotRequest, snapshotCreated, snapshotStatus } from './snapshots.js';
import type { Storage } from './storage.js';
import type { TokenDesk } from './token.js';
import type { Oracle } from './truth.js';
import type { SandboxProfile } from './types.js';
import type { World } from './world.js';

/** Everything that the API's answers are made from. */
export interface Parts {
  readonly clock: Clock;
  readonly world: World;
  readonly oracle: Oracle;
  readonly tokens: TokenDesk;
  readonly jobs: Jobs;
  readonly storage: Storage;
  readonly faults: Faults;
  readonly pace: Pace | null;
  readonly clientId: string;
  /** Known once both origins listen. */
  readonly apiUrl: () => string;
  readonly downloadHost: () => string;
}

/** Answers one API call. */
export async function answerApi(
  call: Call,
  route: Route | undefined,
  parts: Parts,
  notes: Notes,
): Promise<Answer | typeof CUT> {
  if (!route) return refusal(404, `Method Not Found: ${call.method} ${call.path}`);
  const gateway = 'product' in route && route.product ? gatewayOf(route.product) : 'classic';
  const target: Target = {
    route: route.name,
    method: call.method,
    path: call.path,
    profileId: call.headers[SCOPE_HEADER] ?? null,
  };
  if (parts.pace?.exceeded(performance.now())) {
    // Creating calls are told nothing about when to come back.
    return throttled({ gateway, ...(route.name === 'create' ? {} : { retryAfter: 1 }) });
  }
  const struck = atTheDoor(parts.faults, target, notes, gateway);
  if (struck) return struck;
  const transfer = noted(parts.faults.strike(target, ['slow', 'reset']), notes);
  if (transfer?.kind === 'reset' && transfer.afterBytes === undefined) return CUT;
  try {
    const answer = await answerRoute(call, route, parts, notes, target, gateway);
    return answer !== CUT && transfer ? { ...answer, transfer } : answer;
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}

async function answerRoute(
  call: Call,
  route: Route,
  parts: Parts,
  notes: Notes,
  target: Target,
  gateway: Gateway,
): Promise<Answer | typeof CUT> {
  if (route.name === 'token') return parts.tokens.answer(call);
  checkCaller(call, parts.tokens, parts.clientId, gateway);
  if (route.name === 'profiles') {
    return route.profileId === undefined ? listProfiles(call, parts.world) : getProfile(route.profileId, parts.world);
  }
  const profile = checkScope(call, parts.world, gateway);
  if (route.name === 'create') return createJob(call, route, profile, parts, target, notes);
  const job = parts.jobs.get(route.id);
  notes.jobId = route.id;
  if (!job || !visible(job, route, profile.profileId)) {
    const what = route.what === 'report' ? 'Report' : 'Snapshot';
    return refusal(404, `${what} with ID ${route.id} was not found`, gateway);
  }
  if (route.name === 'download') return redirect(job, parts, target, notes);
  return route.what === 'report' ? reportStatus(job, parts.apiUrl()) : snapshotStatus(job, parts.apiUrl());
}

function createJob(
  call: Call,
  route: CreateRoute,
  profile: SandboxProfile,
  parts: Parts,
  target: Target,
  notes: Notes,
): Answer | typeof CUT {
  const read = route.what === 'report' ? readReportRequest : readSnapshotRequest;
  const damage = damageOf(parts.faults, target, notes);
  const draft = read(call, route.product, route.recordType, profile, parts.oracle, parts.clock.now(), damage);
  const job = parts.jobs.create({ ...draft, ...fateOf(parts.faults, target, notes) });
  notes.jobId = job.id;
  if (noted(parts.faults.strike(target, ['lost_answer']), notes)) return CUT;
  return route.what === 'report' ? reportCreated(job) : snapshotCreated(job);
}

/** A job is known to the profile that asked for it, under the paths of its kind, while its file lives. */
function visible(job: Job, route: JobRoute, profileId: string): boolean {
  const { draft } = job;
  const rightPlace = draft.what === route.what && (route.product === null || route.product === draft.product);
  return rightPlace && draft.profileId === profileId && !job.gone;
}

function redirect(job: Job, parts: Parts, target: Target, notes: Notes): Answer {
  const gateway = gatewayOf(job.draft.product);
  if (job.status !== 'SUCCESS') return refusal(400, `The file of ${job.id} is not ready for download`, gateway);
  const elsewhere = noted(parts.faults.strike(target, ['redirect_elsewhere']), notes);
  const expired = elsewhere ? undefined : noted(parts.faults.strike(target, ['expired_link']), notes);
  const location = elsewhere?.location ?? parts.storage.link(job, parts.downloadHost(), expired !== undefined);
  return { status: 307, headers: { ...gatewayHeaders(gateway), location }, body: '' };
}

/** Faults that answer in the place of Amazon, whatever is asked. */
function atTheDoor(faults: Faults, target: Target, notes: Notes, gateway: Gateway): Answer | typeof CUT | undefined {
  const fault = noted(faults.strike(target, ['refused_profile', '401', '429', '500', '503', 'html']), notes);
  switch (fault?.kind) {
    case 'refused_profile': {
      const status = fault.status ?? 401;
      const words =
        status === 401 ? `Not authorized to access scope ${target.profileId}` : 'Access to this profile is forbidden';
      return refusal(status, words, gateway);
    }
    case '401':
      return refusal(
        401,
        'Access token is invalid or has expired',
        gateway,
        gateway === 'display' ? 'UNAUTHORIZED' : '401',
      );
    case '429':
      return throttled({ ...fault, gateway });
    case '500':
      return refusal(500, 'Internal Error', gateway, 'INTERNAL_ERROR');
    case '503':
      return refusal(503, 'Service Unavailable', gateway);
    case 'html':
      return page(fault.status ?? 502, fault.status === 200 ? 'Welcome' : 'Bad Gateway');
    default:
      return undefined;
  }
}

/** Answers one request of the origin that plays S3. */
export async function answerStorage(call: Call, parts: Parts, notes: Notes): Promise<Answer | typeof CUT> {
  const job = parts.storage.jobOf(call);
  notes.jobId = job?.id ?? null;
  notes.profileId = job?.draft.profileId ?? null;
  const target: Target = { route: 's3', method: call.method, path: call.path, profileId: notes.profileId };
  const door = noted(parts.faults.strike(target, ['500', '503', 'html', 'expired_link']), notes);
  if (door?.kind === '500') return s3Error(500, 'InternalError', 'We encountered an internal error. Please try again.');
  if (door?.kind === '503') return s3Error(503, 'SlowDown', 'Please reduce your request rate.');
  if (door?.kind === 'html') return page(door.status ?? 502, 'Bad Gateway');
  if (door?.kind === 'expired_link') return s3Error(403, 'AccessDenied', 'Request has expired');
  const broken = noted(parts.faults.strike(target, ['truncated_gzip', 'bad_crc', 'cut_after_comma']), notes);
  const transfer = noted(parts.faults.strike(target, ['slow', 'reset']), notes);
  if (transfer?.kind === 'reset' && transfer.afterBytes === undefined) return CUT;
  const answer = await parts.storage.answer(call, broken);
  return transfer ? { ...answer, transfer } : answer;
}

function damageOf(faults: Faults, target: Target, notes: Notes): Damage | null {
  const unknown = noted(faults.strike(target, ['unknown_column']), notes);
  const malformed = noted(faults.strike(target, ['malformed_record']), notes);
  const bad = noted(faults.strike(target, ['bad_cells']), notes);
  if (!unknown && !malformed && !bad) return null;
  return {
    unknownColumn: unknown !== undefined,
    malformed: malformed !== undefined,
    badShare: bad ? (bad.share ?? 0.1) : 0,
  };
}

function fateOf(faults: Faults, target: Target, notes: Notes): Pick<JobDraft, 'fate' | 'details'> {
  const fault = noted(faults.strike(target, ['failure', 'never_ends']), notes);
  if (fault?.kind === 'never_ends') return { fate: 'never ends', details: '' };
  if (fault?.kind !== 'failure') return { fate: 'done', details: '' };
  return { fate: 'fails', details: fault.details ?? 'Report generation failed because of an internal error' };
}

/** Notes which fault struck. */
function noted<F extends Fault>(fault: F | undefined, notes: Notes): F | undefined {
  if (fault) notes.fault = notes.fault === null ? fault.kind : `${notes.fault},${fault.kind}`;
  return fault;
}

/** Name of a route, for records. */
export const nameOf = (route: Route | undefined): RouteName | 'unknown' => route?.name ?? 'unknown';
