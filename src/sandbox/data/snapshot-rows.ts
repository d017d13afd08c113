import type { SnapshotKind } from './catalog.js';
import { type Account, dayNumber, type EntityKind } from './entities.js';
import { DESCRIBE, type Member } from './snapshot-records.js';

/** One snapshot: of what, as of which day. */
export interface SnapshotSpec {
  readonly kind: SnapshotKind;
  readonly account: Account;
  /** Today in the profile's zone, as of the asking. */
  readonly day: string;
  readonly states: ReadonlySet<string>;
  /** Sponsored Display only; null means all. */
  readonly tactics: ReadonlySet<string> | null;
}

const ENTITIES: Readonly<Record<string, EntityKind>> = {
  campaigns: 'campaign',
  adGroups: 'adGroup',
  keywords: 'keyword',
  negativeKeywords: 'negativeKeyword',
  campaignNegativeKeywords: 'campaignNegativeKeyword',
  productAds: 'ad',
  targets: 'target',
  negativeTargets: 'negativeTarget',
};

/** The members of each record of a snapshot, in the order in which they are printed. */
export function* snapshotRecords(spec: SnapshotSpec): Generator<Member[]> {
  const { account, kind } = spec;
  const entity = ENTITIES[kind.recordType] as EntityKind;
  const today = dayNumber(spec.day);
  const describe = DESCRIBE[`${kind.product}/${kind.recordType}`]!;
  for (let index = 0; index < account.size; index++) {
    const campaign = account.campaignOf(entity, index);
    const state = account.state(entity, index, today);
    if (!spec.states.has(state)) continue;
    if (spec.tactics !== null && !spec.tactics.has(account.tactic(campaign))) continue;
    // "Snapshots include records for non-video campaigns only" (Sponsored Brands).
    if (kind.product === 'sb' && account.isVideo(campaign)) continue;
    // Negatives come and go: what was there yesterday need not be there today.
    if (/negative/i.test(entity) && (account.hash(entity, index) + today) % 11 === 0) continue;
    yield describe({ account, index, campaign, today, state: `"${state}"`, hash: account.hash(entity, index, 10) });
  }
}
