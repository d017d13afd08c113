import type { Database } from '../../base/duckdb/database.js';
import { differingGroups } from '../../base/duckdb/digest.js';
import { identifier, sqlType } from '../../base/duckdb/quote.js';
import {
  columnFindings,
  digestColumns,
  findingOf,
  rejectFindings,
  rowFindings,
} from '../../base/duckdb/staged-findings.js';
import { expectedRows, groupStages, numbered, type StagedGroup, union } from '../../base/duckdb/staged-groups.js';
import { existing } from '../../base/files.js';
import type { AuditFinding, AuditSlice } from '../../contracts/index.js';
import { readNamed, withReadable } from './audit-files.js';
import { type FileColumn, storedValue } from './ddl.js';
import type { LakeFile } from './lake-index.js';
import { absolute, DATE_COLUMN } from './paths.js';
import { groupBy } from './rows.js';

/** The file that holds an audited slice, by the slice's place in the list. */
interface Held {
  readonly number: number;
  readonly file: LakeFile;
}

/** A lake that is looked through. */
export interface AuditedLake {
  readonly root: string;
  readonly database: Database;
  /** The files that count. */
  readonly files: readonly LakeFile[];
}

/** Holds rows and rejects of slices against their stages. A few queries a table, however many files. */
export async function auditContents(lake: AuditedLake, slices: readonly AuditSlice[]): Promise<AuditFinding[]> {
  const groups = await groupStages(lake.database, slices);
  const findings: AuditFinding[] = [];
  for (const own of groupBy(groups, ({ schema, table }) => identifier(schema, table.name)).values()) {
    const { schema, table } = own[0]!;
    // What a table merged by key holds of a slice, the slices after it decide.
    if (table.mode === 'upsert') continue;
    const held = homes(lake, slices, schema, table.name);
    findings.push(...held.gone);
    for (const shape of groupBy(held.there, ({ file }) => JSON.stringify(file.footer.columns)).values()) {
      findings.push(...(await auditShape(lake, shape, own, slices)));
    }
  }
  return [...findings, ...(await auditRejects(lake, groups, slices))];
}

/** The file of each slice in one table, and the slices that have none. */
function homes(lake: AuditedLake, slices: readonly AuditSlice[], schema: string, table: string) {
  const bySlice = new Map<string, LakeFile>();
  for (const file of lake.files) {
    const { footer } = file;
    if (footer.schema !== schema || footer.table !== table) continue;
    for (const { slice } of footer.slices) bySlice.set(sliceName({ ...footer, slice }), file);
  }
  const there: Held[] = [];
  const gone: AuditFinding[] = [];
  for (const [number, one] of slices.entries()) {
    if (one.schema !== schema || !one.stages.some((stage) => stage.table.name === table)) continue;
    const file = bySlice.get(sliceName(one));
    if (file) there.push({ number, file });
    else gone.push(findingOf(one, table, { what: 'file', column: null, expected: 'a file', found: 'none' }));
  }
  return { there, gone };
}

/** Slices whose files have the same columns. */
async function auditShape(
  lake: AuditedLake,
  shape: readonly Held[],
  groups: readonly StagedGroup[],
  slices: readonly AuditSlice[],
): Promise<AuditFinding[]> {
  const { database, root } = lake;
  const { footer } = shape[0]!.file;
  const { table } = groups[0]!;
  const columns = digestColumns(table, footer.columns);
  const staged = expectedRows(groups, columns, (group) => columns.map((column) => stagedCell(column, group)));
  const files = [...new Set(shape.map(({ file }) => file))];
  const { result, damaged } = await withReadable(database, root, files, async (readable) => {
    const own = shape.filter(({ file }) => readable.includes(file));
    await fillShape(lake, own, slices);
    const expected = `SELECT e.* FROM (${staged}) e SEMI JOIN temp.shape s ON s.number = e._group`;
    return database.rows(differingGroups(expected, heldRows(lake, own, columns), columns));
  });
  const findings = rowFindings(result, columns, slices, table.name);
  for (const { number, file } of shape) {
    const why = damaged.get(file);
    if (why === undefined) continue;
    const difference = {
      what: 'file',
      column: null,
      expected: 'a file that can be read',
      found: `${file.file}: ${why}`,
    } as const;
    findings.push(findingOf(slices[number]!, table.name, difference));
  }
  const numbers = new Set(shape.map(({ number }) => number));
  const names = new Set([...columns.map(({ name }) => name), ...(footer.report_date === null ? [] : [DATE_COLUMN])]);
  for (const group of groups) {
    findings.push(...(await columnFindings(database, group, names, slices, (number) => numbers.has(number))));
  }
  return findings;
}

/** A staged cell as a file would store it. */
function stagedCell(column: FileColumn, { columns }: StagedGroup): string {
  return storedValue(column, columns);
}

/** Which file holds which slice, as the temporary table `shape`. */
async function fillShape(
  { database, root }: AuditedLake,
  shape: readonly Held[],
  slices: readonly AuditSlice[],
): Promise<void> {
  const lines = shape.map(({ number, file }) => ({
    number,
    slice: slices[number]!.slice,
    file: absolute(root, file.file),
  }));
  await database.run(
    `CREATE OR REPLACE TEMP TABLE shape AS SELECT unnest(
       from_json($1, '[{"number":"BIGINT","slice":"VARCHAR","file":"VARCHAR"}]'), recursive := true)`,
    [JSON.stringify(lines)],
  );
}

/** The rows of the files of `shape`, as `_group`, `c0`, `c1` … */
function heldRows({ root }: AuditedLake, shape: readonly Held[], columns: readonly FileColumn[]): string {
  if (shape.length === 0)
    return union(
      [],
      columns.map(({ type }) => sqlType(type)),
    );
  const files = [...new Set(shape.map(({ file }) => absolute(root, file.file)))];
  return `SELECT s.number AS _group${numbered(columns.map(({ name }) => `t.${identifier(name)}`))}
    FROM ${readNamed(files)} t JOIN temp.shape s ON t._file = s.file AND t._slice = s.slice`;
}

async function auditRejects(
  { root, database, files }: AuditedLake,
  groups: readonly StagedGroup[],
  slices: readonly AuditSlice[],
): Promise<AuditFinding[]> {
  const named = new Map<string, readonly string[]>();
  for (const { footer } of files.filter(({ footer }) => footer.ledger)) {
    for (const { slice, reject_files } of footer.slices) named.set(sliceName({ ...footer, slice }), reject_files);
  }
  const lines: { number: number; file: string }[] = [];
  for (const [number, one] of slices.entries()) {
    const paths = (named.get(sliceName(one)) ?? []).map((file) => absolute(root, file));
    for (const file of await existing(paths)) lines.push({ number, file });
  }
  await database.run(
    `CREATE OR REPLACE TEMP TABLE reject_files AS
     SELECT unnest(from_json($1, '[{"number":"BIGINT","file":"VARCHAR"}]'), recursive := true)`,
    [JSON.stringify(lines)],
  );
  const held = `${readNamed(lines.map(({ file }) => file))} r JOIN temp.reject_files a ON r._file = a.file`;
  return rejectFindings(database, groups, slices, lines.length > 0 ? held : undefined);
}

function sliceName({
  schema,
  dataset,
  scope,
  slice,
}: Pick<AuditSlice, 'schema' | 'dataset' | 'scope' | 'slice'>): string {
  return JSON.stringify([schema, dataset, scope, slice]);
}
