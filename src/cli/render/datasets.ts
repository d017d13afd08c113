import { type CatalogueEntry, datasetReport, slicingText, stateText } from '../catalogue.js';
import { renderTable, terminalWidth } from './table.js';

/** The catalogue, a line for each dataset. */
export function datasetTable(entries: readonly CatalogueEntry[]): string {
  return renderTable(
    [{ title: 'dataset' }, { title: 'slices' }, { title: 'columns', align: 'right' }, { title: 'state' }],
    entries.map(({ dataset }) => [
      dataset.name,
      slicingText(dataset),
      String(dataset.tables[0]?.columns.length ?? 0),
      stateText(dataset),
    ]),
    terminalWidth(),
  );
}

/** All about one dataset. */
export function datasetPage(entry: CatalogueEntry): string {
  const { dataset } = entry;
  const report = datasetReport(entry);
  const filters = Object.entries(dataset.filters).map(([name, values]) => `${name} (${values.join(', ')})`);
  const facts = [
    ['state', stateText(dataset) || 'served'],
    ['slices', slicingText(dataset)],
    ['filters', filters.join('; ')],
    ['limits', dataset.limits.join('; ')],
  ].filter(([, text]) => text !== '');
  const tables = report.tables.map((table) => {
    const columns = renderTable(
      [{ title: 'column' }, { title: 'type' }, { title: 'source' }, { title: 'role' }, { title: 'about' }],
      table.columns.map((column) => [
        column.name,
        `${column.type}${column.nullable ? '' : ' NOT NULL'}`,
        column.source ?? '',
        column.role,
        'description' in column ? (column.description ?? '') : '',
      ]),
      terminalWidth(),
    );
    return `table ${table.name} (${table.mode}), key: ${table.key.join(', ')}\n${columns}`;
  });
  return [
    `${dataset.name}: ${dataset.title}`,
    ...facts.map(([name = '', text = '']) => `  ${name.padEnd(8)} ${text}`),
    '',
    tables.join('\n\n'),
  ].join('\n');
}
