import { snakeCase } from '../../base/names.js';
import type { Dataset, DatasetRequest, SliceKey, Table } from '../../contracts/index.js';
import type { Caller } from './caller.js';
import { required } from './catalog/fields.js';
import { PRODUCTS, SNAPSHOTS_OFF, STATES, TACTICS } from './catalog/products.js';
import { SNAPSHOTS, type SnapshotEntry } from './catalog/snapshots.js';
import { createJob, downloadJob, pollJob } from './jobs.js';
import { notOffered } from './offered.js';
import { checkedFilter, refuseColumns } from './options.js';

/** v2 snapshots: the entities of one record type as they stand now. */
export function snapshotDatasets(caller: Caller): Dataset[] {
  return SNAPSHOTS.map((entry) => snapshotDataset(entry, caller));
}

function snapshotDataset(entry: SnapshotEntry, caller: Caller): Dataset {
  const product = PRODUCTS[entry.product];
  const name = `${product.code}_${snakeCase(entry.recordType)}_snapshot`;
  const title = `${product.title}: ${snakeCase(entry.recordType).replaceAll('_', ' ')}`;
  const table = snapshotTable(name, title, entry);
  const filters: Dataset['filters'] = { state: STATES, ...(product.code === 'sd' ? { tactic: TACTICS } : {}) };
  const jobKind = {
    create: `${product.path}/${entry.recordType}/snapshot`,
    status: `${product.path}/snapshots`,
    idMember: 'snapshotId',
  };
  return {
    name,
    title,
    state: { kind: 'retired', since: SNAPSHOTS_OFF, successor: `POST /${entry.successor}/export` },
    tables: [table],
    slicing: { kind: 'as-of' },
    filters,
    limits: [
      `POST ${jobKind.create}`,
      'ready within 15 minutes',
      ...(product.code === 'sb' ? ['no video campaigns'] : []),
    ],
    request(options): DatasetRequest {
      refuseColumns(name, options);
      const filter = checkedFilter({ name, filters }, options);
      const params: Record<string, string> = { stateFilter: (filter.state ?? STATES).join(',') };
      if (filters.tactic) params.tacticFilter = (filter.tactic ?? TACTICS).join(',');
      return { columns: table.columns.map((c) => c.source), params, tables: [table], slicing: { kind: 'as-of' } };
    },
    unavailable: (scope) => notOffered(product, entry.recordType, scope),
    fetch: {
      kind: 'job',
      coalesce: (request: DatasetRequest, slices: readonly SliceKey[]) =>
        slices.map((slice) => ({ slices: [slice], columns: request.columns, params: request.params, constants: {} })),
      async request(ask, _attempt, ctx) {
        const body = ask.params as Record<string, string>;
        const job = await createJob(caller, jobKind, ask, body, ctx);
        return { job, adopted: false, more: false };
      },
      poll: (ask, job, ctx) => pollJob(caller, jobKind, ask, job, ctx),
      download: (ask, job, ctx) => downloadJob(caller, jobKind, ask, job, ctx),
    },
  };
}

function snapshotTable(name: string, description: string, entry: SnapshotEntry): Table {
  return {
    name,
    columns: entry.columns.map((c) => (c.source === entry.key ? required(c) : c)),
    key: [snakeCase(entry.key)],
    mode: 'replace',
    scopeColumn: { name: '_profile_id', type: 'bigint' },
    description: `${description}, as they stood when they were asked for.`,
  };
}
