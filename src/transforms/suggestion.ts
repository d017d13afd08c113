import type { ScalarType } from '../contracts/index.js';
import { type PresentCell, ruleOf } from './cell-rules/index.js';
import type { Cell } from './cells.js';
import { Misfit } from './reasons.js';

/** Types that a column of unknown values may turn out to have, the most telling first. */
export const CANDIDATES: readonly ScalarType[] = [
  'boolean',
  'bigint',
  'decimal(18,6)',
  'double',
  'date',
  'timestamptz',
  'json',
];

/** Narrows down which type all values of an unknown column would fit. */
export class Suggestion {
  #left = CANDIDATES;
  #seen = false;

  /** Takes a value into account; null says nothing. */
  see(cell: Cell): void {
    if (cell === null) return;
    this.narrow((type) => fits(type, cell));
  }

  /** Keeps the types that fit another lot of values. */
  narrow(fitting: (type: ScalarType) => boolean): void {
    this.#seen = true;
    this.#left = this.#left.filter(fitting);
  }

  get type(): ScalarType {
    return (this.#seen && this.#left[0]) || 'varchar';
  }
}

function fits(type: ScalarType, cell: PresentCell): boolean {
  // Everything can be kept as JSON; it is worth saying only of nested values.
  if (type === 'json') return typeof cell === 'object' && !('text' in cell);
  return !(ruleOf(type).judge(cell) instanceof Misfit);
}
