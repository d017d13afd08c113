import { snakeCase } from '../../src/base/names.js';
import type { Sandbox, TruthFilter, TruthSlice } from '../../src/sandbox/index.js';

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

/**
 * Compares everything a warehouse holds with what the sandbox says was there at the moment it was
 * asked: rows, sums of figures and ids, bytes of text, slice by slice.
 * @returns a line for every difference; none means equal.
 */
export async function differencesFromTruth(sandbox: Sandbox, query: Query, expected: TruthFilter): Promise<string[]> {
  const differences: string[] = [];
  const held = await query(
    `SELECT dataset, scope, slice, rows::VARCHAR AS rows, strftime(as_of, '%Y-%m-%dT%H:%M:%S.%gZ') AS as_of
     FROM millpond.slices WHERE dataset <> 'profiles'`,
  );
  const name = (dataset: unknown, scope: unknown, slice: unknown) => `${dataset}:${scope}:${slice}`;
  const ledger = new Map(held.map((row) => [name(row.dataset, row.scope, row.slice), row]));
  for (const wanted of sandbox.truth(expected).slices) {
    const key = name(wanted.dataset, wanted.profileId, wanted.slice);
    if (!ledger.has(key)) differences.push(`${key} is missing`);
  }
  const datasets = new Set(held.map((row) => String(row.dataset)));
  for (const dataset of datasets) {
    const slices = held.filter((row) => row.dataset === dataset);
    const truths = new Map(
      slices.map((row) => {
        const truth = sandbox.truthFor(dataset, String(row.scope), String(row.slice), { asOf: String(row.as_of) });
        return [name(dataset, row.scope, row.slice), truth];
      }),
    );
    differences.push(...(await compareDataset(query, dataset, ledger, truths)));
  }
  return differences;
}

async function compareDataset(
  query: Query,
  dataset: string,
  ledger: Map<string, Record<string, unknown>>,
  truths: Map<string, TruthSlice>,
): Promise<string[]> {
  const differences: string[] = [];
  const columns = new Set(
    (await query(`SELECT column_name FROM information_schema.columns WHERE table_name = '${dataset}'`)).map(
      (row) => row.column_name,
    ),
  );
  const any = [...truths.values()][0]!;
  const sums = [...Object.keys(any.sums), ...Object.keys(any.ids)].filter((source) => columns.has(snakeCase(source)));
  const texts = Object.keys(any.textBytes).filter((source) => columns.has(snakeCase(source)));
  const select = [
    ...sums.map((source) => `coalesce(sum("${snakeCase(source)}"), 0)::VARCHAR AS "${source}"`),
    ...texts.map((source) => `coalesce(sum(strlen("${snakeCase(source)}")), 0)::VARCHAR AS "${source}"`),
  ];
  const rows = await query(
    `SELECT _profile_id::VARCHAR AS scope, _slice, count(*)::VARCHAR AS rows${select.map((item) => `, ${item}`).join('')}
     FROM amazon_ads."${dataset}" GROUP BY ALL`,
  );
  const found = new Map(rows.map((row) => [`${dataset}:${row.scope}:${row._slice}`, row]));
  for (const key of found.keys()) if (!truths.has(key)) differences.push(`${key} has rows but no ledger row`);
  for (const [key, truth] of truths) {
    const row = found.get(key);
    const says = (what: string, is: string, should: string) => {
      if (is !== should) differences.push(`${key}: ${what} is ${is}, should be ${should}`);
    };
    says('rows', String(row?.rows ?? 0), String(truth.rows));
    says('rows in the ledger', String(ledger.get(key)?.rows), String(truth.rows));
    for (const source of sums)
      says(source, plain(String(row?.[source] ?? 0)), plain(truth.sums[source] ?? truth.ids[source] ?? '0'));
    for (const source of texts)
      says(`bytes of ${source}`, String(row?.[source] ?? 0), String(truth.textBytes[source] ?? 0));
  }
  return differences;
}

/** Decimal text without needless zeros. */
function plain(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
