import { Misfit } from '../reasons.js';
import { NUMBER_SQL, numberText } from './number-text.js';
import type { CellRule } from './rule.js';

/** The double nearest to a number, JSON number or text. Finite; minus zero is zero. */
export const doubleRule: CellRule<number> = {
  judge(cell) {
    const text = numberText(cell);
    if (text === undefined) return new Misfit(cell, 'is no number');
    const value = Number(text);
    return Number.isFinite(value) ? value + 0 : new Misfit(cell, 'is beyond the range of a double');
  },
  text: String,
  shape: 'VARCHAR',
  sqlType: 'DOUBLE',
  value: (text) => `(TRY_CAST(${text} AS DOUBLE) + 0)`,
  plain: ({ text, value }) =>
    `CASE WHEN NOT isfinite(${value}) THEN false WHEN ${value}::VARCHAR = ${text} THEN true` +
    ` WHEN TRY_CAST(${text} AS BIGINT)::VARCHAR = ${text} THEN true` +
    ` ELSE regexp_full_match(${text}, ${NUMBER_SQL}) END`,
};
