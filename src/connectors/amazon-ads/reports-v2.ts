import { snakeCase } from '../../base/names.js';
import {
  type Column,
  type Dataset,
  type DatasetRequest,
  dayOfSlice,
  type Slicing,
  type Table,
} from '../../contracts/index.js';
import type { Caller } from './caller.js';
import { column, constant, MONEY, required } from './catalog/fields.js';
import {
  PRODUCTS,
  type Product,
  REPORT_RETENTION_DAYS,
  RESTATEMENT_AGES,
  STATES,
  TACTICS,
  THIRTY_DAY_AGE,
} from './catalog/products.js';
import { metricsOf, type ReportEntry } from './catalog/report-entry.js';
import { type MetricKind, metricKind } from './catalog/report-metrics.js';
import { SB_REPORTS } from './catalog/reports-v2-sb.js';
import { SD_REPORTS } from './catalog/reports-v2-sd.js';
import { SP_REPORTS } from './catalog/reports-v2-sp.js';
import { notOffered } from './offered.js';
import { checkedFilter, chosenColumns, narrowed } from './options.js';
import { reportFetch } from './report-fetch.js';

/** Reports of version 2: one day's performance of one record type, perhaps split by a segment. */
export function reportDatasets(caller: Caller): Dataset[] {
  return [
    ...SP_REPORTS.map((entry) => reportDataset(PRODUCTS.sp, entry, caller)),
    ...SB_REPORTS.map((entry) => reportDataset(PRODUCTS.sb, entry, caller)),
    ...SD_REPORTS.map((entry) => reportDataset(PRODUCTS.sd, entry, caller)),
  ];
}

const COLUMN_TYPES = {
  id: 'bigint',
  text: 'varchar',
  count: 'bigint',
  money: MONEY,
  ratio: 'double',
} as const satisfies Record<MetricKind, Column['type']>;

function reportDataset(product: Product, entry: ReportEntry, caller: Caller): Dataset {
  const subject = [entry.recordType, entry.segment ?? ''].map(snakeCase).filter(Boolean);
  const name = [product.code, ...subject, 'report_v2'].join('_');
  const title = `${product.title}: ${subject.join(' by ').replaceAll('_', ' ')}`;
  const table = reportTable(name, title, product, entry);
  const filters = filtersOf(product, entry);
  return {
    name,
    title,
    state: { kind: 'retired', since: product.reportsOff, successor: `POST /reporting/reports (${entry.successor})` },
    tables: [table],
    slicing: slicing(product, metricsOf(entry), undefined),
    filters,
    limits: [
      `POST ${product.path}/${entry.recordType}/report`,
      'one day a job',
      `${REPORT_RETENTION_DAYS} days back`,
      ...(entry.byPart ? [`up to ${Object.keys(entry.byPart).length} jobs a day`] : []),
    ],
    request(options): DatasetRequest {
      const filter = checkedFilter({ name, filters }, options);
      const columns = chosenColumns(name, table, options.columns);
      return {
        columns,
        // Tactics are not here: they are slices of their own, each the same whatever others are asked for.
        params: filters.state ? { stateFilter: (filter.state ?? STATES).join(',') } : {},
        tables: [narrowed(table, columns)],
        slicing: slicing(product, columns, filter.tactic),
      };
    },
    unavailable: (scope) => notOffered(product, entry.recordType, scope),
    fetch: {
      coalesce: (request, slices) =>
        slices.map((slice) => ({
          slices: [slice],
          columns: request.columns,
          params: request.params,
          constants: constantsOf(slice.slice),
        })),
      ...reportFetch(product, entry, caller),
    },
  };
}

/** Sponsored Products takes states, but neither with a segment nor for asins; Sponsored Display takes tactics. */
function filtersOf(product: Product, entry: ReportEntry): Dataset['filters'] {
  if (product.code === 'sd') return { tactic: TACTICS };
  return product.code === 'sp' && !entry.segment && entry.recordType !== 'asins' ? { state: STATES } : {};
}

function slicing(product: Product, columns: readonly string[], tactics: readonly string[] | undefined): Slicing {
  const thirtyDays = columns.some((source) => source.includes('30d'));
  return {
    kind: 'day',
    parts: product.code === 'sd' ? (tactics ?? TACTICS) : [],
    maxDays: 1,
    retentionDays: REPORT_RETENTION_DAYS,
    ages: thirtyDays ? [...RESTATEMENT_AGES, THIRTY_DAY_AGE] : RESTATEMENT_AGES,
  };
}

/** `{ report_date, tactic? }` of `2026-10-01/T00020`. */
function constantsOf(slice: string): Record<string, string> {
  const day = dayOfSlice(slice) ?? slice;
  const tactic = slice.slice(day.length + 1);
  return tactic ? { report_date: day, tactic } : { report_date: day };
}

function reportTable(name: string, description: string, product: Product, entry: ReportEntry): Table {
  const constants = [constant('report_date', 'date', "The day, in the profile's zone.")];
  if (product.code === 'sd') constants.push(constant('tactic', 'varchar', 'The tactic that was asked for.'));
  const metrics = metricsOf(entry);
  const own = soleId(entry);
  // Key columns first, so that a table reads from the left.
  const sources = [...entry.key, ...metrics.filter((source) => !entry.key.includes(source))];
  return {
    name,
    columns: [
      ...constants,
      ...sources.map((source) => (source === own ? required(metricColumn(source)) : metricColumn(source))),
    ],
    key: entry.key.map(snakeCase),
    mode: 'replace',
    scopeColumn: { name: '_profile_id', type: 'bigint' },
    description: `${description}, one day.`,
  };
}

/** The id without which a row says nothing; undefined where several together do. */
function soleId(entry: ReportEntry): string | undefined {
  const ids = entry.key.filter((source) => metricKind(source) === 'id');
  return ids.length === 1 ? ids[0] : undefined;
}

function metricColumn(source: string): Column {
  const kind = metricKind(source);
  return column(source, COLUMN_TYPES[kind], kind === 'id' || kind === 'text' ? 'dimension' : 'metric');
}
