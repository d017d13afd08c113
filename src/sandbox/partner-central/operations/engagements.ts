import { engagementOf } from '../data/engagements.js';
import { engagementArn, ownedArn } from '../data/ids.js';
import { type Invitation, invitationsOf } from '../data/invitations.js';
import { SANDBOX_AWS_ACCOUNTS } from '../identities.js';
import { hundredths, nanos } from '../wire.js';
import {
  type Context,
  denied,
  engagementIn,
  isDescending,
  listIn,
  notFound,
  type Operation,
  pageOf,
  textOf,
} from './context.js';

/** The engagement whose members may not be listed. */
const DENIED_MEMBERS = 2;

const sortable = (ms: number, id: string): string => `${String(ms).padStart(15, '0')} ${id}`;

export const listEngagements: Operation = (context) => {
  const { world, timeline } = context.state;
  const wanted = listIn(context, 'EngagementIdentifier')?.map((text) => text.slice(text.lastIndexOf('/') + 1));
  const [by, notBy] = [listIn(context, 'CreatedBy'), listIn(context, 'ExcludeCreatedBy')];
  const [types, notTypes] = [listIn(context, 'ContextTypes'), listIn(context, 'ExcludeContextTypes')];
  const items = world.engagements.flatMap((id, number) => {
    if (!world.isMember(number, context.owner) || wanted?.includes(id) === false) return [];
    const engagement = engagementOf(world, timeline, number);
    const contextTypes = engagement.contexts.map((one) => String(one.Type));
    if (by?.includes(engagement.createdBy) === false || notBy?.includes(engagement.createdBy)) return [];
    if (types && !contextTypes.some((type) => types.includes(type))) return [];
    if (notTypes && contextTypes.some((type) => notTypes.includes(type))) return [];
    const write = () => ({
      Arn: engagementArn(world.catalog, id),
      ContextTypes: contextTypes,
      CreatedAt: hundredths(engagement.created),
      CreatedBy: engagement.createdBy,
      Id: id,
      MemberCount: engagement.members.length,
      ModifiedAt: engagement.modified === null ? null : hundredths(engagement.modified),
      ModifiedBy: engagement.modified === null ? null : engagement.createdBy,
      Title: engagement.title,
    });
    return [{ key: sortable(engagement.created, id), write }];
  });
  return pageOf(context, 'EngagementSummaryList', items, 100, isDescending(context, true));
};

/** Unlike the list it leaves `ModifiedAt` and `ModifiedBy` out, and prints `CreatedAt` to the nanosecond. */
export const getEngagement: Operation = (context) => {
  const { world, timeline } = context.state;
  const number = engagementIn(context, textOf(context, 'Identifier') as string);
  const id = world.engagements[number] as string;
  const engagement = engagementOf(world, timeline, number);
  return {
    Arn: engagementArn(world.catalog, id),
    Contexts: engagement.contexts,
    CreatedAt: nanos(engagement.created, id),
    CreatedBy: engagement.createdBy,
    Description: engagement.description,
    Id: id,
    MemberCount: engagement.members.length,
    Title: engagement.title,
  };
};

export const listEngagementMembers: Operation = (context) => {
  const { world, timeline } = context.state;
  const number = engagementIn(context, textOf(context, 'Identifier') as string);
  if (context.deniedMembers && number === DENIED_MEMBERS) throw denied(context.account.accountId, context.operation);
  const items = engagementOf(world, timeline, number).members.map((member, place) => ({
    key: String(place).padStart(3, '0'),
    write: () => ({ ...member }),
  }));
  return pageOf(context, 'EngagementMemberList', items, 10);
};

/** Resources of which the caller can see at least one snapshot. */
export const listEngagementResourceAssociations: Operation = (context) => {
  const { world, views } = context.state;
  const only = textOf(context, 'EngagementIdentifier');
  const resource = textOf(context, 'ResourceIdentifier');
  const by = textOf(context, 'CreatedBy');
  const numbers = only === undefined ? [...world.engagements.keys()] : [engagementIn(context, only)];
  const items = numbers.flatMap((number) => {
    const seen = views.of(number).filter((view) => views.visible(view, context.owner));
    return seen
      .filter((view, place) => seen.findIndex((other) => other.opportunity === view.opportunity) === place)
      .flatMap((view) => {
        const [engagement, id] = [world.engagements[number] as string, world.opportunities[view.opportunity] as string];
        const { accountId } = SANDBOX_AWS_ACCOUNTS[view.owner];
        if ((resource !== undefined && resource !== id) || (by !== undefined && by !== accountId)) return [];
        const write = () => ({
          Catalog: world.catalog,
          CreatedBy: accountId,
          EngagementId: engagement,
          ResourceId: id,
          ResourceType: 'Opportunity',
        });
        return [{ key: `${engagement} ${id}`, write }];
      });
  });
  return pageOf(context, 'EngagementResourceAssociationSummaries', items, 1000);
};

export const listEngagementInvitations: Operation = (context) => {
  const { world } = context.state;
  const role = textOf(context, 'ParticipantType') === 'SENDER' ? 'sender' : 'receiver';
  const [statuses, types] = [listIn(context, 'Status'), listIn(context, 'PayloadType')];
  const senders = listIn(context, 'SenderAwsAccountId');
  const engagements = listIn(context, 'EngagementIdentifier')?.map((text) => text.slice(text.lastIndexOf('/') + 1));
  const items = invitationsIn(context)
    .filter((invitation) => invitation[role] === context.owner)
    .filter((invitation) => statuses?.includes(invitation.status) ?? true)
    .filter((invitation) => types?.includes(invitation.type) ?? true)
    .filter((invitation) => senders?.includes(invitation.senderAccountId) ?? true)
    .filter((invitation) => engagements?.includes(world.engagements[invitation.engagement] as string) ?? true)
    .map((invitation) => ({
      key: sortable(invitation.invited, invitation.id),
      write: () => ({
        ...invitationFields(context, invitation, hundredths),
        ParticipantType: textOf(context, 'ParticipantType'),
      }),
    }));
  return pageOf(context, 'EngagementInvitationSummaries', items, 100, isDescending(context, true));
};

export const getEngagementInvitation: Operation = (context) => {
  const { world, timeline } = context.state;
  const identifier = textOf(context, 'Identifier') as string;
  const id = identifier.slice(identifier.lastIndexOf('/') + 1);
  const found = invitationsIn(context).find((invitation) => invitation.id === id);
  if (!found || (found.sender !== context.owner && found.receiver !== context.owner)) {
    throw notFound(`Engagement invitation with identifier ${identifier} was not found`);
  }
  const engagement = engagementOf(world, timeline, found.engagement);
  return {
    ...invitationFields(context, found, (ms) => nanos(ms, found.id)),
    EngagementDescription: engagement.description,
    EnrichmentContext: null,
    ExistingMembers: engagement.members.map(({ CompanyName, WebsiteUrl }) => ({ CompanyName, WebsiteUrl })),
    InvitationMessage: 'Let us work on this one together.',
    Payload: { [found.type]: invitationPayload(found, engagement.contexts[0]) },
    RejectionReason: found.rejectionReason,
  };
};

function invitationsIn(context: Context): Invitation[] {
  const { world, timeline } = context.state;
  return invitationsOf(world, timeline, context.clock.now().getTime());
}

function invitationFields(context: Context, invitation: Invitation, print: (ms: number) => string) {
  const { world, timeline } = context.state;
  return {
    Arn: ownedArn(world.catalog, invitation.senderAccountId, 'engagement-invitation', invitation.id),
    Catalog: world.catalog,
    EngagementId: world.engagements[invitation.engagement],
    EngagementTitle: engagementOf(world, timeline, invitation.engagement).title,
    ExpirationDate: print(invitation.expires),
    Id: invitation.id,
    InvitationDate: print(invitation.invited),
    PayloadType: invitation.type,
    Receiver: { Account: { Alias: null, AwsAccountId: invitation.receiverAccountId } },
    SenderAwsAccountId: invitation.senderAccountId,
    SenderCompanyName: invitation.senderCompanyName,
    Status: invitation.status,
  };
}

function invitationPayload(invitation: Invitation, context: Record<string, unknown> | undefined) {
  const payload = context?.Payload as Record<string, Record<string, unknown>> | undefined;
  if (invitation.type === 'LeadInvitation') {
    const interaction = { ContactBusinessTitle: 'CTO', SourceId: null, SourceName: 'Fair', SourceType: 'Event' };
    return { Customer: payload?.Lead?.Customer ?? null, Interaction: interaction };
  }
  const project = payload?.CustomerProject?.Project as Record<string, unknown> | undefined;
  return {
    Customer: payload?.CustomerProject?.Customer ?? null,
    Project: { ...project, ExpectedCustomerSpend: [] },
    ReceiverResponsibilities: ['Reseller'],
    SenderContacts: null,
  };
}
