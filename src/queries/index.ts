/**
 * Ad hoc SQL over what the sinks hold: read-only, locked down, and never in the way of a commit
 * for longer than the query takes.
 */
export { cellText, isNumeric } from './cells.js';
export { type Exported, exportQuery } from './export.js';
export { renderText, TEXT_FORMATS, type TextFormat } from './formats.js';
export type { OpenOptions } from './open.js';
export { queryRows } from './rows.js';
export { type QueryResult, type ResultColumn, runQuery } from './session.js';
export { chooseTarget } from './target.js';
