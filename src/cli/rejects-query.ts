import { literal } from '../base/duckdb/quote.js';

/** Rejects of one slice for one reason. */
export interface RejectGroup {
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  readonly reason: string;
  readonly rejects: number;
  /** The first ones. */
  readonly samples: readonly { readonly row_number: number; readonly raw: string }[];
}

/** Which rejects are meant; every list takes globs, an empty one means everything. */
export interface RejectFilters {
  readonly dataset: readonly string[];
  readonly scope: readonly string[];
  /** A slice by itself, or `DATASET:SCOPE:SLICE`. */
  readonly slice: readonly string[];
  readonly reason: readonly string[];
  /** Days; what is no slice of a day passes. */
  readonly from?: string;
  readonly to?: string;
}

/** SQL for {@link RejectGroup}s, the largest first. */
export function rejectsQuery(
  filters: RejectFilters & {
    /** How many groups. */
    readonly limit: number;
    /** How many of each are shown. */
    readonly samples: number;
  },
): string {
  const conditions = [
    anyGlob(filters.dataset, 'dataset'),
    anyGlob(filters.scope, 'scope'),
    anyGlob(filters.slice, 'slice', "dataset || ':' || scope || ':' || slice"),
    dayBound('>=', filters.from),
    dayBound('<=', filters.to),
  ];
  return `
    SELECT dataset, scope, slice, reason, count(*) AS rejects,
           list({row_number: row_number, raw: raw} ORDER BY row_number)[:${filters.samples}] AS samples
    FROM (SELECT *, unnest(reasons) AS reason FROM millpond.rejects WHERE ${conditions.join(' AND ')})
    WHERE ${anyGlob(filters.reason, 'reason')}
    GROUP BY ALL ORDER BY rejects DESC, dataset, scope, slice, reason LIMIT ${filters.limit}`;
}

function anyGlob(globs: readonly string[], ...texts: readonly string[]): string {
  if (globs.length === 0) return 'true';
  return `(${globs.flatMap((glob) => texts.map((text) => `${text} GLOB ${literal(glob)}`)).join(' OR ')})`;
}

function dayBound(operator: '>=' | '<=', day: string | undefined): string {
  if (day === undefined) return 'true';
  return `coalesce(TRY_CAST(slice[:10] AS DATE) ${operator} ${literal(day)}::DATE, true)`;
}
