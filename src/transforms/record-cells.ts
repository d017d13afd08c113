import type { UnknownMembers } from './cell-rules/index.js';
import { type Cell, JsonObject } from './cells.js';
import { isNoValue } from './empty.js';
import { cellReason, Misfit, recordReasons } from './reasons.js';
import type { TypedColumn } from './typed-columns.js';

/** Why a record has no value for a column that fits. */
export interface CellFault {
  /** The column's name. */
  readonly column: string;
  readonly reason: string;
}

/** The cells of a record by column name, each a value, NULL, or missing for its fault. */
export interface RecordCells {
  readonly values: Record<string, unknown>;
  readonly faults: readonly CellFault[];
}

/** What keeps a record from being asked for its members: it is no object, empty, or names one twice. */
export function recordFault(record: Cell): string | undefined {
  if (!(record instanceof JsonObject)) return recordReasons.notObject(record);
  if (record.entries.length === 0) return recordReasons.empty();
  const duplicate = record.duplicate();
  return duplicate === undefined ? undefined : recordReasons.duplicate(duplicate);
}

/**
 * Judges the cells of a record that has no fault as a whole. Absent and null are NULL, all else is
 * for the column's rule to judge; constants are not among them.
 * @param unknown hears of struct members without a field.
 */
export function recordCells(
  columns: readonly TypedColumn[],
  record: JsonObject,
  unknown?: UnknownMembers,
): RecordCells {
  const values: Record<string, unknown> = {};
  const faults: CellFault[] = [];
  for (const typed of columns) {
    const { column, rule } = typed;
    if (column.role === 'constant') continue;
    const cell = firstValue(record, typed);
    if (cell === null) {
      if (column.nullable) values[column.name] = null;
      else faults.push({ column: column.name, reason: recordReasons.missing(column.source) });
      continue;
    }
    const value = rule.judge(cell, unknown && ((path, member) => unknown(column.source + path, member)));
    if (value instanceof Misfit) faults.push({ column: column.name, reason: cellReason(column.source, value) });
    else values[column.name] = value;
  }
  return { values, faults };
}

function firstValue(record: JsonObject, { column, sources }: TypedColumn): Cell {
  for (const source of sources) {
    const cell = record.get(source) ?? null;
    if (cell !== null && !isNoValue(column, cell)) return cell;
  }
  return null;
}
