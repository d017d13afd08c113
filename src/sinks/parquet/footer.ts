import { z } from 'zod';
import type { Database } from '../../base/duckdb/database.js';
import { identifier, literal, literalList } from '../../base/duckdb/quote.js';
import type { ColumnType, LedgerArtifact, LedgerSlice } from '../../contracts/index.js';

/** Number of the format in which this Millpond writes footers and `_millpond/`. */
export const FORMAT = 1;

const FORMAT_KEY = 'millpond.format';
const LEDGER_KEY = 'millpond.ledger';

const columnType: z.ZodType<ColumnType> = z.lazy(() =>
  z.union([
    z.string() as unknown as z.ZodType<ColumnType>,
    z.object({ struct: z.array(z.object({ name: z.string(), source: z.string(), type: columnType })) }),
    z.object({ list: columnType }),
  ]),
);

const footerArtifact = z.object({
  sha256: z.string(),
  content_sha256: z.string(),
  path: z.string(),
  bytes: z.number(),
  rows: z.number(),
  rejects: z.number(),
  as_of: z.string(),
});

const footerSlice = z.object({
  slice: z.string(),
  rows: z.number(),
  rejects: z.number(),
  /** The newest last. */
  artifacts: z.array(footerArtifact),
  request_fingerprint: z.string(),
  as_of: z.string(),
  run_id: z.string(),
  committed_at: z.string(),
  final: z.boolean(),
  /** Paths relative to the lake: a file of rejects counts only if it stands here. */
  reject_files: z.array(z.string()),
  /** Names this commit in the history; a touch keeps it. */
  commit: z.string(),
  /** The newest artifact of what was held before. */
  replaced_sha256: z.string().nullable(),
});

const footerSchema = z.object({
  /** Another one each time the file is written: whoever judged from a file knows it by this. */
  id: z.string(),
  schema: z.string(),
  dataset: z.string(),
  table: z.string(),
  /** Whether this file's slices are the ledger's, or it belongs to another table of its dataset. */
  ledger: z.boolean(),
  scope: z.string(),
  scope_column: z.object({ name: z.string(), type: z.enum(['bigint', 'varchar']) }),
  report_date: z.string().nullable(),
  current_state: z.boolean(),
  /** Path relative to the lake: a copy that lies elsewhere does not count. */
  file: z.string(),
  /** The table's columns as they stand in the file, without those of the path and of Millpond. */
  columns: z.array(z.object({ name: z.string(), type: columnType })),
  slices: z.array(footerSlice),
  /** The commit that the file was added to, and how many of its rows, the first ones, are of that. */
  grows_on: z.object({ commit: z.string(), rows: z.number() }).optional(),
});

/** What Millpond writes into a file's own footer, as JSON: the file's share in the ledger. */
export type Footer = z.output<typeof footerSchema>;
/** A slice's row of the ledger, as it stands in a footer. */
export type FooterSlice = z.output<typeof footerSlice>;
/** An artifact's share in a slice, as it stands in a footer. */
export type FooterArtifact = z.output<typeof footerArtifact>;

/** What a file turned out to be. */
export type FooterRead =
  | { readonly kind: 'ours'; readonly footer: Footer }
  /** Written by a newer Millpond. */
  | { readonly kind: 'newer'; readonly format: number }
  /** A Parquet file that Millpond did not write, or not here. */
  | { readonly kind: 'foreign' }
  /** Not readable as Parquet, or its footer makes no sense. */
  | { readonly kind: 'damaged'; readonly reason: string };

/** The option of `COPY … TO` that writes a footer. */
export function footerOption(footer: Footer): string {
  const entries = { [FORMAT_KEY]: String(FORMAT), [LEDGER_KEY]: JSON.stringify(footer) };
  return `KV_METADATA {${Object.entries(entries)
    .map(([key, value]) => `${identifier(key)}: ${literal(value)}`)
    .join(', ')}}`;
}

/** Reads the footers of many files at once; one that cannot be read spoils none of the others. */
export async function readFooters(database: Database, files: readonly string[]): Promise<Map<string, FooterRead>> {
  const found = new Map<string, FooterRead>();
  for (let first = 0; first < files.length; first += 500) {
    const batch = files.slice(first, first + 500);
    let pairs: Awaited<ReturnType<typeof readPairs>>;
    try {
      pairs = await readPairs(database, batch);
    } catch (error) {
      if (batch.length === 1) {
        found.set(batch[0]!, { kind: 'damaged', reason: error instanceof Error ? error.message : String(error) });
      } else {
        for (const file of batch) for (const [name, read] of await readFooters(database, [file])) found.set(name, read);
      }
      continue;
    }
    for (const file of batch) found.set(file, judge(pairs.get(file)));
  }
  return found;
}

async function readPairs(database: Database, files: readonly string[]): Promise<Map<string, Map<string, string>>> {
  const rows = await database.rows(
    `SELECT file_name, decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${literalList(files)})
     WHERE key IN (${literal(FORMAT_KEY)}::BLOB, ${literal(LEDGER_KEY)}::BLOB)`,
  );
  const pairs = new Map<string, Map<string, string>>();
  for (const row of rows) {
    const file = String(row.file_name);
    if (!pairs.has(file)) pairs.set(file, new Map());
    pairs.get(file)!.set(String(row.key), String(row.value));
  }
  return pairs;
}

function judge(pairs: ReadonlyMap<string, string> | undefined): FooterRead {
  const format = pairs?.get(FORMAT_KEY);
  if (pairs === undefined || format === undefined) return { kind: 'foreign' };
  if (Number(format) > FORMAT) return { kind: 'newer', format: Number(format) };
  try {
    return { kind: 'ours', footer: footerSchema.parse(JSON.parse(pairs.get(LEDGER_KEY) ?? 'null')) };
  } catch {
    return { kind: 'damaged', reason: `the ledger row in its footer is not what Millpond writes` };
  }
}

/** The ledger's rows of a file. */
export function ledgerSlices(footer: Footer): LedgerSlice[] {
  return footer.slices.map((slice) => ({
    schema: footer.schema,
    dataset: footer.dataset,
    scope: footer.scope,
    slice: slice.slice,
    rows: slice.rows,
    rejects: slice.rejects,
    artifacts: slice.artifacts.map(fromFooterArtifact),
    requestFingerprint: slice.request_fingerprint,
    asOf: slice.as_of,
    committedAt: slice.committed_at,
    runId: slice.run_id,
    final: slice.final,
  }));
}

function fromFooterArtifact(artifact: FooterArtifact): LedgerArtifact {
  const { content_sha256: contentSha256, as_of: asOf, ...rest } = artifact;
  return { ...rest, contentSha256, asOf };
}
