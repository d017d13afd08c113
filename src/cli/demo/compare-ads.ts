import { identifier } from '../../base/duckdb/quote.js';
import { snakeCase } from '../../base/names.js';
import { formatSliceKey } from '../../contracts/index.js';
import { type OpenOptions, queryRows } from '../../queries/index.js';
import type { Sandbox, TruthSlice } from '../../sandbox/index.js';
import { ADS_DATASETS } from './config.js';

/** How the tables of Amazon Ads compare with what the sandbox knows to be true. */
export interface AdsComparison {
  readonly slices: number;
  readonly rows: number;
  /** Values that were compared: rows, sums of every count, of all money, of every id. */
  readonly values: number;
  /** What differs, in words; empty is the promise kept. */
  readonly differences: readonly string[];
}

interface Held {
  readonly dataset: string;
  readonly scope: string;
  readonly slice: string;
  readonly as_of: string;
}

/** Compares every slice that Amazon Ads could have delivered, as of the moment it was asked. */
export async function compareAds(
  sandbox: Sandbox,
  days: { readonly since: string; readonly until: string },
  warehouse: OpenOptions,
): Promise<AdsComparison> {
  const held = new Map(
    (await queryRows<Held>('SELECT dataset, scope, slice, as_of FROM millpond.slices', warehouse)).map((slice) => [
      formatSliceKey(slice),
      slice,
    ]),
  );
  const offered = sandbox.truth({ datasets: [...ADS_DATASETS], from: days.since, to: days.until }).slices;
  const differences: string[] = [];
  let rows = 0;
  let values = 0;
  for (const dataset of ADS_DATASETS) {
    const wanted: TruthSlice[] = [];
    for (const { profileId, slice } of offered.filter((one) => one.dataset === dataset)) {
      const key = formatSliceKey({ dataset, scope: profileId, slice });
      const asOf = held.get(key)?.as_of;
      if (asOf === undefined) differences.push(`${key} is missing`);
      else wanted.push(sandbox.truthFor(dataset, profileId, slice, { asOf }));
    }
    const found = await readSums(dataset, wanted, warehouse);
    for (const truth of wanted) {
      const key = formatSliceKey({ dataset, scope: truth.profileId, slice: truth.slice });
      const expected = { rows: String(truth.rows), ...truth.sums, ...truth.ids };
      const actual = found.get(key) ?? {};
      for (const [name, value] of Object.entries(expected)) {
        values += 1;
        const there = actual[name] ?? '0';
        if (there !== value) differences.push(`${key}: ${name} is ${there}, and should be ${value}`);
      }
      rows += truth.rows;
    }
  }
  return { slices: offered.length, rows, values, differences };
}

/** Rows and sums per slice as the warehouse has them: exact text without needless zeros. */
async function readSums(
  dataset: string,
  truths: readonly TruthSlice[],
  warehouse: OpenOptions,
): Promise<Map<string, Record<string, string>>> {
  const names = [...new Set(truths.flatMap(({ sums, ids }) => [...Object.keys(sums), ...Object.keys(ids)]))];
  const sums = names.map((name) => `coalesce(sum(${identifier(snakeCase(name))}), 0)::VARCHAR AS ${identifier(name)}`);
  const rows = await queryRows<Record<string, string>>(
    `SELECT _profile_id::VARCHAR AS scope, _slice AS slice, ${['count(*)::VARCHAR AS rows', ...sums].join(', ')}
     FROM ${identifier(dataset)} GROUP BY ALL`,
    warehouse,
  );
  return new Map(
    rows.map(({ scope = '', slice = '', ...cells }) => [
      formatSliceKey({ dataset, scope, slice }),
      Object.fromEntries(Object.entries(cells).map(([name, text]) => [name, plain(text)])),
    ]),
  );
}

/** `12.500000` → `12.5` */
function plain(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}
