import type { ColumnType } from '../../contracts/index.js';
import { sqlType } from './quote.js';

/**
 * Facts about rows that do not depend on their order, and that two equal sets of rows share: how
 * many there are, exact sums of metrics, and sums of 64-bit hashes (of a column's values, of the
 * keys, of whole rows). A hash's sum sees what an exclusive or would not: a row that is there twice.
 */

/** A column that both sides have, of one type on both: `c0`, `c1` … in their order. */
export interface DigestColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly isKey: boolean;
  readonly isMetric: boolean;
}

/** How one group of rows differs. */
export interface RowsDifference {
  /** The group's number. */
  readonly group: number;
  readonly what: 'rows' | 'sum' | 'values' | 'keys' | 'cells';
  /** The column of a sum or of values. */
  readonly column: string | null;
  readonly expected: string;
  readonly found: string;
}

type Facts = Readonly<Record<string, string | null>>;

/**
 * SQL for the groups in which two sides differ.
 * @param expected and `found`: queries of `_group` BIGINT and the columns as `c0`, `c1` …
 */
export function differingGroups(expected: string, found: string, columns: readonly DigestColumn[]): string {
  return `WITH expected AS (${factsOf(expected, columns)}), found AS (${factsOf(found, columns)})
    SELECT coalesce(e._group, f._group)::VARCHAR AS _group, ${bothSides('n')}, ${bothSides('keys')}, ${bothSides('cells')}
      ${columns.map((column, i) => `, ${bothSides(`h${i}`)}${isSummed(column) ? `, ${bothSides(`s${i}`)}` : ''}`).join('')}
    FROM expected e FULL JOIN found f ON e._group = f._group
    WHERE e.n IS DISTINCT FROM f.n OR e.cells IS DISTINCT FROM f.cells ORDER BY 1`;
}

/** What a row of {@link differingGroups} says. */
export function readDifferences(row: Facts, columns: readonly DigestColumn[]): RowsDifference[] {
  const found: RowsDifference[] = [];
  const compare = (fact: string, what: RowsDifference['what'], column: string | null = null): boolean => {
    const [wanted, is] = [row[`e_${fact}`] ?? null, row[`f_${fact}`] ?? null];
    if (wanted === is) return false;
    const none = fact === 'n' ? '0' : 'nothing';
    found.push({ group: Number(row._group), what, column, expected: wanted ?? none, found: is ?? none });
    return true;
  };
  // With rows too many or too few every checksum differs: the sums say more.
  const sameCount = !compare('n', 'rows');
  const keysDiffer = sameCount && compare('keys', 'keys');
  for (const [i, column] of columns.entries()) {
    const told = isSummed(column) && compare(`s${i}`, 'sum', column.name);
    if (told || !sameCount || (keysDiffer && column.isKey)) continue;
    compare(`h${i}`, 'values', column.name);
  }
  if (found.length === 0) compare('cells', 'cells');
  return found;
}

function factsOf(rows: string, columns: readonly DigestColumn[]): string {
  const all = columns.map((_, i) => `c${i}`);
  const keys = all.filter((_, i) => columns[i]!.isKey);
  const perColumn = columns.map((column, i) => {
    const sum = isSummed(column) ? `, sum(c${i}) AS s${i}` : '';
    return `, sum(hash(c${i})) AS h${i}${sum}`;
  });
  return `SELECT _group, count(*) AS n, ${checksum(keys)} AS keys, ${checksum(all)} AS cells${perColumn.join('')}
    FROM (${rows}) GROUP BY _group`;
}

/** A HUGEINT: room for 2^63 hashes. */
function checksum(columns: readonly string[]): string {
  return columns.length > 0 ? `sum(hash(${columns.join(', ')}))` : 'count(*)::HUGEINT';
}

/** Sums of integers and decimals are exact in DuckDB; of doubles they depend on the order, so only hashes count. */
function isSummed({ type, isMetric }: DigestColumn): boolean {
  if (!isMetric || typeof type !== 'string') return false;
  const decimal = /^DECIMAL\((\d+),/.exec(sqlType(type));
  // The sum has 38 digits: five more must be free.
  return type === 'bigint' || (decimal !== null && Number(decimal[1]) <= 33);
}

function bothSides(fact: string): string {
  return `e.${fact}::VARCHAR AS e_${fact}, f.${fact}::VARCHAR AS f_${fact}`;
}
