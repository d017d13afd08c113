import type { Caller } from './caller.js';
import type { PartnerDataset } from './dataset.js';
import { listDatasets } from './lists.js';
import { membersDataset } from './members.js';
import { opportunitiesDataset } from './opportunities.js';
import { snapshotsDataset } from './snapshots.js';

/** Everything that Partner Central can be asked for, asking through `caller`. */
export function datasetsOf(caller: Caller): PartnerDataset[] {
  return [snapshotsDataset(caller), membersDataset(caller), opportunitiesDataset(caller), ...listDatasets(caller)];
}
