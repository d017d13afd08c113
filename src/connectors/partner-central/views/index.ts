import type { View } from '../../../contracts/index.js';
import { OPPORTUNITY_CHANGES } from './changes.js';
import { EXPECTED_SPEND_ROWS, LATEST_SNAPSHOTS, PIPELINE_AS_OF, STAGE_HISTORY } from './snapshots.js';

/** Views over snapshots of opportunities: what people ask for. */
export const SNAPSHOT_VIEWS: readonly View[] = [
  LATEST_SNAPSHOTS,
  OPPORTUNITY_CHANGES,
  STAGE_HISTORY,
  EXPECTED_SPEND_ROWS,
  PIPELINE_AS_OF,
];
