import { cellText, isNumeric, type QueryResult } from '../../queries/index.js';
import type { Output } from '../output.js';
import { plural } from './summary.js';
import { layoutTable, printable, type TableLayout, tableHead, tableRow, terminalWidth } from './table.js';

/** Rows that decide how wide the columns are; later ones are cut to that. */
const SAMPLE = 1000;

/** Prints a result as a table, as its rows come. */
export async function printResult(result: QueryResult, output: Output): Promise<void> {
  const columns = result.columns.map(({ name, type }) => ({
    title: printable(name),
    align: isNumeric(type) ? ('right' as const) : ('left' as const),
  }));
  const waiting: string[][] = [];
  let layout: TableLayout | undefined;
  let rows = 0;
  const start = async (): Promise<TableLayout> => {
    const made = layoutTable(columns, waiting, terminalWidth());
    await output.data(`${tableHead(made)}\n`);
    await write(made, waiting, output);
    return made;
  };
  for await (const batch of result.batches) {
    if (output.readerGone) return;
    const cells = batch.map((row) =>
      row.map((value, i) => printable(cellText(value, result.columns[i]!.type) ?? 'NULL')),
    );
    rows += cells.length;
    if (layout) {
      await write(layout, cells, output);
    } else {
      waiting.push(...cells);
      if (waiting.length >= SAMPLE) layout = await start();
    }
  }
  layout ??= await start();
  output.note(`(${plural(rows, 'row')})`);
  if (layout.hidden > 0) {
    output.note(`${plural(layout.hidden, 'more column')} did not fit; name the columns, or use --format json`);
  }
}

async function write(layout: TableLayout, rows: readonly (readonly string[])[], output: Output): Promise<void> {
  await output.data(rows.map((row) => `${tableRow(layout, row)}\n`).join(''));
}
