import { MillpondError } from '../../base/errors.js';
import type { Ctx } from '../../contracts/index.js';
import type { Caller } from './caller.js';

type Warning = { readonly code: string; readonly message: string };

/** Engagements that this account takes part in. */
export interface Engagements {
  /** Sorted, so that equal worlds are read in equal order. */
  readonly ids: readonly string[];
  readonly warnings: readonly Warning[];
}

/**
 * Finds engagements in both lists that there are: of resources shared in them, and of themselves.
 * Where one is denied, the other is enough to go on.
 * @throws MillpondError where neither can be read.
 */
export async function findEngagements(caller: Caller, ctx: Ctx): Promise<Engagements> {
  const found = await Promise.allSettled([
    idsIn(caller, 'ListEngagementResourceAssociations', 'EngagementId', {}, ctx),
    idsIn(caller, 'ListEngagements', 'Id', { Sort: { SortBy: 'CreatedDate', SortOrder: 'ASCENDING' } }, ctx),
  ]);
  const ids = new Set<string>();
  const errors: unknown[] = [];
  for (const one of found) {
    if (one.status === 'rejected') errors.push(one.reason);
    else for (const id of one.value) ids.add(id);
  }
  const warnings: Warning[] = [];
  for (const error of errors) {
    const denied = error instanceof MillpondError && error.code === 'E_ACCESS_DENIED';
    if (!denied || errors.length === found.length) throw error;
    warnings.push({ code: 'W_NOT_ALLOWED', message: `${error.message}; engagements come from the other list alone` });
  }
  return { ids: [...ids].sort(), warnings };
}

/** Ids of all opportunities of this account, sorted. */
export async function findOpportunities(caller: Caller, ctx: Ctx): Promise<readonly string[]> {
  const sort = { Sort: { SortBy: 'Identifier', SortOrder: 'ASCENDING' } };
  return [...(await idsIn(caller, 'ListOpportunities', 'Id', sort, ctx))].sort();
}

async function idsIn(
  caller: Caller,
  operation: 'ListEngagementResourceAssociations' | 'ListEngagements' | 'ListOpportunities',
  member: string,
  input: Readonly<Record<string, unknown>>,
  ctx: Ctx,
): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const item of caller.items(operation, input, ctx)) {
    const id = (JSON.parse(item) as Readonly<Record<string, unknown>>)[member];
    if (typeof id === 'string') ids.add(id);
  }
  return ids;
}
