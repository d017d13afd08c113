import type { MillpondError } from '../../base/errors.js';
import type { Ask, Ctx, Held, SliceKey } from '../../contracts/index.js';
import { mapAhead, ownCtx } from './ahead.js';
import { bodyOf, withMember } from './bodies.js';
import type { Caller } from './caller.js';
import { ENGAGEMENT_MEMBERS } from './catalog/engagements.js';
import { datasetFrom, type PartnerDataset } from './dataset.js';
import { findEngagements } from './discovery.js';
import { Faults } from './faults.js';
import type { Failure, Found } from './found.js';
import { Moments } from './instants.js';

/** Engagements whose members are asked for at once. */
const AHEAD = 16;
/** So many engagements go into one artifact. */
const TOGETHER = 100;

/** The members of every engagement. One that is denied leaves the others. */
export function membersDataset(caller: Caller): PartnerDataset {
  return datasetFrom({
    title: 'Members of engagements',
    tables: [ENGAGEMENT_MEMBERS],
    operations: ['ListEngagements', 'ListEngagementResourceAssociations', 'ListEngagementMembers'],
    limits: ['one call an engagement each time'],
    read: (ask, held, ctx) => readMembers(caller, ask, held, ctx),
  });
}

async function* readMembers(caller: Caller, ask: Ask, held: Held, ctx: Ctx): AsyncGenerator<Found> {
  const { dataset, scope } = ask.slices[0]!;
  const keyOf = (slice: string): SliceKey => ({ dataset, scope, slice });
  const moments = new Moments(ctx.now);
  const faults = new Faults();
  const own = ownCtx(ctx);
  try {
    const { ids, warnings } = await findEngagements(caller, own.ctx);
    if (warnings.length > 0) yield { slices: [], gaps: [], warnings, asOf: moments.next() };
    for (const group of groups(ids.filter((id) => held.wants(keyOf(id))))) {
      const asOf = moments.next();
      const records: string[] = [];
      const slices: SliceKey[] = [];
      const failures: Failure[] = [];
      for await (const found of mapAhead(group, AHEAD, (id) => membersOf(caller, id, faults, own.ctx))) {
        const key = keyOf(found.id);
        if ('error' in found) failures.push({ key, error: found.error });
        else {
          slices.push(key);
          records.push(...found.members);
        }
      }
      yield slices.length > 0
        ? { body: bodyOf(records), slices, gaps: [], failures, asOf }
        : { slices, gaps: [], failures, asOf };
    }
  } finally {
    own.end();
  }
}

/**
 * Engagements that go into one artifact: few all together, many by how their ids begin, so that a
 * new one changes one artifact only, and all others are recognised as what is held.
 */
function groups(ids: readonly string[]): Iterable<readonly string[]> {
  if (ids.length <= TOGETHER) return ids.length > 0 ? [ids] : [];
  const byStart = new Map<string, string[]>();
  for (const id of ids) {
    const start = id.slice(0, 'eng-0'.length);
    byStart.set(start, [...(byStart.get(start) ?? []), id]);
  }
  return byStart.values();
}

type Members =
  | { readonly id: string; readonly members: readonly string[] }
  | { readonly id: string; readonly error: MillpondError };

/** The members of one engagement, each with its id, in the order of their accounts. */
async function membersOf(caller: Caller, id: string, faults: Faults, ctx: Ctx): Promise<Members> {
  try {
    const members: { readonly account: string; readonly record: string }[] = [];
    for await (const item of caller.items('ListEngagementMembers', { Identifier: id }, ctx)) {
      const { AccountId } = JSON.parse(item) as { readonly AccountId?: unknown };
      members.push({ account: String(AccountId), record: withMember(item, 'EngagementId', id) });
    }
    faults.well();
    members.sort((a, b) => (a.account < b.account ? -1 : 1));
    return { id, members: members.map(({ record }) => record) };
  } catch (error) {
    return { id, error: faults.ofOne(error) };
  }
}
