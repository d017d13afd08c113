import fs from 'node:fs/promises';
import { findingOf } from '../../base/duckdb/staged-findings.js';
import { existing } from '../../base/files.js';
import type { AuditDataset, AuditFinding, Difference } from '../../contracts/index.js';
import type { AuditedLake } from './audit.js';
import { readNamed, withReadable } from './audit-files.js';
import type { Footer } from './footer.js';
import { type CommitLine, historyFiles } from './history.js';
import type { LakeFile, StrayFile } from './lake-index.js';
import { absolute } from './paths.js';

/** A line of the history; of format 1 it knows no schema. */
type HistoryLine = CommitLine & { readonly schema_name?: string };

/** A slice that some line of the lake names. */
interface Named {
  readonly schema: string;
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
}

/**
 * Holds footers against the rows below them, against the files of rejects that they name, and
 * against the history; names files that no footer makes ours.
 */
export async function auditBooks(
  lake: AuditedLake,
  strays: readonly StrayFile[],
  datasets: readonly AuditDataset[],
): Promise<AuditFinding[]> {
  const own = lake.files.filter(({ footer }) =>
    datasets.some(({ schema, dataset }) => schema === footer.schema && dataset === footer.dataset),
  );
  return [
    ...(await countRows(lake, own)),
    ...unlisted(own),
    ...(await countRejects(lake, own)),
    ...(await lost(lake.root, own, datasets)),
    ...strays.flatMap(({ file, why }) => {
      const owner = datasets.find(({ tables }) => tables.some(({ name }) => file.startsWith(`${name}/`)));
      if (!owner) return [];
      const { schema, dataset } = owner;
      const nothing = { schema, dataset, scope: null, slice: null, column: null };
      return [
        {
          ...nothing,
          what: 'file' as const,
          table: file.split('/')[0]!,
          expected: 'no such file',
          found: `${file}: ${why}`,
        },
      ];
    }),
  ];
}

/** Rows by file and slice, as the ledger's footers say. */
async function countRows({ root, database }: AuditedLake, files: readonly LakeFile[]): Promise<AuditFinding[]> {
  const { result, damaged } = await withReadable(database, root, files, async (readable) => {
    if (readable.length === 0) return [];
    const names = readable.map(({ file }) => absolute(root, file));
    return database.rows(`SELECT _file, _slice, count(*)::VARCHAR AS n FROM ${readNamed(names)} GROUP BY ALL`);
  });
  const counted = new Map<string, Map<string, string>>();
  for (const { _file, _slice, n } of result) {
    const file = counted.get(String(_file)) ?? new Map<string, string>();
    counted.set(String(_file), file.set(String(_slice), String(n)));
  }
  const findings: AuditFinding[] = [];
  for (const lakeFile of files) {
    const { file, footer } = lakeFile;
    const why = damaged.get(lakeFile);
    const rows = counted.get(absolute(root, file)) ?? new Map<string, string>();
    const tell = (slice: string, what: Difference, expected: string, found: string) =>
      findings.push(findingOf({ ...footer, slice }, footer.table, { what, column: null, expected, found }));
    for (const { slice, rows: wanted } of footer.slices) {
      const found = rows.get(slice) ?? '0';
      if (why !== undefined) tell(slice, 'file', 'a file that can be read', `${file}: ${why}`);
      else if (footer.ledger && found !== String(wanted)) tell(slice, 'rows', String(wanted), found);
    }
    const listed = new Set(footer.slices.map(({ slice }) => slice));
    for (const [slice, n] of rows) if (!listed.has(slice)) tell(slice, 'unlisted', '0', n);
  }
  return findings;
}

/** Files of a dataset's other tables that belong to no commit in force. */
function unlisted(files: readonly LakeFile[]): AuditFinding[] {
  const mark = (footer: Footer, commit: string) =>
    JSON.stringify([footer.schema, footer.dataset, footer.scope, commit]);
  const inForce = new Set(
    files
      .filter(({ footer }) => footer.ledger)
      .flatMap(({ footer }) => footer.slices.map(({ commit }) => mark(footer, commit))),
  );
  return files
    .filter(({ footer }) => !footer.ledger)
    .flatMap(({ file, footer }) =>
      footer.slices
        .filter(({ commit }) => !inForce.has(mark(footer, commit)))
        .map((slice) =>
          findingOf({ ...footer, slice: slice.slice }, footer.table, {
            what: 'unlisted',
            column: null,
            expected: '0',
            found: file,
          }),
        ),
    );
}

/** Rejects by slice, in the files that the ledger's footers name. */
async function countRejects({ root, database }: AuditedLake, files: readonly LakeFile[]): Promise<AuditFinding[]> {
  const held = files
    .filter(({ footer }) => footer.ledger)
    .flatMap(({ footer }) => footer.slices.map((slice) => ({ footer, slice })));
  const names = await existing(held.flatMap(({ slice }) => slice.reject_files.map((file) => absolute(root, file))));
  const rows =
    names.length === 0
      ? []
      : await database.rows(`SELECT _file, count(*)::VARCHAR AS n FROM ${readNamed(names)} GROUP BY ALL`);
  const counted = new Map(rows.map(({ _file, n }) => [String(_file), Number(n)]));
  return held.flatMap(({ footer, slice }) => {
    const found = slice.reject_files.reduce((sum, file) => sum + (counted.get(absolute(root, file)) ?? 0), 0);
    if (found === slice.rejects) return [];
    const difference = {
      what: 'rejects',
      column: null,
      expected: String(slice.rejects),
      found: String(found),
    } as const;
    return [findingOf({ ...footer, slice: slice.slice }, null, difference)];
  });
}

/** Slices that the history names and no footer does; of current state, scopes. */
async function lost(
  root: string,
  files: readonly LakeFile[],
  datasets: readonly AuditDataset[],
): Promise<AuditFinding[]> {
  const newest = new Map<string, { readonly named: Named; readonly line: HistoryLine }>();
  for (const line of await historyLines(root)) {
    for (const { schema, currentState } of datasets.filter(
      ({ schema, dataset }) => dataset === line.dataset && schema === (line.schema_name ?? schema),
    )) {
      const named = { schema, dataset: line.dataset, scope: line.scope, slice: line.slice };
      const id = identity(named, currentState);
      const other = newest.get(id);
      if (!other || Date.parse(other.line.committed_at) < Date.parse(line.committed_at))
        newest.set(id, { named, line });
    }
  }
  for (const { footer } of files.filter(({ footer }) => footer.ledger)) {
    for (const { slice } of footer.slices) newest.delete(identity({ ...footer, slice }, footer.current_state));
  }
  return [...newest.values()].map(({ named, line }) =>
    findingOf(named, null, { what: 'not_held', column: null, expected: String(line.rows), found: 'nothing' }),
  );
}

function identity({ schema, dataset, scope, slice }: Named, currentState: boolean): string {
  return JSON.stringify([schema, dataset, scope, ...(currentState ? [] : [slice])]);
}

async function historyLines(root: string): Promise<HistoryLine[]> {
  const texts = await Promise.all((await historyFiles(root)).map((file) => fs.readFile(file, 'utf8')));
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as HistoryLine),
  );
}
