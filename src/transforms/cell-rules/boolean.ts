import { Misfit } from '../reasons.js';
import type { CellRule } from './rule.js';

/** JSON's true and false, also as the texts `true` and `false`. */
export const booleanRule: CellRule<boolean> = {
  judge(cell) {
    if (cell === true || cell === 'true') return true;
    if (cell === false || cell === 'false') return false;
    return new Misfit(cell, 'is neither true nor false');
  },
  text: String,
  shape: 'VARCHAR',
  sqlType: 'BOOLEAN',
  value: (text) => `CASE ${text} WHEN 'true' THEN true WHEN 'false' THEN false END`,
  plain: ({ value }) => `${value} IS NOT NULL`,
};
