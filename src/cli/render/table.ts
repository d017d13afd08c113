/** Tables for people: aligned whatever the script, and no wider than the terminal. */

/** One column of a table. */
export interface TableColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters that terminals draw two cells wide: CJK, Hangul, full-width forms, emoji. */
const WIDE =
  /\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{20000}-\u{3FFFD}]/u;

/** How many cells of a terminal the text takes. */
export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += cellsOf(segment);
  return width;
}

function cellsOf(grapheme: string): number {
  if (/^[\p{Mark}\p{Format}]+$/u.test(grapheme)) return 0;
  return WIDE.test(grapheme) ? 2 : 1;
}

/** The text on one line, without anything that a terminal would obey. */
export function printable(text: string): string {
  return text.replace(/[\p{Control}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    if (character === '\r') return '\\r';
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The text cut to `width` cells, ending in `…` where something was cut. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let taken = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const cells = cellsOf(segment);
    if (used + cells > width - 1) break;
    taken += segment;
    used += cells;
  }
  return `${taken}…`;
}

/** Widths that a table keeps for all its rows. */
export interface TableLayout {
  readonly columns: readonly TableColumn[];
  readonly widths: readonly number[];
  /** How many columns did not fit and are left out. */
  readonly hidden: number;
}

/**
 * Finds widths from titles and (the first) rows. Where the terminal is too narrow, long columns
 * are cut shorter and shorter, and what still does not fit is left out from the right.
 * @param maxWidth cells of the terminal; undefined: no bound.
 */
export function layoutTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  maxWidth: number | undefined,
): TableLayout {
  const natural = columns.map((column, i) =>
    rows.reduce((widest, row) => Math.max(widest, displayWidth(row[i] ?? '')), displayWidth(column.title)),
  );
  if (maxWidth === undefined) return { columns, widths: natural, hidden: 0 };
  for (const cap of [200, 100, 60, 40, 30, 20]) {
    const widths = natural.map((width) => Math.min(width, cap));
    if (totalWidth(widths) <= maxWidth) return { columns, widths, hidden: 0 };
  }
  const widths = natural.map((width) => Math.min(width, 20));
  let shown = widths.length;
  while (shown > 1 && totalWidth(widths.slice(0, shown)) > maxWidth) shown--;
  const first = Math.min(widths[0] ?? 0, maxWidth);
  return {
    columns: columns.slice(0, shown),
    widths: [first, ...widths.slice(1, shown)],
    hidden: columns.length - shown,
  };
}

function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, widths.length - 1);
}

/** Titles and the line below them. */
export function tableHead(layout: TableLayout): string {
  const rule = layout.widths.map((width) => '─'.repeat(width)).join(GAP);
  return `${tableRow(
    layout,
    layout.columns.map((column) => column.title),
  )}\n${rule}`;
}

/** One row, cut and padded. */
export function tableRow(layout: TableLayout, cells: readonly string[]): string {
  return layout.widths
    .map((width, i) => {
      const text = cutTo(cells[i] ?? '', width);
      const padding = ' '.repeat(Math.max(0, width - displayWidth(text)));
      return layout.columns[i]?.align === 'right' ? padding + text : text + padding;
    })
    .join(GAP)
    .trimEnd();
}

/** A whole table. */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  maxWidth: number | undefined,
): string {
  const printableRows = rows.map((row) => row.map(printable));
  const layout = layoutTable(columns, printableRows, maxWidth);
  return [tableHead(layout), ...printableRows.map((row) => tableRow(layout, row))].join('\n');
}

/** Cells of the terminal behind stdout; undefined where it is none. */
export function terminalWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns : undefined;
}
