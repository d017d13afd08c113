import { hashOf } from '../../data/random.js';
import type { Catalog } from '../types.js';

/** Identifiers in the patterns of the service, each a pure function of seed, catalog and number. */

/** So many characters of 0-9a-z. */
export function base36(length: number, seed: number, ...names: readonly (string | number)[]): string {
  let text = '';
  for (let part = 0; text.length < length; part++) {
    text += hashOf(seed, ...names, part)
      .toString(36)
      .padStart(7, '0')
      .slice(-5);
  }
  return text.slice(0, length);
}

/** `eng-t1mfgo4bsg73e0` */
export const engagementId = (seed: number, catalog: Catalog, index: number): string =>
  `eng-${base36(14, seed, catalog, 'engagement', index)}`;

/** `engi-0000000000000`, thirteen characters. */
export const invitationId = (seed: number, catalog: Catalog, index: number): string =>
  `engi-${base36(13, seed, catalog, 'invitation', index)}`;

/** `job-q4keacs03lh22` */
export const jobId = (seed: number, catalog: Catalog, ...names: readonly (string | number)[]): string =>
  `job-${base36(13, seed, catalog, 'job', ...names)}`;

/** `O5345867`; one in forty has all nineteen digits, beyond 2^53. */
export function opportunityId(catalog: Catalog, index: number): string {
  if (index % 40 === 7) return `O${(9_007_199_254_740_993_001n + BigInt(index)).toString()}`;
  return `O${(catalog === 'AWS' ? 12_200_000 : 5_300_000) + index * 17}`;
}

const PREFIX = 'arn:aws:partnercentral:us-east-1';

/** Snapshots and engagements belong to no account: the field is empty. */
export const engagementArn = (catalog: Catalog, id: string): string => `${PREFIX}::catalog/${catalog}/engagement/${id}`;

export const snapshotArn = (
  catalog: Catalog,
  engagement: string,
  resource: string,
  template: string,
  revision: number,
) => `${engagementArn(catalog, engagement)}/resource/Opportunity/${resource}/template/${template}/snapshot/${revision}`;

/** Opportunities, jobs and invitations belong to one. */
export const ownedArn = (
  catalog: Catalog,
  account: string,
  what: 'opportunity' | 'resource-snapshot-job' | 'engagement-invitation',
  id: string,
): string => `${PREFIX}:${account}:catalog/${catalog}/${what}/${id}`;
