import { literal } from '../base/duckdb/quote.js';

/** Rejects of one slice for one reason. */
export interface RejectGroup {
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  readonly reason: string;
  readonly rejects: number;
  /** The first three. */
  readonly samples: readonly { readonly row_number: number; readonly raw: string }[];
}

/** SQL for {@link RejectGroup}s, the largest first; every list takes globs, an empty one means everything. */
export function rejectsQuery(filters: {
  readonly dataset: readonly string[];
  readonly scope: readonly string[];
  readonly slice: readonly string[];
  readonly limit: number;
}): string {
  const conditions = [
    anyGlob('dataset', filters.dataset),
    anyGlob('scope', filters.scope),
    anyGlob('slice', filters.slice),
  ];
  return `
    SELECT dataset, scope, slice, reason, count(*) AS rejects,
           list({row_number: row_number, raw: raw} ORDER BY row_number)[:3] AS samples
    FROM (SELECT *, unnest(reasons) AS reason FROM millpond.rejects WHERE ${conditions.join(' AND ')})
    GROUP BY ALL ORDER BY rejects DESC, dataset, scope, slice, reason LIMIT ${filters.limit}`;
}

function anyGlob(column: string, globs: readonly string[]): string {
  if (globs.length === 0) return 'true';
  return `(${globs.map((glob) => `${column} GLOB ${literal(glob)}`).join(' OR ')})`;
}
