import { createHash } from 'node:crypto';
import type { Ask, AskDraft, DatasetRequest } from '../contracts/index.js';
import type { Selected } from './select.js';

/** JSON with sorted keys: equal values have equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

function fingerprint(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex').slice(0, 32);
}

/** What is asked of a dataset whatever the slice: columns and parameters. The ledger keeps it. */
export function requestFingerprint(dataset: string, request: DatasetRequest): string {
  return fingerprint({ dataset, columns: [...request.columns].sort(), params: request.params });
}

/**
 * An ask with its fingerprints.
 * @param origin what makes equal asks differ: the connection's name and its source's identity.
 */
export function makeAsk(
  origin: { readonly connection: string; readonly identity: string },
  { dataset, requestFingerprint }: Pick<Selected, 'dataset' | 'requestFingerprint'>,
  draft: AskDraft,
): Ask {
  return {
    connection: origin.connection,
    dataset: dataset.name,
    slices: draft.slices,
    columns: draft.columns,
    params: draft.params,
    constants: draft.constants,
    fingerprint: fingerprint({
      connection: origin.connection,
      identity: origin.identity,
      dataset: dataset.name,
      slices: draft.slices,
      columns: [...draft.columns].sort(),
      params: draft.params,
      constants: draft.constants,
    }),
    requestFingerprint,
  };
}

/**
 * The same ask for other slices: what one body of a direct read turned out to hold.
 * @param body tells it from other bodies for the same slices, of this read and of later ones.
 */
export function narrowAsk(ask: Ask, slices: Ask['slices'], body: string): Ask {
  return { ...ask, slices, fingerprint: fingerprint({ of: ask.fingerprint, slices, body }) };
}

/** An ask in an event's words. */
export function factsOf(ask: Ask): { dataset: string; scope: string; slices: string[] } {
  const scopes = new Set(ask.slices.map(({ scope }) => scope));
  return {
    dataset: ask.dataset,
    scope: scopes.size === 1 ? [...scopes][0]! : '*',
    slices: ask.slices.map(({ slice }) => slice),
  };
}
