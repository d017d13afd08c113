/** What is measured, who takes part, and what is aimed at. */
import type { Kind } from './inputs/tables.js';

/** How much of everything. */
export interface Sizes {
  readonly report: number;
  readonly bigReport: number;
  readonly files: number;
  readonly rowsPerFile: number;
  /** Slices of `report` rows in the large warehouse. */
  readonly held: number;
  readonly entities: number;
}

export const FULL: Sizes = {
  report: 1_000_000,
  bigReport: 5_000_000,
  files: 300,
  rowsPerFile: 3_000,
  held: 20,
  entities: 200_000,
};

/** For a look in less than two minutes. Start-up and fixed costs weigh more in it: its ratios are not those of the full size. */
export const QUICK: Sizes = {
  report: 80_000,
  bigReport: 400_000,
  files: 30,
  rowsPerFile: 3_000,
  held: 3,
  entities: 20_000,
};

/** Somebody who takes part in a scenario, in one configuration. */
export interface Entrant {
  /** Unique in its scenario, as the table shows it. */
  readonly name: string;
  /** `millpond`, `limit`, or the id of a peer (`peers/peers.ts`). */
  readonly who: string;
  /** Loads the scenario's files without their bad rows. */
  readonly clean?: true;
  /** Loads into an empty warehouse, where the scenario reloads. */
  readonly first?: true;
  /** Millpond's budget; 1 GB by default, as in the configuration. */
  readonly memory?: string;
  readonly variant?: string;
  /** What sets this entrant apart; shown beside its numbers. */
  readonly note?: string;
}

/** What a target looks at. */
export type Figure = 'seconds' | 'peakMB' | 'remainingSeconds' | 'growth';

/** An aim: the figure of one entrant, against a figure of another or by itself. */
export interface Target {
  readonly text: string;
  readonly of: Figure;
  readonly entrant: string;
  /** The entrant whose `seconds` the figure is divided by; absent: it counts by itself. */
  readonly against?: string;
  readonly atMost: number;
}

export interface Scenario {
  readonly name: string;
  /** For people; `sizes` fills it in. */
  title(sizes: Sizes): string;
  readonly kind: Kind;
  readonly sink: 'duckdb' | 'parquet';
  readonly load: 'first' | 'reload';
  readonly files: (sizes: Sizes) => number;
  readonly rowsPerFile: (sizes: Sizes) => number;
  readonly held?: (sizes: Sizes) => number;
  readonly badPercent?: 1 | 12;
  readonly bytesPerSecond?: number;
  /** Left out of `--quick`. */
  readonly long?: true;
  /** In the order in which they take turns. */
  readonly entrants: readonly Entrant[];
  readonly targets: readonly Target[];
}

const MILLPOND: Entrant = { name: 'Millpond', who: 'millpond' };
const LIMIT: Entrant = { name: 'limit', who: 'limit' };
const LIMIT_RELOAD: Entrant = { ...LIMIT, note: '`DELETE` and `INSERT` of the slice in one transaction' };

const peer = (who: string, name: string): Entrant => ({ who, name });
const DLT_READER = peer('dlt-reader', 'dlt, around DuckDB’s reader');
const DLT = peer('dlt', 'dlt, usual form');
const SINGER = peer('singer', 'Singer, target-duckdb');
const AIRBYTE = peer('airbyte', 'PyAirbyte, DuckDB cache');
const PANDAS = peer('pandas', 'pandas');
const POLARS = peer('polars', 'polars');

const wall = (atMost: number): Target => ({
  text: `wall ≤ ${atMost.toFixed(2)} × limit`,
  of: 'seconds',
  entrant: MILLPOND.name,
  against: LIMIT.name,
  atMost,
});

const one = () => 1;
const report = (sizes: Sizes) => sizes.report;
const rows = (count: number) => (count >= 1_000_000 ? `${count / 1_000_000}M` : count.toLocaleString('en'));
const TIGHT: Entrant = { name: 'Millpond, 500 MB', who: 'millpond', memory: '500MB', note: '`memory: 500MB`' };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'duckdb-1m',
    title: (sizes) => `One report of ${rows(sizes.report)} rows to DuckDB`,
    kind: 'report',
    sink: 'duckdb',
    load: 'first',
    files: one,
    rowsPerFile: report,
    entrants: [MILLPOND, LIMIT, DLT_READER, POLARS, PANDAS, DLT, SINGER, AIRBYTE],
    targets: [wall(1)],
  },
  {
    name: 'duckdb-5m',
    title: (sizes) => `One report of ${rows(sizes.bigReport)} rows to DuckDB`,
    kind: 'report',
    sink: 'duckdb',
    load: 'first',
    files: one,
    rowsPerFile: (sizes) => sizes.bigReport,
    long: true,
    entrants: [MILLPOND, LIMIT, TIGHT, DLT_READER],
    targets: [
      wall(1),
      { text: 'peak ≤ 1 GB under `memory: 1GB`', of: 'peakMB', entrant: MILLPOND.name, atMost: 1000 },
      {
        text: 'exact under `memory: 500MB`, at a peak of',
        of: 'peakMB',
        entrant: TIGHT.name,
        atMost: Number.POSITIVE_INFINITY,
      },
    ],
  },
  {
    name: 'parquet-1m',
    title: (sizes) => `One report of ${rows(sizes.report)} rows to Parquet, as one file`,
    kind: 'report',
    sink: 'parquet',
    load: 'first',
    files: one,
    rowsPerFile: report,
    entrants: [MILLPOND, LIMIT, DLT_READER, POLARS, PANDAS, DLT],
    targets: [wall(1.15)],
  },
  {
    name: 'parquet-5m',
    title: (sizes) => `One report of ${rows(sizes.bigReport)} rows to Parquet, as one file`,
    kind: 'report',
    sink: 'parquet',
    load: 'first',
    files: one,
    rowsPerFile: (sizes) => sizes.bigReport,
    long: true,
    entrants: [MILLPOND, LIMIT, DLT_READER],
    targets: [wall(1.15)],
  },
  {
    name: 'slices-300',
    title: (sizes) => `${sizes.files} reports of ${rows(sizes.rowsPerFile)} rows, as ${sizes.files} slices, to DuckDB`,
    kind: 'report',
    sink: 'duckdb',
    load: 'first',
    files: (sizes) => sizes.files,
    rowsPerFile: (sizes) => sizes.rowsPerFile,
    entrants: [MILLPOND, { ...LIMIT, note: 'one `read_json` over the list' }, DLT_READER, POLARS, PANDAS],
    targets: [wall(1.5)],
  },
  {
    name: 'reload-1m',
    title: (sizes) => `Reload of a slice of ${rows(sizes.report)} rows`,
    kind: 'report',
    sink: 'duckdb',
    load: 'reload',
    files: one,
    rowsPerFile: report,
    held: one,
    entrants: [MILLPOND, LIMIT_RELOAD, DLT_READER, POLARS],
    targets: [wall(1.1)],
  },
  {
    name: 'reload-20m',
    title: (sizes) => `Reload of a slice of ${rows(sizes.report)} rows among ${rows(sizes.report * sizes.held)}`,
    kind: 'report',
    sink: 'duckdb',
    load: 'reload',
    files: one,
    rowsPerFile: report,
    held: (sizes) => sizes.held,
    long: true,
    entrants: [
      MILLPOND,
      LIMIT_RELOAD,
      { ...MILLPOND, name: 'Millpond, first load', first: true, note: 'into an empty warehouse' },
    ],
    targets: [
      {
        text: 'wall ≤ 1.30 × first load',
        of: 'seconds',
        entrant: MILLPOND.name,
        against: 'Millpond, first load',
        atMost: 1.3,
      },
      { text: 'no file growth from the second reload on', of: 'growth', entrant: MILLPOND.name, atMost: 1 },
    ],
  },
  {
    name: 'nested-200k',
    title: (sizes) => `${rows(sizes.entities)} nested entities to DuckDB`,
    kind: 'entities',
    sink: 'duckdb',
    load: 'first',
    files: one,
    rowsPerFile: (sizes) => sizes.entities,
    entrants: [MILLPOND, LIMIT, DLT_READER],
    targets: [],
  },
  ...([1, 12] as const).map(
    (badPercent): Scenario => ({
      name: `bad-${badPercent}`,
      title: (sizes) => `${badPercent} % bad rows among ${rows(sizes.report)}, to DuckDB`,
      kind: 'report',
      sink: 'duckdb',
      load: 'first',
      files: one,
      rowsPerFile: report,
      badPercent,
      ...(badPercent === 12 ? { long: true } : {}),
      entrants: [
        MILLPOND,
        { ...MILLPOND, name: 'Millpond, no bad rows', clean: true, note: 'the same file without bad rows' },
        { ...LIMIT, clean: true, note: 'the same file without bad rows' },
        { ...LIMIT, name: 'DuckDB, the bad file', note: 'the same `read_json`' },
        {
          ...LIMIT,
          name: 'DuckDB, ignore_errors',
          variant: 'ignore_errors',
          note: '`ignore_errors=true`: cells that do not fit become NULL',
        },
        DLT_READER,
        POLARS,
        PANDAS,
      ],
      targets:
        badPercent === 1
          ? [
              {
                text: 'wall ≤ 1.30 × no bad rows',
                of: 'seconds',
                entrant: MILLPOND.name,
                against: 'Millpond, no bad rows',
                atMost: 1.3,
              },
            ]
          : [],
    }),
  ),
  {
    name: 'slow-source',
    title: (sizes) => `A slow source: ${rows(sizes.report)} rows at 20 MB/s, to DuckDB`,
    kind: 'report',
    sink: 'duckdb',
    load: 'first',
    files: one,
    rowsPerFile: report,
    bytesPerSecond: 20_000_000,
    entrants: [MILLPOND, { ...LIMIT, note: 'the whole file, once it is there' }],
    targets: [
      {
        text: 'after the last byte ≤ 0.45 × limit',
        of: 'remainingSeconds',
        entrant: MILLPOND.name,
        against: LIMIT.name,
        atMost: 0.45,
      },
    ],
  },
];
