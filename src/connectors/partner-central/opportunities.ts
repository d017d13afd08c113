import type { MillpondError } from '../../base/errors.js';
import type { Ask, Ctx, Gap, Held, SliceKey } from '../../contracts/index.js';
import { mapAhead, ownCtx } from './ahead.js';
import { bodyOf } from './bodies.js';
import type { Caller } from './caller.js';
import { OPPORTUNITIES, OPPORTUNITY_VERSIONS } from './catalog/opportunities.js';
import { datasetFrom, type PartnerDataset } from './dataset.js';
import { Faults } from './faults.js';
import type { Failure, Found } from './found.js';
import { recordOf } from './get-record.js';
import { Moments, millisOf, sortable } from './instants.js';

/** Opportunities in one artifact at most. */
const MOST_IN_ARTIFACT = 100;
/** Opportunities asked for at once. */
const AHEAD = 16;
/** The list can lag behind a change by some seconds: so far back it is looked at again. */
const LAG_MS = 10_000;

/** Opportunities that were modified since those that are held, as the get call tells them. */
export function opportunitiesDataset(caller: Caller): PartnerDataset {
  return datasetFrom({
    title: 'Opportunities',
    tables: [OPPORTUNITIES, OPPORTUNITY_VERSIONS],
    operations: ['ListOpportunities', 'GetOpportunity'],
    limits: ['by date of last modification', 'one call for each that was modified'],
    read: (ask, held, ctx) => readOpportunities(caller, ask, held, ctx),
  });
}

async function* readOpportunities(caller: Caller, ask: Ask, held: Held, ctx: Ctx): AsyncGenerator<Found> {
  const { dataset, scope } = ask.slices[0]!;
  const keyOf = (slice: string): SliceKey => ({ dataset, scope, slice });
  const moments = new Moments(ctx.now);
  const faults = new Faults();
  const own = ownCtx(ctx);
  try {
    const before = await lastTime(held, dataset, scope);
    const modified = modifiedSince(caller, before, own.ctx);
    for await (const ids of batches(modified, (id) => held.wants(keyOf(id)))) {
      const asOf = moments.next();
      const records: string[] = [];
      const slices: SliceKey[] = [];
      const gaps: Gap[] = [];
      const over: SliceKey[] = [];
      const failures: Failure[] = [];
      for await (const got of mapAhead(ids, AHEAD, (id) => opportunity(caller, id, faults, own.ctx))) {
        const key = keyOf(got.id);
        if ('error' in got) failures.push({ key, error: got.error });
        else if (got.record !== undefined) {
          slices.push(key);
          records.push(got.record);
        } else if (before.failed.includes(got.id)) over.push(key);
        else gaps.push({ key, reason: 'not_offered', message: `${got.id} is listed, but cannot be read` });
      }
      if (slices.length > 0) yield { body: bodyOf(records), slices, gaps: [], asOf };
      yield { slices: over, gaps, failures, asOf };
    }
  } finally {
    own.end();
  }
}

/** What former reads came to. */
interface LastTime {
  /** The latest modification that is held, as {@link sortable} text. */
  readonly newest: string | undefined;
  /** When each that is held was last modified. */
  readonly modified: ReadonlyMap<string, string>;
  /** Those that could not be read: whenever they were modified, they are asked for again. */
  readonly failed: readonly string[];
}

async function lastTime(held: Held, dataset: string, scope: string): Promise<LastTime> {
  const failed = held
    .gaps(dataset, scope)
    .filter(({ reason }) => reason === 'failed' || reason === 'refused')
    .map(({ key }) => key.slice)
    .filter((slice) => /^O\d+$/.test(slice));
  const rows = held.reload ? [] : await held.rows(OPPORTUNITIES, scope, ['id', 'last_modified_date']);
  const modified = new Map(rows.map(([id, date]) => [id!, sortable(date ?? '', 'all') ?? ''] as const));
  const newest = [...modified.values()].reduce((latest, date) => (date > latest ? date : latest), '');
  return { newest: newest || undefined, modified, failed };
}

/**
 * Ids of opportunities to be fetched, the longest unmodified first, so that what is held is always
 * all up to some moment. Ties at that moment are all asked for again; what lies just before it
 * only where it is not held.
 */
async function* modifiedSince(caller: Caller, before: LastTime, ctx: Ctx): AsyncGenerator<string> {
  const { newest, modified, failed } = before;
  yield* failed;
  const seen = new Map<string, string | undefined>();
  const input = {
    Sort: { SortBy: 'LastModifiedDate', SortOrder: 'ASCENDING' },
    ...(newest ? { LastModifiedDate: { AfterLastModifiedDate: new Date(millisOf(newest) - LAG_MS) } } : {}),
  };
  for await (const item of caller.items('ListOpportunities', input, ctx)) {
    const { Id, LastModifiedDate } = JSON.parse(item) as Readonly<Record<string, unknown>>;
    if (typeof Id !== 'string') continue;
    const listed = sortable(String(LastModifiedDate), 'printed');
    // One that is modified while the list is read comes twice.
    if (seen.has(Id) && seen.get(Id) === listed) continue;
    seen.set(Id, listed);
    const held = modified.get(Id);
    // Lists print fewer digits than gets: as many are compared as the list prints.
    const asPrinted = (date: string) => date.slice(0, listed?.length);
    if (listed && newest && held && listed < asPrinted(newest) && asPrinted(held) === listed) continue;
    yield Id;
  }
}

async function* batches(ids: AsyncIterable<string>, wants: (id: string) => boolean): AsyncGenerator<string[]> {
  const batch = new Set<string>();
  for await (const id of ids) {
    if (wants(id)) batch.add(id);
    if (batch.size < MOST_IN_ARTIFACT) continue;
    yield [...batch];
    batch.clear();
  }
  if (batch.size > 0) yield [...batch];
}

type Got =
  | { readonly id: string; readonly record: string | undefined }
  | { readonly id: string; readonly error: MillpondError };

/** One opportunity as it stands now; no record where there is none any more. */
async function opportunity(caller: Caller, id: string, faults: Faults, ctx: Ctx): Promise<Got> {
  try {
    const record = await recordOf(caller, 'GetOpportunity', { Identifier: id }, ctx);
    if (record !== undefined) faults.well();
    return { id, record };
  } catch (error) {
    return { id, error: faults.ofOne(error) };
  }
}
