import type { Dataset } from '../../contracts/index.js';
import type { Caller } from './caller.js';
import { profilesDataset } from './profiles.js';
import { reportDatasets } from './reports-v2.js';
import { snapshotDatasets } from './snapshots.js';

/** Everything that Amazon Ads can be asked for, family by family, asking through `caller`. */
export function datasetsOf(caller: Caller): Dataset[] {
  return [profilesDataset(caller), ...snapshotDatasets(caller), ...reportDatasets(caller)];
}
