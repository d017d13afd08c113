import { SANDBOX_AWS_ACCOUNTS } from '../identities.js';
import { invitationId } from './ids.js';
import type { Timeline } from './timeline.js';
import type { Owner, PartnerWorld } from './world.js';

const DAY = 86_400_000;

/** Days until an invitation that nobody answers expires. */
const LIFE_DAYS = 15;

/** An invitation to join an engagement. */
export interface Invitation {
  readonly id: string;
  readonly engagement: number;
  readonly status: 'ACCEPTED' | 'PENDING' | 'REJECTED' | 'EXPIRED';
  readonly invited: number;
  readonly expires: number;
  /** Of the sandbox's accounts, those that sent and received it; null where it is another partner. */
  readonly sender: Owner | null;
  readonly receiver: Owner | null;
  readonly senderAccountId: string;
  readonly senderCompanyName: string;
  readonly receiverAccountId: string;
  readonly type: 'OpportunityInvitation' | 'LeadInvitation';
  readonly rejectionReason: string | null;
}

const OTHER = { accountId: '700000000007', companyName: 'Third Partner 7' };

/** One for every second engagement: sent by us, or received by us. One in eight was sent a day before the start. */
export function invitationsOf(world: PartnerWorld, timeline: Timeline, now: number): Invitation[] {
  const all: Invitation[] = [];
  for (let engagement = 0; engagement < world.engagements.length; engagement += 2) {
    const owner = world.ownerOfEngagement(engagement);
    const turn = engagement / 2;
    const sent = turn % 2 === 0;
    const pending = turn % 4 === 1;
    const ours = SANDBOX_AWS_ACCOUNTS[owner];
    const invited = pending ? timeline.migration - DAY : timeline.created(engagement) + 2 * DAY + 40;
    const expires = invited + LIFE_DAYS * DAY;
    const answered = turn % 4 === 3 ? 'REJECTED' : 'ACCEPTED';
    all.push({
      id: invitationId(world.seed, world.catalog, engagement),
      engagement,
      status: pending ? (now < expires ? 'PENDING' : 'EXPIRED') : answered,
      ...{ invited, expires },
      sender: sent ? owner : null,
      receiver: sent ? null : owner,
      senderAccountId: sent ? ours.accountId : OTHER.accountId,
      senderCompanyName: sent ? ours.companyName : OTHER.companyName,
      receiverAccountId: sent ? OTHER.accountId : ours.accountId,
      type: world.sharedIn(engagement).length > 0 ? 'OpportunityInvitation' : 'LeadInvitation',
      rejectionReason: answered === 'REJECTED' && !pending ? 'Customer problem unclear' : null,
    });
  }
  return all;
}
