import type { AuditFinding, AuditSlice, ColumnType, Table } from '../../contracts/index.js';
import { type DigestColumn, differingGroups, type RowsDifference, readDifferences } from './digest.js';
import { identifier, literal, sqlType } from './quote.js';
import { auditedRows, numbered, type StagedGroup, type Statements, union } from './staged-groups.js';

/** A table's columns as a sink holds them, with what it takes to compare them. */
export function digestColumns(
  table: Table,
  held: readonly { readonly name: string; readonly type: ColumnType }[],
): DigestColumn[] {
  const metrics = new Set(table.columns.filter(({ role }) => role === 'metric').map(({ name }) => name));
  return held.map(({ name, type }) => ({ name, type, isKey: table.key.includes(name), isMetric: metrics.has(name) }));
}

/**
 * What rows of {@link differingGroups} say of the audited slices in one table.
 * @param slices by the number that is their group.
 */
export function rowFindings(
  rows: readonly Record<string, unknown>[],
  columns: readonly DigestColumn[],
  slices: readonly AuditSlice[],
  table: string,
): AuditFinding[] {
  return rows
    .flatMap((row) => differencesOf(row, columns))
    .map((difference) => findingOf(slices[difference.group]!, table, difference));
}

/**
 * Columns of the catalogue that have values in a group, but that the sink does not have.
 * @param isMeant which slices, by number, are told of.
 */
export async function columnFindings(
  statements: Statements,
  group: StagedGroup,
  held: ReadonlySet<string>,
  slices: readonly AuditSlice[],
  isMeant: (number: number) => boolean = () => true,
): Promise<AuditFinding[]> {
  const lacking = group.table.columns.filter(({ name }) => !held.has(name));
  const from = auditedRows(group);
  if (lacking.length === 0 || from === undefined) return [];
  const counts = lacking.map(({ name }, i) => `, count(p.${identifier(name)})::VARCHAR AS n${i}`);
  const rows = await statements.rows(
    `SELECT p._number::VARCHAR AS number${counts.join('')} FROM ${from} WHERE p._reasons IS NULL GROUP BY ALL`,
  );
  return rows
    .filter(({ number }) => isMeant(Number(number)))
    .flatMap((row) =>
      lacking.flatMap(({ name: column }, i) => {
        const values = String(row[`n${i}`]);
        if (values === '0') return [];
        const difference = { what: 'column', column, expected: `${values} values`, found: 'no such column' } as const;
        return [findingOf(slices[Number(row.number)]!, group.table.name, difference)];
      }),
    );
}

/** What tells rejects apart; their reasons may be worded otherwise by another version. */
const REJECT_COLUMNS = (['row_number', 'raw', 'artifact_sha256', 'table_name'] as const).map((name) => ({
  name,
  type: name === 'row_number' ? ('bigint' as const) : ('varchar' as const),
  isKey: name === 'row_number',
  isMetric: false,
}));

/**
 * Holds the rejects of slices against their stages.
 * @param held the FROM clause of what the sink has: rejects as `r`, each with the number of its
 *   slice as `a.number`; undefined where it has none.
 */
export async function rejectFindings(
  statements: Statements,
  groups: readonly StagedGroup[],
  slices: readonly AuditSlice[],
  held: string | undefined,
): Promise<AuditFinding[]> {
  const types = REJECT_COLUMNS.map(({ type }) => sqlType(type));
  const expected = groups.map((group) => {
    const from = auditedRows(group);
    const cells = ['p._row', 'p._raw', 'p._sha256', literal(group.table.name)];
    return from && `SELECT p._number AS _group${numbered(cells)} FROM ${from} WHERE p._reasons IS NOT NULL`;
  });
  const cells = REJECT_COLUMNS.map(({ name }) => `r.${identifier(name)}`);
  const found = held && `SELECT a.number AS _group${numbered(cells)} FROM ${held}`;
  const rows = await statements.rows(differingGroups(union(expected, types), union([found], types), REJECT_COLUMNS));
  return rows.map((row) => {
    const [difference] = differencesOf(row, REJECT_COLUMNS);
    return findingOf(slices[difference!.group]!, null, { ...difference!, what: 'rejects', column: null });
  });
}

/** A difference of one slice, as a finding. */
export function findingOf(
  { schema, dataset, scope, slice }: Pick<AuditSlice, 'schema' | 'dataset' | 'scope' | 'slice'>,
  table: string | null,
  { what, column, expected, found }: Pick<AuditFinding, 'what' | 'column' | 'expected' | 'found'>,
): AuditFinding {
  return { schema, dataset, scope, slice, what, table, column, expected, found };
}

function differencesOf(row: Record<string, unknown>, columns: readonly DigestColumn[]): RowsDifference[] {
  return readDifferences(row as Record<string, string | null>, columns);
}
