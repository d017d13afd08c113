import { Readable } from 'node:stream';
import type { Dataset, DatasetRequest, Table } from '../../contracts/index.js';
import type { Caller } from './caller.js';
import { PROFILE_COLUMNS } from './catalog/profiles.js';
import { checkedFilter, refuseColumns } from './options.js';

const NAME = 'profiles';

const TABLE: Table = {
  name: NAME,
  columns: PROFILE_COLUMNS,
  key: ['profile_id'],
  mode: 'replace',
  scopeColumn: { name: '_profile_id', type: 'bigint' },
  scopeOf: 'profileId',
  description: 'The advertisers behind the data: name, country, currency, zone and kind of each profile.',
};

/** The profiles of a connection as a table. One call lists them all, so one artifact holds them all. */
export function profilesDataset(caller: Caller): Dataset {
  return {
    name: NAME,
    title: 'Advertiser profiles',
    state: { kind: 'alive' },
    tables: [TABLE],
    slicing: { kind: 'as-of' },
    filters: {},
    always: true,
    limits: ['GET /v2/profiles', 'one call for all profiles'],
    request(options): DatasetRequest {
      refuseColumns(NAME, options);
      checkedFilter({ name: NAME, filters: {} }, options);
      return {
        columns: PROFILE_COLUMNS.map((c) => c.source),
        params: {},
        tables: [TABLE],
        slicing: { kind: 'as-of' },
      };
    },
    unavailable: () => undefined,
    fetch: {
      kind: 'direct',
      coalesce: (request, slices) =>
        slices.length === 0 ? [] : [{ slices, columns: request.columns, params: request.params, constants: {} }],
      async *read(ask, _held, ctx) {
        const asOf = ctx.now().toISOString();
        const wanted = new Set(ask.slices.map((slice) => slice.scope));
        const { profiles } = await caller.profiles(ctx);
        const held = profiles.filter(({ scope }) => wanted.has(scope.id));
        const present = new Set(held.map(({ scope }) => scope.id));
        const bytes = Buffer.from(`[${held.map(({ raw }) => raw).join(',\n')}]`);
        yield {
          body: { stream: Readable.from([bytes], { objectMode: false }), format: 'array', length: bytes.length },
          slices: ask.slices.filter((slice) => present.has(slice.scope)),
          gaps: ask.slices
            .filter((slice) => !present.has(slice.scope))
            .map((key) => ({
              key,
              reason: 'profile_gone' as const,
              message: `Profile ${key.scope} is no longer shown to this account`,
            })),
          asOf,
        };
      },
    },
  };
}
