import { page } from '../answers.js';
import type { Clock } from '../clock.js';
import { type Fault, type Faults, SERVICE_DOOR, type Target } from '../faults.js';
import { type Answer, type Call, CUT } from '../http.js';
import type { Notes } from '../recorder.js';
import { ClientTokens } from './client-tokens.js';
import { answerHeaders, errorAnswer, ServiceError } from './errors.js';
import { Identities, type Identity } from './identities.js';
import type { Context } from './operations/context.js';
import { denied } from './operations/context.js';
import { OPERATIONS } from './operations/index.js';
import { Pager } from './paging.js';
import { Quotas } from './quotas.js';
import { isOperation, type OperationName, readRequest } from './requests.js';
import { CatalogState } from './state/catalog.js';
import { Tags } from './state/tags.js';
import { answerSts, isSts } from './sts.js';
import { CATALOGS, type Catalog, type PartnerCentralOptions } from './types.js';
import { wireJson } from './wire.js';

const SCOPE = { service: 'partnercentral-selling', region: 'us-east-1' };
const TARGET = /^AWSPartnerCentralSelling\.(\w+)$/;

/**
 * Plays AWS Partner Central Selling on awsJson1_0: `POST /` with the operation in `X-Amz-Target`,
 * signed with SigV4; requests that speak STS's protocol are answered by STS.
 */
export class PartnerCentral {
  readonly identities: Identities;
  readonly states: ReadonlyMap<Catalog, CatalogState>;
  /** Calls that arrived, by account and operation. */
  readonly calls = new Map<string, Map<string, number>>();
  readonly #options: PartnerCentralOptions;
  readonly #clock: Clock;
  readonly #faults: Faults;
  readonly #quotas: Quotas;
  readonly #pager: Pager;
  readonly #tokens = new ClientTokens();
  readonly #tags = new Tags();

  constructor(options: PartnerCentralOptions, seed: number, days: number, clock: Clock, faults: Faults) {
    this.#options = options;
    this.#clock = clock;
    this.#faults = faults;
    this.identities = new Identities(clock);
    this.#quotas = new Quotas(options.quotas ?? {}, clock);
    this.#pager = new Pager(seed);
    const { engagements = 12, opportunities = 20, snapshots = 120, quirks = true, jobSeconds = 0.2 } = options;
    this.states = new Map(
      CATALOGS.map((catalog) => {
        const world = { seed, catalog, engagements, opportunities, snapshots, quirks };
        return [catalog, new CatalogState(world, clock, days, jobSeconds)];
      }),
    );
  }

  /** Name of the call that a request makes, for records. */
  nameOf(call: Call): string {
    if (isSts(call)) return 'sts';
    const name = TARGET.exec(call.headers['x-amz-target'] ?? '')?.[1] ?? '';
    return isOperation(name) ? name : 'unknown';
  }

  /** Calls that arrived, by operation; of one account, or of all. */
  callsOf(account?: string): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const [accountId, counts] of this.calls) {
      if (account !== undefined && account !== accountId) continue;
      for (const [operation, count] of counts) sums[operation] = (sums[operation] ?? 0) + count;
    }
    return sums;
  }

  async answer(call: Call, notes: Notes): Promise<Answer | typeof CUT> {
    if (isSts(call)) return answerSts(call, this.identities);
    try {
      return this.#answer(call, notes);
    } catch (error) {
      if (error instanceof ServiceError) return errorAnswer(error);
      throw error;
    }
  }

  #answer(call: Call, notes: Notes): Answer | typeof CUT {
    const operation = this.nameOf(call);
    if (call.method !== 'POST' || !isOperation(operation)) {
      throw new ServiceError('UnknownOperationException', `No such operation: ${call.headers['x-amz-target'] ?? ''}`);
    }
    if (!(call.headers['content-type'] ?? '').startsWith('application/x-amz-json-1.0')) {
      throw new ServiceError('SerializationException', 'The Content-Type must be application/x-amz-json-1.0');
    }
    const identity = this.identities.verify(call, SCOPE);
    notes.accountId = identity.account.accountId;
    this.#count(notes.accountId, operation);
    const target = targetOf(call, operation, notes.accountId);
    this.#quotas.take(notes.accountId, operation);
    const struck = this.#atTheDoor(target, operation, notes);
    if (struck) return struck;
    const transfer = this.#strike(target, ['slow', 'reset'], notes);
    if (transfer?.kind === 'reset' && transfer.afterBytes === undefined) return CUT;
    const context = this.#context(call, operation, identity, target, notes);
    const result = OPERATIONS[operation](context);
    if (this.#strike(target, ['lost_answer'], notes)) return CUT;
    if (result && this.#strike(target, ['repeated_page_token'], notes)) {
      const { account, request } = context;
      result.NextToken = request.NextToken ?? this.#pager.first({ operation, accountId: account.accountId, request });
    }
    const whole = result === null ? '' : wireJson(result);
    const body = this.#strike(target, ['cut_body'], notes) ? whole.slice(0, Math.floor(whole.length / 2)) : whole;
    return { status: 200, headers: answerHeaders(), body, ...(transfer && { transfer }) };
  }

  #context(call: Call, operation: OperationName, identity: Identity, target: Target, notes: Notes): Context {
    const request = readRequest(operation, call.body);
    const catalog = request.Catalog ?? /:catalog\/(\w+)\//.exec(String(request.ResourceArn))?.[1];
    const state = this.states.get(catalog as Catalog) ?? (this.states.get('AWS') as CatalogState);
    return {
      ...identity,
      ...{ operation, request, state },
      clock: this.#clock,
      pager: this.#pager,
      tokens: this.#tokens,
      tags: this.#tags,
      listsEveryRevision: this.#options.listsEveryRevision ?? true,
      deniedMembers: this.#options.deniedMembers ?? this.#options.quirks ?? true,
      jobFailure: () => {
        const fault = this.#strike(target, ['failure'], notes);
        return fault ? (fault.details ?? 'The resource snapshot could not be created: internal error.') : null;
      },
    };
  }

  #atTheDoor(target: Target, operation: OperationName, notes: Notes): Answer | undefined {
    const fault = this.#strike(target, SERVICE_DOOR, notes);
    if (!fault) return undefined;
    switch (fault.kind) {
      case 'html':
        return page(fault.status ?? 502, fault.status === 200 ? 'Welcome' : 'Bad Gateway');
      case '500':
        throw new ServiceError('InternalServerException', 'An internal error has occurred.');
      case '503':
        return { status: 503, headers: answerHeaders(), body: '' };
      case 'AccessDeniedException':
        if (fault.message === undefined) throw denied(target.accountId ?? '', operation);
        throw new ServiceError(fault.kind, fault.message);
      default:
        throw new ServiceError(fault.kind, fault.message ?? WORDS[fault.kind] ?? fault.kind, {
          ...(fault.kind === 'ValidationException' && { ErrorList: [], Reason: 'BUSINESS_VALIDATION_FAILED' }),
        });
    }
  }

  #strike<K extends Fault['kind']>(target: Target, kinds: readonly K[], notes: Notes) {
    const fault = this.#faults.strike(target, kinds);
    if (fault) notes.fault = notes.fault === null ? fault.kind : `${notes.fault},${fault.kind}`;
    return fault;
  }

  #count(accountId: string, operation: OperationName): void {
    const counts = this.calls.get(accountId) ?? new Map<string, number>();
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    this.calls.set(accountId, counts);
  }
}

/** What errors on demand say, unless told otherwise. */
const WORDS: Readonly<Record<string, string>> = {
  ConflictException: 'The request conflicts with the current state of the resource.',
  ExpiredTokenException: 'The security token included in the request is expired',
  InternalServerException: 'An internal error has occurred.',
  ResourceNotFoundException: 'The resource was not found.',
  ServiceQuotaExceededException: 'The quota of resource snapshots is exceeded.',
  ThrottlingException: 'Rate exceeded',
  ValidationException: 'The request breaks a rule of the business.',
};

/** What faults see of a request, before it has been held against its shape. */
function targetOf(call: Call, operation: OperationName, accountId: string): Target {
  const engagement = /"(?:Engagement)?Identifier":"(?:[^"]*\/)?(eng-[0-9a-z]{14})"/.exec(call.body)?.[1] ?? null;
  return {
    route: operation,
    method: call.method,
    path: `/${operation}`,
    profileId: null,
    ...{ accountId, engagementId: engagement },
  };
}
