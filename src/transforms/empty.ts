import type { Field } from '../contracts/index.js';
import type { Cell } from './cells.js';

/** Whether an empty text stands for no value ({@link Field.emptyIsNull}). */
export function isNoValue(field: Pick<Field, 'emptyIsNull'>, cell: Cell): boolean {
  return field.emptyIsNull === true && cell === '';
}

/** SQL: a text without those that stand for no value. */
export function valueText(field: Pick<Field, 'emptyIsNull'>, text: string): string {
  return field.emptyIsNull ? `nullif(${text}, '')` : text;
}
