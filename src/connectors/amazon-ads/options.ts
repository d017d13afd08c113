import { MillpondError } from '../../base/errors.js';
import { nearest, snakeCase } from '../../base/names.js';
import type { Dataset, DatasetOptions, Table } from '../../contracts/index.js';

/**
 * The source's names of the columns asked for, in the catalogue's order, key columns included.
 * Constants (report_date, tactic) are always there and may be named.
 * @throws MillpondError `E_CONFIG` naming the unknown column and the nearest right one.
 */
export function chosenColumns(dataset: string, table: Table, wanted: readonly string[] | undefined): readonly string[] {
  const fromRecords = table.columns.filter((c) => c.role !== 'constant');
  if (!wanted) return fromRecords.map((c) => c.source);
  if (wanted.length === 0) {
    throw new MillpondError('E_CONFIG', `${dataset}: columns is empty; leave it out to ask for all of them`);
  }
  const chosen = new Set<string>();
  for (const name of wanted) {
    const found = table.columns.find((c) => c.source === name || c.name === name);
    if (!found) throw unknownName(dataset, 'column', name, [...fromRecords.map((c) => c.source), ...namesOf(table)]);
    chosen.add(found.source);
  }
  return fromRecords.filter((c) => chosen.has(c.source) || table.key.includes(c.name)).map((c) => c.source);
}

/** The table with the columns of those source names, and its constants. */
export function narrowed(table: Table, columns: readonly string[]): Table {
  const kept = new Set(columns);
  return { ...table, columns: table.columns.filter((c) => c.role === 'constant' || kept.has(c.source)) };
}

/** @throws MillpondError `E_CONFIG` where columns are chosen of a dataset that only comes whole. */
export function refuseColumns(dataset: string, options: DatasetOptions): void {
  if (!options.columns) return;
  throw new MillpondError('E_CONFIG', `${dataset} always comes with all of its columns; take away \`columns\``, {
    hint: 'Columns can be chosen for reports; here choose them in SQL.',
  });
}

/**
 * A user's filters, checked. Values that the catalogue does not know are passed on: Amazon adds some.
 * @throws MillpondError `E_CONFIG` naming an unknown filter and the nearest right one, or a malformed value.
 */
export function checkedFilter(
  dataset: Pick<Dataset, 'name' | 'filters'>,
  options: DatasetOptions,
): Readonly<Record<string, readonly string[]>> {
  const filter = options.filter ?? {};
  for (const [name, values] of Object.entries(filter)) {
    if (!(name in dataset.filters)) throw unknownName(dataset.name, 'filter', name, Object.keys(dataset.filters));
    const bad = values.find((value) => !/^[\w-]+$/.test(value));
    if (values.length === 0 || bad !== undefined) {
      throw new MillpondError(
        'E_CONFIG',
        `${dataset.name}: filter ${name} ${bad === undefined ? 'names no value' : `cannot be '${bad}'`}`,
        { hint: `It takes ${dataset.filters[name]!.join(', ')}.` },
      );
    }
  }
  return filter;
}

function namesOf(table: Table): string[] {
  return table.columns.map((c) => snakeCase(c.source));
}

function unknownName(dataset: string, what: string, name: string, known: readonly string[]): MillpondError {
  const near = nearest(name, known);
  return new MillpondError(
    'E_CONFIG',
    `${dataset} has no ${what} '${name}'${near ? `; did you mean '${near}'?` : ''}`,
    {
      hint:
        known.length === 0 ? `${dataset} takes no ${what}s.` : `\`millpond datasets ${dataset}\` lists its ${what}s.`,
    },
  );
}
