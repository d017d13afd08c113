import { MillpondError } from '../../base/errors.js';
import type { Ctx, Gap, Held } from '../../contracts/index.js';
import type { Caller } from './caller.js';
import { RESOURCE_SNAPSHOTS } from './catalog/snapshots.js';

/** All revisions of one resource, seen through one template, in one engagement. */
export interface View {
  readonly engagement: string;
  readonly resourceType: string;
  readonly resource: string;
  readonly template: string;
}

/** One snapshot. */
export interface Revision extends View {
  readonly revision: number;
}

/**
 * Names a snapshot, for gaps on record and for what is held: `ENGAGEMENT/RESOURCE/TEMPLATE/REVISION`.
 * As the slice of a gap it stands beside its engagement's slice, and hides nothing of it.
 */
export function nameOf({ engagement, resource, template, revision }: Omit<Revision, 'resourceType'>): string {
  return `${engagement}/${resource}/${template}/${revision}`;
}

/** What need not be asked for: revisions that are held, and those that were asked for in vain. */
export interface Known {
  readonly held: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

/** What every sink holds, and the gaps on record; nothing where all is to be asked for again. */
export async function knownRevisions(held: Held, dataset: string, scope: string): Promise<Known> {
  const gone = new Set(
    held
      .gaps(dataset, scope)
      .filter(isMissing)
      .map(({ key }) => key.slice),
  );
  if (held.reload) return { held: new Set(), gone: new Set() };
  const key = ['engagement_id', 'resource_id', 'resource_snapshot_template_name', 'revision'];
  const rows = await held.rows(RESOURCE_SNAPSHOTS, scope, key);
  return { held: new Set(rows.map((row) => row.join('/'))), gone };
}

const isMissing = ({ reason }: Gap): boolean => reason === 'revision_missing';

/**
 * The revisions of an engagement that are still to be had, in order: of each view all from the
 * first to the newest listed, whether the list names every revision or only the newest.
 * @throws MillpondError as the list call; `E_PROTOCOL` where it names no revision.
 */
export async function missingRevisions(
  caller: Caller,
  engagement: string,
  known: Known,
  ctx: Ctx,
): Promise<Revision[]> {
  const newest = new Map<string, Revision>();
  for await (const item of caller.items('ListResourceSnapshots', { EngagementIdentifier: engagement }, ctx)) {
    const listed = revisionOf(engagement, JSON.parse(item) as Readonly<Record<string, unknown>>);
    const view = nameOf({ ...listed, revision: 0 });
    if (listed.revision > (newest.get(view)?.revision ?? 0)) newest.set(view, listed);
  }
  const missing: Revision[] = [];
  for (const [, view] of [...newest].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (let revision = 1; revision <= view.revision; revision++) {
      const name = nameOf({ ...view, revision });
      if (!known.held.has(name) && !known.gone.has(name)) missing.push({ ...view, revision });
    }
  }
  return missing;
}

function revisionOf(engagement: string, summary: Readonly<Record<string, unknown>>): Revision {
  const { ResourceType, ResourceId, ResourceSnapshotTemplateName, Revision } = summary;
  const revision = Number(Revision);
  const isWhole = typeof ResourceId === 'string' && typeof ResourceSnapshotTemplateName === 'string';
  if (!isWhole || !Number.isSafeInteger(revision) || revision < 1) {
    throw new MillpondError('E_PROTOCOL', `ListResourceSnapshots of ${engagement} lists something that is no snapshot`);
  }
  return {
    engagement,
    resourceType: typeof ResourceType === 'string' ? ResourceType : 'Opportunity',
    resource: ResourceId,
    template: ResourceSnapshotTemplateName,
    revision,
  };
}
