import type { Dataset, DirectFetch, Table, View } from '../../contracts/index.js';
import { iamAction, type OperationName } from './operations.js';
import { CURSOR, oneAsk, wholeRequest } from './options.js';

/** What tells one dataset from the others. */
export interface DatasetShape {
  readonly title: string;
  /** The first gives the dataset its name. */
  readonly tables: readonly [Table, ...Table[]];
  readonly views?: readonly View[];
  /** What it calls: also what it needs to be allowed to. */
  readonly operations: readonly OperationName[];
  readonly limits?: readonly string[];
  readonly read: DirectFetch['read'];
}

/** A dataset of this connector, together with what it calls. */
export interface PartnerDataset extends Dataset {
  readonly operations: readonly OperationName[];
}

/** A dataset from what is its own. */
export function datasetFrom(shape: DatasetShape): PartnerDataset {
  const { title, tables, views, operations, limits = [], read } = shape;
  return {
    name: tables[0].name,
    title,
    state: { kind: 'alive' },
    tables,
    ...(views ? { views } : {}),
    slicing: CURSOR,
    filters: {},
    limits: [...limits, `needs ${operations.map(iamAction).join(', ')}`],
    operations,
    request: (options) => wholeRequest(tables, options),
    unavailable: () => undefined,
    fetch: { kind: 'direct', coalesce: oneAsk, read },
  };
}
