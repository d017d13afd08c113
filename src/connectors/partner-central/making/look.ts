import { createHash } from 'node:crypto';
import { MillpondError } from '../../../base/errors.js';
import type { Ctx, SnapshotRevision, SnapshotWanted } from '../../../contracts/index.js';
import type { Caller } from '../caller.js';
import { shownIn, shownOf, TEMPLATES } from './covered.js';

/** How a view stands: the resource as it is, its newest revision, and whether another would say anything new. */
export interface Look {
  /** The state of the resource that a snapshot would copy: `state …`. */
  readonly state: string;
  readonly newest: SnapshotRevision | undefined;
  readonly unchanged: boolean;
  /** Why, in a sentence for people. */
  readonly reason: string;
}

/**
 * Reads the resource and its newest snapshot: two calls.
 * @throws MillpondError as the service refuses.
 */
export async function look(caller: Caller, wanted: SnapshotWanted, ctx: Ctx): Promise<Look> {
  const template = TEMPLATES[wanted.template];
  if (!template) throw new MillpondError('E_USAGE', `There is no template ${wanted.template}`);
  const { operation, identifier } = template.source;
  const { json: record } = await caller.call(operation, { [identifier]: wanted.resource }, ctx);
  const newest = await newestOf(caller, wanted, ctx);
  const shown = shownOf(template, record);
  const modified = operation === 'GetOpportunity' ? textOf(record.LastModifiedDate) : '';
  // An AWS summary has no date of its own: its content says which state it is.
  const state = `state ${modified || createHash('sha256').update(shown).digest('hex')}`;
  if (!newest) return { state, newest, unchanged: false, reason: 'it has no snapshot yet' };

  const { revision, createdAt } = newest;
  if (modified && isBefore(modified, createdAt)) {
    const reason = `it was last modified at ${modified}, before revision ${revision} was made at ${createdAt}`;
    return { state, newest, unchanged: true, reason };
  }
  if (shownIn(template, newest.payload) === shown) {
    return { state, newest, unchanged: true, reason: `revision ${revision} shows all that ${wanted.template} would` };
  }
  return {
    state,
    newest,
    unchanged: false,
    reason: `it has changed since revision ${revision} was made at ${createdAt}`,
  };
}

/** The newest revision of a view, or undefined where there is none. */
async function newestOf(
  caller: Caller,
  wanted: SnapshotWanted,
  ctx: Ctx,
): Promise<(SnapshotRevision & { readonly payload: unknown }) | undefined> {
  try {
    const { json } = await caller.call('GetResourceSnapshot', viewOf(wanted), ctx);
    const { Revision: revision, Payload: payload } = json;
    if (typeof revision !== 'number') {
      throw new MillpondError('E_PROTOCOL', 'GetResourceSnapshot was answered without a revision');
    }
    return { revision, arn: textOf(json.Arn), createdAt: textOf(json.CreatedAt), payload };
  } catch (error) {
    if (error instanceof MillpondError && error.code === 'E_RESOURCE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** A view as requests name it. */
export function viewOf({ engagement, resource, template }: SnapshotWanted): Readonly<Record<string, string>> {
  return {
    EngagementIdentifier: engagement,
    ResourceType: 'Opportunity',
    ResourceIdentifier: resource,
    ResourceSnapshotTemplateIdentifier: template,
  };
}

/** A member that is text, '' where it is none. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether one printed instant lies in an earlier millisecond: what shares one is not ordered by what is printed. */
function isBefore(instant: string, other: string): boolean {
  return Date.parse(instant) < Date.parse(other);
}
