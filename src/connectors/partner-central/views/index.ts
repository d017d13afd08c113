import type { View } from '../../../contracts/index.js';

export const SNAPSHOT_VIEWS: readonly View[] = [];
