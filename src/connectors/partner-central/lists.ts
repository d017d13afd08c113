import type { Ctx, DirectFetch, SliceKey } from '../../contracts/index.js';
import { mapAhead, ownCtx } from './ahead.js';
import { bodyFrom, bodyOf, ofCatalog } from './bodies.js';
import type { Caller, Input } from './caller.js';
import {
  ENGAGEMENT_INVITATIONS,
  ENGAGEMENT_RESOURCE_ASSOCIATIONS,
  ENGAGEMENTS,
  RESOURCE_SNAPSHOT_JOBS,
} from './catalog/engagements.js';
import { AWS_OPPORTUNITY_SUMMARIES } from './catalog/opportunities.js';
import { datasetFrom, type PartnerDataset } from './dataset.js';
import { findOpportunities } from './discovery.js';
import { recordOf } from './get-record.js';
import type { OperationName } from './operations.js';

/** Gets under way at once within one list. */
const AHEAD = 16;

/** Lists that are loaded whole each time: small, and replaced whole. */
export function listDatasets(caller: Caller): PartnerDataset[] {
  const oldestFirst = { Sort: { SortBy: 'CreatedDate', SortOrder: 'ASCENDING' } };
  return [
    datasetFrom({
      title: 'Engagements',
      tables: [ENGAGEMENTS],
      operations: ['ListEngagements'],
      read: wholeList((ctx) => itemsById(caller, [['ListEngagements', oldestFirst]], ['Id'], ctx)),
    }),
    datasetFrom({
      title: 'Opportunities shared in engagements',
      tables: [ENGAGEMENT_RESOURCE_ASSOCIATIONS],
      operations: ['ListEngagementResourceAssociations'],
      read: wholeList((ctx) =>
        itemsById(
          caller,
          [['ListEngagementResourceAssociations', {}]],
          ['EngagementId', 'ResourceType', 'ResourceId'],
          ctx,
          caller.catalog,
        ),
      ),
    }),
    datasetFrom({
      title: 'Invitations to engagements',
      tables: [ENGAGEMENT_INVITATIONS],
      operations: ['ListEngagementInvitations'],
      read: wholeList((ctx) => {
        const both = (['SENDER', 'RECEIVER'] as const).map(
          (ParticipantType) => ['ListEngagementInvitations', { ParticipantType }] as const,
        );
        return itemsById(caller, both, ['Id'], ctx, caller.catalog);
      }),
    }),
    datasetFrom({
      title: 'Snapshot jobs',
      tables: [RESOURCE_SNAPSHOT_JOBS],
      operations: ['ListResourceSnapshotJobs', 'GetResourceSnapshotJob'],
      read: wholeList((ctx) => jobs(caller, ctx)),
    }),
    datasetFrom({
      title: "AWS's view of opportunities",
      tables: [AWS_OPPORTUNITY_SUMMARIES],
      operations: ['ListOpportunities', 'GetAwsOpportunitySummary'],
      limits: ['one call an opportunity each time'],
      read: wholeList((ctx) => summaries(caller, ctx)),
    }),
  ];
}

type Records = readonly string[] | AsyncIterable<string>;

/** Reads a list into its one slice, `all`. */
function wholeList(records: (ctx: Ctx) => Promise<Records>): DirectFetch['read'] {
  return async function* read(ask, held, ctx) {
    const { dataset, scope } = ask.slices[0]!;
    const key: SliceKey = { dataset, scope, slice: 'all' };
    if (!held.wants(key)) return;
    const asOf = ctx.now().toISOString();
    const own = ownCtx(ctx);
    try {
      const found = await records(own.ctx);
      const body = Symbol.asyncIterator in found ? bodyFrom(found) : bodyOf(found);
      yield { body, slices: [key], gaps: [], asOf };
    } finally {
      own.end();
    }
  };
}

/** Items of lists in the order of their ids, each once: the service promises no order, and a list can move while it is read. */
async function itemsById(
  caller: Caller,
  lists: readonly (readonly [OperationName, Input])[],
  id: readonly string[],
  ctx: Ctx,
  catalog?: string,
): Promise<readonly string[]> {
  const byId = new Map<string, string>();
  for (const [operation, input] of lists) {
    for await (const item of caller.items(operation, input, ctx)) {
      const parsed = JSON.parse(item) as Readonly<Record<string, unknown>>;
      byId.set(id.map((name) => String(parsed[name])).join('/'), catalog ? ofCatalog(item, parsed, catalog) : item);
    }
  }
  return [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** Every job as the get call tells it: a list says little of them. One that is deleted meanwhile is left out. */
async function jobs(caller: Caller, ctx: Ctx): Promise<Records> {
  const ids = new Set<string>();
  for await (const item of caller.items('ListResourceSnapshotJobs', {}, ctx)) {
    const { Id } = JSON.parse(item) as { readonly Id?: unknown };
    if (typeof Id === 'string') ids.add(Id);
  }
  return existing([...ids].sort(), (id) =>
    recordOf(caller, 'GetResourceSnapshotJob', { ResourceSnapshotJobIdentifier: id }, ctx),
  );
}

/** AWS's summary of every opportunity that has one: those that AWS has not taken up have none. */
async function summaries(caller: Caller, ctx: Ctx): Promise<Records> {
  const ids = await findOpportunities(caller, ctx);
  return existing(ids, (id) => recordOf(caller, 'GetAwsOpportunitySummary', { RelatedOpportunityIdentifier: id }, ctx));
}

async function* existing(
  ids: readonly string[],
  get: (id: string) => Promise<string | undefined>,
): AsyncGenerator<string> {
  for await (const found of mapAhead(ids, AHEAD, get)) if (found !== undefined) yield found;
}
