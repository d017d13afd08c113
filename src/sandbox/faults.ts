import { sequence } from './data/random.js';
import { isOperation, type OperationName, REQUESTS } from './partner-central/requests.js';

/** The calls that faults and records tell apart: those of Amazon Ads, and Partner Central's operations. */
export type RouteName = AdsRouteName | OperationName;

type AdsRouteName = 'token' | 'profiles' | 'create' | 'status' | 'download' | 's3';

/** Where a fault strikes, and what it does. */
interface FaultPlace {
  /**
   * A call, or a pattern of `METHOD /path` (`POST /GetResourceSnapshot` for an operation of Partner
   * Central); by default wherever the fault makes sense.
   */
  readonly route?: RouteName | RegExp;
  /** Only requests of this profile. (The origin that plays S3 knows it by the file asked for.) */
  readonly profile?: string;
  /** Partner Central: only requests of this account, or about this engagement. */
  readonly account?: string;
  readonly engagement?: string;
  /** How often it strikes before it is over; absent: for ever. */
  readonly count?: number;
  /** How many requests that fit pass unharmed first. */
  readonly after?: number;
  /** Chance of striking a request that fits, 0 to 1; by the seed. Default 1. */
  readonly probability?: number;
}

/** Something that goes wrong on demand. */
export type Fault = FaultPlace &
  (
    | { readonly kind: '401' }
    | { readonly kind: '500' }
    | { readonly kind: '503' }
    /** `retryAfter` in seconds, none by default; `html`: the gateway's page instead of JSON. */
    | { readonly kind: '429'; readonly retryAfter?: number; readonly html?: boolean }
    /** A page where JSON should be. Default status 502. */
    | { readonly kind: 'html'; readonly status?: number }
    /** The connection is cut: at once, or after so many bytes of the body. */
    | { readonly kind: 'reset'; readonly afterBytes?: number }
    /** The body comes in drops, or stands still after its first bytes. */
    | { readonly kind: 'slow'; readonly bytesPerSecond: number }
    /** The file itself is broken: cut in the middle, its checksum wrong, or its JSON cut after a comma. */
    | { readonly kind: 'truncated_gzip' }
    | { readonly kind: 'bad_crc' }
    | { readonly kind: 'cut_after_comma' }
    /** The link handed out has expired already. */
    | { readonly kind: 'expired_link' }
    /** The job that is made fails, or never ends; of a snapshot job, the execution that starts. */
    | { readonly kind: 'failure'; readonly details?: string }
    | { readonly kind: 'never_ends' }
    /** The job is made, and the connection cut before the answer. */
    | { readonly kind: 'lost_answer' }
    /** The profile is refused whatever it asks. Default status 401. */
    | { readonly kind: 'refused_profile'; readonly status?: 401 | 403 }
    /** The link leads somewhere else. */
    | { readonly kind: 'redirect_elsewhere'; readonly location: string }
    /** The file of the job that is made has one record that is no JSON. */
    | { readonly kind: 'malformed_record' }
    /** A share of its records (default 0.1) has a cell that is not of its type. */
    | { readonly kind: 'bad_cells'; readonly share?: number }
    /** Its records have keys that nobody knows. */
    | { readonly kind: 'unknown_column' }
    /** Partner Central answers with this error. */
    | { readonly kind: ServiceFault; readonly message?: string }
    /** A list's answer names the page that was just asked for as the next one. */
    | { readonly kind: 'repeated_page_token' }
    /** The JSON ends in the middle, though the HTTP answer is whole. */
    | { readonly kind: 'cut_body' }
  );

/** Errors of Partner Central that can be had on demand. */
const SERVICE_FAULTS = [
  'AccessDeniedException',
  'ConflictException',
  'ExpiredTokenException',
  'InternalServerException',
  'ResourceNotFoundException',
  'ServiceQuotaExceededException',
  'ThrottlingException',
  'ValidationException',
] as const;

export type ServiceFault = (typeof SERVICE_FAULTS)[number];

/** Kinds that end a request before any operation sees it. */
export const SERVICE_DOOR = [...SERVICE_FAULTS, '500', '503', 'html'] as const;

export type FaultKind = Fault['kind'];

const OPERATIONS = Object.keys(REQUESTS).filter(isOperation);

/** The calls that a fault strikes unless it says otherwise. */
const PLACES: Readonly<Record<FaultKind, readonly RouteName[]>> = {
  ...(Object.fromEntries(SERVICE_FAULTS.map((kind) => [kind, OPERATIONS])) as Record<ServiceFault, OperationName[]>),
  repeated_page_token: OPERATIONS.filter((name) => name.startsWith('List')),
  cut_body: OPERATIONS,
  401: ['profiles', 'create', 'status', 'download'],
  429: ['profiles', 'create', 'status', 'download'],
  500: ['token', 'profiles', 'create', 'status', 'download', 's3', ...OPERATIONS],
  503: ['token', 'profiles', 'create', 'status', 'download', 's3', ...OPERATIONS],
  html: ['token', 'profiles', 'create', 'status', 'download', 's3', ...OPERATIONS],
  reset: ['token', 'profiles', 'create', 'status', 'download', 's3', ...OPERATIONS],
  slow: ['s3', ...OPERATIONS],
  truncated_gzip: ['s3'],
  bad_crc: ['s3'],
  cut_after_comma: ['s3'],
  expired_link: ['download'],
  redirect_elsewhere: ['download'],
  failure: ['create', 'StartResourceSnapshotJob'],
  never_ends: ['create'],
  lost_answer: ['create', 'CreateResourceSnapshot', 'CreateResourceSnapshotJob'],
  malformed_record: ['create'],
  bad_cells: ['create'],
  unknown_column: ['create'],
  refused_profile: ['create', 'status', 'download'],
};

/** A request as faults see it. */
export interface Target {
  readonly route: RouteName;
  readonly method: string;
  readonly path: string;
  readonly profileId: string | null;
  readonly accountId?: string | null;
  readonly engagementId?: string | null;
}

interface Armed {
  readonly fault: Fault;
  passed: number;
  struck: number;
}

/** The faults that wait for their request. */
export class Faults {
  #armed: Armed[] = [];
  readonly #chance: () => number;
  /** How often any struck. */
  struck = 0;

  constructor(seed: number) {
    this.#chance = sequence(seed);
  }

  add(...faults: readonly Fault[]): void {
    for (const fault of faults) {
      if (!(fault.kind in PLACES)) throw new RangeError(`No such fault: ${String(fault.kind)}`);
      this.#armed.push({ fault, passed: 0, struck: 0 });
    }
  }

  clear(): void {
    this.#armed = [];
  }

  /** The first fault of these kinds that strikes the request, if any does. */
  strike<K extends FaultKind>(target: Target, kinds: readonly K[]): Extract<Fault, { kind: K }> | undefined {
    for (const armed of this.#armed) {
      const { fault } = armed;
      if (!(kinds as readonly string[]).includes(fault.kind) || !fits(fault, target)) continue;
      if (fault.count !== undefined && armed.struck >= fault.count) continue;
      if (armed.passed < (fault.after ?? 0)) {
        armed.passed++;
        continue;
      }
      if (fault.probability !== undefined && this.#chance() >= fault.probability) continue;
      armed.struck++;
      this.struck++;
      return fault as Extract<Fault, { kind: K }>;
    }
    return undefined;
  }
}

function fits(fault: Fault, target: Target): boolean {
  if (fault.profile !== undefined && fault.profile !== target.profileId) return false;
  if (fault.account !== undefined && fault.account !== target.accountId) return false;
  if (fault.engagement !== undefined && fault.engagement !== target.engagementId) return false;
  if (fault.route instanceof RegExp) return fault.route.test(`${target.method} ${target.path}`);
  return fault.route === undefined ? PLACES[fault.kind].includes(target.route) : fault.route === target.route;
}

const ROUTES: readonly string[] = ['token', 'profiles', 'create', 'status', 'download', 's3', ...OPERATIONS];

/** A fault as it comes over HTTP, where a pattern is plain text. @throws RangeError for what is no fault. */
export function parseFault(value: unknown): Fault {
  const { route, ...rest } = (value ?? {}) as { route?: unknown; kind?: unknown };
  if (typeof rest.kind !== 'string' || !(rest.kind in PLACES)) {
    throw new RangeError(`A fault has a kind, one of ${Object.keys(PLACES).join(', ')}`);
  }
  const place = typeof route === 'string' ? { route: ROUTES.includes(route) ? route : new RegExp(route) } : {};
  return { ...rest, ...place } as Fault;
}
