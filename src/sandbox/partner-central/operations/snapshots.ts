import { engagementOf } from '../data/engagements.js';
import { ownedArn, snapshotArn } from '../data/ids.js';
import { AWS_VIEW, SUMMARY_VIEW, type View } from '../data/world.js';
import { SANDBOX_AWS_ACCOUNTS } from '../identities.js';
import type { Item } from '../paging.js';
import type { CatalogState } from '../state/catalog.js';
import type { Revision } from '../state/views.js';
import { nanos } from '../wire.js';
import { type Context, engagementIn, notFound, type Operation, ownOpportunity, pageOf, textOf } from './context.js';

/** Names no time at all, and has no order to choose. */
export const listResourceSnapshots: Operation = (context) => {
  const { world, views } = context.state;
  const engagement = engagementIn(context, textOf(context, 'EngagementIdentifier') as string);
  const resource = textOf(context, 'ResourceIdentifier');
  const template = textOf(context, 'ResourceSnapshotTemplateIdentifier');
  const by = textOf(context, 'CreatedBy');
  const items = views.of(engagement).flatMap((view): Item[] => {
    const id = world.opportunities[view.opportunity] as string;
    if (!views.visible(view, context.owner)) return [];
    if ((resource ?? id) !== id || (template ?? view.template) !== view.template) return [];
    if ((by ?? authorOf(view)) !== authorOf(view)) return [];
    const newest = views.count(view);
    const first = context.listsEveryRevision ? 1 : newest;
    return Array.from({ length: newest - first + 1 }, (_, index) => ({
      key: `${id} ${view.template} ${String(first + index).padStart(10, '0')}`,
      write: () => snapshotFields(context, view, first + index),
    }));
  });
  return pageOf(context, 'ResourceSnapshotSummaries', items, 1000);
};

export const getResourceSnapshot: Operation = (context) => {
  const { world, timeline, views } = context.state;
  const engagement = engagementIn(context, textOf(context, 'EngagementIdentifier') as string);
  const resource = textOf(context, 'ResourceIdentifier') as string;
  const template = textOf(context, 'ResourceSnapshotTemplateIdentifier') as string;
  const view = views.find(engagement, world.opportunityNumber(resource) ?? -1, template);
  if (!view || !views.visible(view, context.owner)) {
    throw notFound(`Resource snapshot of ${resource} with template ${template} was not found`);
  }
  const number = (context.request.Revision as number | undefined | null) ?? views.count(view);
  const revision = views.revision(view, number);
  if (!revision || views.gone(view, number)) throw notFound(`Revision ${number} of ${resource} was not found`);
  return {
    ...snapshotFields(context, view, number),
    Catalog: world.catalog,
    CreatedAt: printedAt(context, view, revision),
    EngagementId: world.engagements[engagement],
    Payload: views.payload(view, revision),
    TargetMemberAccounts:
      template === AWS_VIEW
        ? [SANDBOX_AWS_ACCOUNTS[view.owner].accountId]
        : engagementOf(world, timeline, engagement).members.map((member) => member.AccountId),
  };
};

/** Makes a revision, whether the opportunity has changed or not: forever, and for all members. */
export const createResourceSnapshot: Operation = (context) =>
  context.tokens.once(context.account.accountId, context.operation, context.request, () => {
    const { world, views, made } = context.state;
    const view = makeable(context);
    const { revision } = views.make(view);
    const [engagementId, resourceId] = [
      world.engagements[view.engagement] as string,
      world.opportunities[view.opportunity] as string,
    ];
    made.push({
      catalog: world.catalog,
      accountId: context.account.accountId,
      ...{ engagementId, resourceId, template: view.template, revision },
      clientToken: textOf(context, 'ClientToken') as string,
    });
    return { Arn: snapshotArn(world.catalog, engagementId, resourceId, view.template, revision), Revision: revision };
  });

/**
 * The view that a partner may write to: its own opportunity, in an engagement it is in, through the
 * template for partners. @throws ServiceError ResourceNotFoundException.
 */
export function makeable(context: Context): View {
  const engagement = engagementIn(context, textOf(context, 'EngagementIdentifier') as string);
  const opportunity = ownOpportunity(context, textOf(context, 'ResourceIdentifier') as string);
  const template = textOf(context, 'ResourceSnapshotTemplateIdentifier') as string;
  if (template !== SUMMARY_VIEW) throw notFound(`Resource snapshot template ${template} was not found`);
  return context.state.views.findOrBear(engagement, opportunity, context.owner);
}

/** When a revision came, as GetResourceSnapshot prints it. */
export function printedAt({ state }: Pick<Context, 'state'>, view: View, revision: Revision): string {
  const { engagement, opportunity, template } = view;
  return nanos(revision.at, state.world.seed, engagement, opportunity, template, revision.revision);
}

/** AWS makes its own view; every other one is its owner's. */
export const authorOf = (view: View): string =>
  view.template === AWS_VIEW ? 'aws' : SANDBOX_AWS_ACCOUNTS[view.owner].accountId;

function snapshotFields({ state }: Context, view: View, revision: number): Record<string, unknown> {
  const { world } = state;
  const engagement = world.engagements[view.engagement] as string;
  const resource = world.opportunities[view.opportunity] as string;
  return {
    Arn: snapshotArn(world.catalog, engagement, resource, view.template, revision),
    CreatedBy: authorOf(view),
    ResourceId: resource,
    ResourceSnapshotTemplateName: view.template,
    ResourceType: 'Opportunity',
    Revision: revision,
  };
}

/** ARN of an opportunity. */
export const opportunityArn = ({ world }: CatalogState, opportunity: number): string => {
  const { accountId } = SANDBOX_AWS_ACCOUNTS[world.ownerOfOpportunity(opportunity)];
  return ownedArn(world.catalog, accountId, 'opportunity', world.opportunities[opportunity] as string);
};
