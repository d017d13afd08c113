import { MillpondError } from '../../base/errors.js';
import type { Ask, Ctx, Gap, Held, SliceKey } from '../../contracts/index.js';
import { mapAhead, ownCtx } from './ahead.js';
import { bodyOf, ofCatalog } from './bodies.js';
import type { Caller } from './caller.js';
import {
  AWS_OPPORTUNITY_SUMMARY_SNAPSHOTS,
  OPPORTUNITY_SUMMARY_SNAPSHOTS,
  RESOURCE_SNAPSHOTS,
  TYPED_PAYLOADS,
} from './catalog/snapshots.js';
import { datasetFrom, type PartnerDataset } from './dataset.js';
import { findEngagements } from './discovery.js';
import { Faults } from './faults.js';
import type { Found, Warning } from './found.js';
import { Moments } from './instants.js';
import { type Known, knownRevisions, missingRevisions, nameOf, type Revision } from './revisions.js';
import { SNAPSHOT_VIEWS } from './views/index.js';

/** Revisions in one artifact at most. */
const MOST_IN_ARTIFACT = 500;
/** Engagements whose snapshots are listed before their turn comes. */
const LISTED_AHEAD = 8;
/** Artifacts gathered at once: what is held in memory. */
const GATHERED_AHEAD = 8;
/** Revisions of one artifact that are asked for at once. */
const ASKED_AHEAD = 8;

/** Every snapshot revision, fetched once, ever. */
export function snapshotsDataset(caller: Caller): PartnerDataset {
  return datasetFrom({
    title: 'Snapshots of opportunities',
    tables: [RESOURCE_SNAPSHOTS, OPPORTUNITY_SUMMARY_SNAPSHOTS, AWS_OPPORTUNITY_SUMMARY_SNAPSHOTS],
    views: SNAPSHOT_VIEWS,
    operations: [
      'ListEngagements',
      'ListEngagementResourceAssociations',
      'ListResourceSnapshots',
      'GetResourceSnapshot',
    ],
    limits: ['one call an engagement each time, and one a revision, once'],
    read: (ask, held, ctx) => new SnapshotReader(caller, ask, held, ctx).read(),
  });
}

/** Some of an engagement's missing revisions: what goes into one artifact. None: nothing is new. */
type Portion =
  | { readonly engagement: string; readonly revisions: readonly Revision[] }
  | { readonly engagement: string; readonly error: MillpondError };

/** What became of the revisions asked for. */
interface Gathered {
  readonly engagement: string;
  readonly asOf: string;
  readonly records: readonly string[];
  readonly gaps: readonly Gap[];
  /** Revisions that were gone once, and are not. */
  readonly found: readonly SliceKey[];
  readonly warnings: readonly Warning[];
  readonly error?: MillpondError;
}

/** One read of all engagements: lists run ahead of gets, gets ahead of what takes the bodies. */
class SnapshotReader {
  readonly #moments: Moments;
  readonly #listFaults = new Faults();
  readonly #getFaults = new Faults();
  readonly #broken = new Set<string>();
  readonly #place: Pick<SliceKey, 'dataset' | 'scope'>;
  readonly #goneBefore: ReadonlySet<string>;

  constructor(
    readonly caller: Caller,
    ask: Ask,
    readonly held: Held,
    readonly ctx: Ctx,
  ) {
    const { dataset, scope } = ask.slices[0]!;
    this.#place = { dataset, scope };
    this.#moments = new Moments(ctx.now);
    this.#goneBefore = new Set(held.gaps(dataset, scope).map(({ key }) => key.slice));
  }

  async *read(): AsyncGenerator<Found> {
    const { dataset, scope } = this.#place;
    const own = ownCtx(this.ctx);
    try {
      const { ids, warnings } = await findEngagements(this.caller, own.ctx);
      if (warnings.length > 0) yield { slices: [], gaps: [], warnings, asOf: this.#moments.next() };
      const wanted = ids.filter((id) => this.held.wants(this.#key(id)));
      const known = await knownRevisions(this.held, dataset, scope);
      const portions = this.#portions(wanted, known, own.ctx);
      for await (const gathered of mapAhead(portions, GATHERED_AHEAD, (p) => this.#gather(p, own.ctx))) {
        if (gathered) yield* this.#told(gathered);
      }
    } finally {
      own.end();
    }
  }

  async *#portions(engagements: readonly string[], known: Known, ctx: Ctx): AsyncGenerator<Portion> {
    const listed = mapAhead(engagements, LISTED_AHEAD, async (engagement) => {
      try {
        const revisions = await missingRevisions(this.caller, engagement, known, ctx);
        this.#listFaults.well();
        return { engagement, revisions };
      } catch (error) {
        return { engagement, error: this.#listFaults.ofOne(error) };
      }
    });
    for await (const found of listed) {
      if ('error' in found || found.revisions.length <= MOST_IN_ARTIFACT) yield found;
      else {
        for (let from = 0; from < found.revisions.length; from += MOST_IN_ARTIFACT) {
          yield { ...found, revisions: found.revisions.slice(from, from + MOST_IN_ARTIFACT) };
        }
      }
    }
  }

  /** Fetches a portion's revisions; what came before an error is kept, and the engagement left alone after it. */
  async #gather(portion: Portion, ctx: Ctx): Promise<Gathered | undefined> {
    const { engagement } = portion;
    if (this.#broken.has(engagement)) return undefined;
    const asOf = this.#moments.next();
    const records: string[] = [];
    const gaps: Gap[] = [];
    const found: SliceKey[] = [];
    const warnings: Warning[] = [];
    const so = { engagement, asOf, records, gaps, found, warnings };
    if ('error' in portion) return { ...so, error: portion.error };
    try {
      for await (const { revision, answer } of mapAhead(portion.revisions, ASKED_AHEAD, (r) => this.#get(r, ctx))) {
        const key = this.#key(nameOf(revision));
        if (!answer) {
          gaps.push({ key, reason: 'revision_missing', message: `${key.slice} is gone from Partner Central` });
          continue;
        }
        if (this.#goneBefore.has(key.slice)) found.push(key);
        records.push(ofCatalog(answer.text, answer.json, this.caller.catalog));
        warnings.push(...unknownPayload(revision, answer.json));
      }
      if (portion.revisions.length > 0) this.#getFaults.well();
      return so;
    } catch (error) {
      const own = this.#getFaults.ofOne(error);
      this.#broken.add(engagement);
      return { ...so, error: own };
    }
  }

  /** One revision; no answer where it is gone. */
  async #get(revision: Revision, ctx: Ctx) {
    try {
      const answer = await this.caller.call(
        'GetResourceSnapshot',
        {
          EngagementIdentifier: revision.engagement,
          ResourceType: revision.resourceType,
          ResourceIdentifier: revision.resource,
          ResourceSnapshotTemplateIdentifier: revision.template,
          Revision: revision.revision,
        },
        ctx,
      );
      const { Revision } = answer.json;
      if (Revision !== undefined && Number(Revision) !== revision.revision) {
        throw new MillpondError('E_PROTOCOL', `${nameOf(revision)} was answered with revision ${Number(Revision)}`);
      }
      return { revision, answer };
    } catch (error) {
      if (error instanceof MillpondError && error.code === 'E_RESOURCE_NOT_FOUND') return { revision };
      throw error;
    }
  }

  *#told({ engagement, asOf, records, gaps, found, warnings, error }: Gathered): Generator<Found> {
    const key = this.#key(engagement);
    const slices = [...found];
    if (records.length > 0) yield { body: bodyOf(records), slices: [key], gaps: [], asOf };
    else if (!error) slices.push(key);
    yield { slices, gaps, warnings, failures: error ? [{ key, error }] : [], asOf };
  }

  #key(slice: string): SliceKey {
    return { ...this.#place, slice };
  }
}

/** A payload that has no table of its own yet: it stands whole in `resource_snapshots`. */
function unknownPayload({ template }: Revision, { Payload }: Readonly<Record<string, unknown>>): Warning[] {
  if (Payload === null || typeof Payload !== 'object') return [];
  if (Object.keys(Payload).every((branch) => TYPED_PAYLOADS.has(branch))) return [];
  const message = `Snapshots of template ${template} have no table of their own: they are kept whole in resource_snapshots`;
  return [{ code: 'W_UNKNOWN_TEMPLATE', message }];
}
