import { sqlType } from '../base/duckdb/quote.js';
import { MillpondError } from '../base/errors.js';
import { matchesGlobs, nearest } from '../base/names.js';
import type { Connector, Dataset } from '../contracts/index.js';

/** A dataset and the connector that has it. */
export interface CatalogueEntry {
  readonly connector: string;
  readonly dataset: Dataset;
}

/**
 * Datasets by name or glob, tables' names included; all without names.
 * @throws MillpondError `E_NOT_FOUND` naming the nearest right one.
 */
export function chooseDatasets(connectors: readonly Connector[], names: readonly string[]): CatalogueEntry[] {
  const all = connectors.flatMap(({ name, datasets }) => datasets.map((dataset) => ({ connector: name, dataset })));
  if (names.length === 0) return all;
  for (const name of names) {
    if (all.some((entry) => namesOf(entry).some((known) => matchesGlobs(known, [name])))) continue;
    const near = nearest(name, all.flatMap(namesOf));
    throw new MillpondError('E_NOT_FOUND', `There is no dataset ${name}`, {
      hint: near ? `Did you mean ${near}?` : '`millpond datasets` lists what there is.',
    });
  }
  return all.filter((entry) => namesOf(entry).some((known) => matchesGlobs(known, names)));
}

function namesOf({ dataset }: CatalogueEntry): string[] {
  return [dataset.name, ...dataset.tables.map((table) => table.name)];
}

/** A dataset as `--json` shows it. */
export function datasetReport({ connector, dataset }: CatalogueEntry) {
  const { name, title, state, slicing, filters, limits, tables } = dataset;
  return {
    name,
    connector,
    title,
    state,
    slicing,
    filters,
    limits,
    tables: tables.map((table) => ({
      name: table.name,
      mode: table.mode,
      key: [table.scopeColumn.name, ...table.key],
      columns: [
        {
          name: table.scopeColumn.name,
          type: sqlType(table.scopeColumn.type),
          source: null,
          role: 'scope',
          nullable: false,
        },
        ...table.columns.map((column) => ({
          name: column.name,
          type: sqlType(column.type),
          source: column.source,
          role: column.role,
          nullable: column.nullable,
          ...(column.description === undefined ? {} : { description: column.description }),
        })),
      ],
    })),
  };
}

/** `switched off on 2026-10-01; use sp_campaigns_report`, or empty where it is served. */
export function stateText({ state }: Dataset): string {
  if (state.kind === 'alive') return '';
  if (state.kind === 'beta') return 'beta';
  return `switched off${state.since === null ? '' : ` on ${state.since}`}; use ${state.successor}`;
}

/** `daily, 31 days a job, kept 60 days` */
export function slicingText({ slicing }: Dataset): string {
  if (slicing.kind === 'as-of') return 'current state';
  if (slicing.kind === 'cursor') return 'listed';
  const parts = slicing.parts.length > 0 ? ` × ${slicing.parts.join(', ')}` : '';
  return `daily${parts}, ${slicing.maxDays} a job, kept ${slicing.retentionDays} days`;
}
