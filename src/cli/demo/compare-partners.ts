import { type OpenOptions, queryRows } from '../../queries/index.js';
import type { Sandbox } from '../../sandbox/index.js';
import { PARTNER_CATALOG } from './config.js';

/** How the tables of Partner Central compare with what the sandbox knows to be true. */
export interface PartnersComparison {
  /** Snapshot revisions that can be had. */
  readonly revisions: number;
  readonly opportunities: number;
  /** What differs, in words; empty is the promise kept. */
  readonly differences: readonly string[];
}

const REVISIONS = `SELECT concat_ws('/', engagement_id, resource_id, resource_snapshot_template_name, revision) AS name,
  count(*)::VARCHAR AS rows, min(sha256(payload::VARCHAR)) AS content
FROM resource_snapshots GROUP BY ALL`;

const OPPORTUNITIES = `SELECT id AS name, count(*)::VARCHAR AS rows, max(epoch_ms(last_modified_date))::VARCHAR AS content
FROM opportunities GROUP BY ALL`;

interface Found {
  readonly name: string;
  readonly rows: string;
  readonly content: string;
}

/**
 * Compares what the first partner may see now: every snapshot revision is there once, its payload
 * the same to the last byte, and every opportunity as it was last modified.
 */
export async function comparePartners(sandbox: Sandbox, warehouse: OpenOptions): Promise<PartnersComparison> {
  const { accountId } = sandbox.partnerCentral.accounts[0];
  const truth = sandbox.partnerCentral.truth({ catalog: PARTNER_CATALOG, account: accountId });
  const revisions = new Map(
    truth.views.flatMap(({ engagementId, resourceId, template, revisions }) =>
      revisions.map(({ revision, payloadSha256 }) => [
        [engagementId, resourceId, template, revision].join('/'),
        payloadSha256,
      ]),
    ),
  );
  const opportunities = new Map(
    truth.opportunities.map(({ id, lastModifiedDate }) => [id, String(Date.parse(lastModifiedDate))]),
  );
  return {
    revisions: revisions.size,
    opportunities: opportunities.size,
    differences: [
      ...differences(revisions, await queryRows<Found>(REVISIONS, warehouse)),
      ...differences(opportunities, await queryRows<Found>(OPPORTUNITIES, warehouse)),
    ],
  };
}

/** @param wanted content by name. */
function differences(wanted: ReadonlyMap<string, string>, found: readonly Found[]): string[] {
  const there = new Map(found.map((one) => [one.name, one]));
  return [
    ...[...wanted].flatMap(([name, content]) => {
      const one = there.get(name);
      if (!one) return [`${name} is missing`];
      if (one.rows !== '1') return [`${name} is there ${one.rows} times`];
      return one.content === content ? [] : [`${name} is not what the source says`];
    }),
    ...found.filter(({ name }) => !wanted.has(name)).map(({ name }) => `${name} is not at the source`),
  ];
}
