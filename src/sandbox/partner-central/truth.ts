import { createHash } from 'node:crypto';
import type { Clock } from '../clock.js';
import { engagementOf } from './data/engagements.js';
import type { Owner, View } from './data/world.js';
import { SANDBOX_AWS_ACCOUNTS } from './identities.js';
import { opportunityAnswer } from './operations/opportunities.js';
import { authorOf, printedAt } from './operations/snapshots.js';
import type { CatalogState } from './state/catalog.js';
import type {
  Catalog,
  OpportunityTruth,
  PartnerCentralFilter,
  PartnerCentralTruth,
  SnapshotJobTruth,
  ViewTruth,
} from './types.js';
import { milliseconds, wireJson } from './wire.js';

const OWNERS: readonly Owner[] = [0, 1];

/** Says exactly what the double holds now: every revision, who may see it, and its payload's hash. */
export function truthOf(
  states: ReadonlyMap<Catalog, CatalogState>,
  clock: Clock,
  filter: PartnerCentralFilter,
): PartnerCentralTruth {
  const chosen = [...states].filter(([catalog]) => (filter.catalog ?? catalog) === catalog).map(([, state]) => state);
  const owners = OWNERS.filter((owner) => {
    const { accountId } = SANDBOX_AWS_ACCOUNTS[owner];
    return (filter.account ?? accountId) === accountId;
  });
  const wanted = (engagement: string) => (filter.engagement ?? engagement) === engagement;
  const views = chosen.flatMap((state) =>
    [...state.world.engagements.entries()]
      .filter(([, id]) => wanted(id))
      .flatMap(([engagement]) => state.views.of(engagement))
      .filter((view) => owners.some((owner) => state.views.visible(view, owner)))
      .map((view) => viewTruth(state, view)),
  );
  return {
    asOf: clock.now().toISOString(),
    engagements: chosen.flatMap((state) => engagementTruths(state, owners).filter(({ id }) => wanted(id))),
    views,
    snapshots: views.reduce((sum, view) => sum + view.revisions.length, 0),
    opportunities: filter.engagement === undefined ? chosen.flatMap((state) => opportunityTruths(state, owners)) : [],
    jobs: chosen.flatMap((state) => jobTruths(state, owners).filter((job) => wanted(job.engagementId))),
    made: chosen.flatMap((state) => state.made),
  };
}

function engagementTruths(state: CatalogState, owners: readonly Owner[]) {
  const { world, timeline } = state;
  return world.engagements.flatMap((id, engagement) => {
    if (!owners.some((owner) => world.isMember(engagement, owner))) return [];
    const visibleTo = OWNERS.filter((owner) => world.isMember(engagement, owner)).map(accountIdOf);
    const members = engagementOf(world, timeline, engagement).members.map((member) => member.AccountId);
    return [{ catalog: world.catalog, id, visibleTo, members }];
  });
}

function viewTruth(state: CatalogState, view: View): ViewTruth {
  const { world, views } = state;
  const numbers = Array.from({ length: views.count(view) }, (_, index) => index + 1);
  return {
    catalog: world.catalog,
    engagementId: world.engagements[view.engagement] as string,
    resourceId: world.opportunities[view.opportunity] as string,
    template: view.template,
    visibleTo: OWNERS.filter((owner) => views.visible(view, owner)).map(accountIdOf),
    revisions: numbers.flatMap((number) => {
      const revision = views.gone(view, number) ? undefined : views.revision(view, number);
      if (!revision) return [];
      const payloadSha256 = sha256(wireJson(views.payload(view, revision)));
      return [
        { revision: number, createdAt: printedAt({ state }, view, revision), createdBy: authorOf(view), payloadSha256 },
      ];
    }),
    gone: numbers.filter((number) => views.gone(view, number)),
  };
}

function opportunityTruths(state: CatalogState, owners: readonly Owner[]): OpportunityTruth[] {
  const { world, opportunities } = state;
  return world.opportunities.flatMap((id, number) => {
    const owner = world.ownerOfOpportunity(number);
    if (!owners.includes(owner)) return [];
    return [
      {
        catalog: world.catalog,
        id,
        accountId: accountIdOf(owner),
        lastModifiedDate: milliseconds(opportunities.lastModified(number)),
        sha256: sha256(wireJson(opportunityAnswer(state, number))),
      },
    ];
  });
}

function jobTruths(state: CatalogState, owners: readonly Owner[]): SnapshotJobTruth[] {
  const { world, jobs } = state;
  return owners.flatMap((owner) =>
    jobs.ownedBy(owner).map((job) => ({
      catalog: world.catalog,
      id: job.id,
      accountId: accountIdOf(owner),
      engagementId: world.engagements[job.engagement] as string,
      resourceId: world.opportunities[job.opportunity] as string,
      status: job.running ? 'Running' : 'Stopped',
    })),
  );
}

const accountIdOf = (owner: Owner): string => SANDBOX_AWS_ACCOUNTS[owner].accountId;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
