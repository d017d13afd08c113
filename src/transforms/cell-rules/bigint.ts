import { Misfit } from '../reasons.js';
import { exactNumber, magnitude, numberText, toScale } from './number-text.js';
import type { CellRule } from './rule.js';

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

/**
 * A whole number in 64 bits, as JSON number or as text. `12.0` and `1e3` are whole (floating
 * noise as in decimals aside), `12.7` is not; a boolean is no number, and neither are ` 12`,
 * `007`, `+5`, `1_000`, `0x10` or an empty text.
 */
export const bigintRule: CellRule<bigint> = {
  judge(cell) {
    const text = numberText(cell);
    if (text === undefined) return new Misfit(cell, 'is no whole number');
    const number = exactNumber(text);
    if (magnitude(number) > 19) return new Misfit(cell, 'does not fit 64 bits');
    const absolute = toScale(number, 0);
    if (absolute === undefined) return new Misfit(cell, 'is no whole number');
    const value = number.negative ? -absolute : absolute;
    return value < LEAST || value > GREATEST ? new Misfit(cell, 'does not fit 64 bits') : value;
  },
  text: String,
  shape: 'VARCHAR',
  sqlType: 'BIGINT',
  value: (text) => `TRY_CAST(${text} AS BIGINT)`,
  // A round trip, for the cast alone also takes '1_000', '0x10', ' 12' and rounds 12.7. A `.0` has
  // passed through a double: up to 10^7 that hides no more than the noise allowed.
  plain: ({ text, value }) =>
    `CASE WHEN ${value}::VARCHAR = ${text} THEN true ELSE strlen(${text}) < 10 AND ${value}::VARCHAR || '.0' = ${text} END`,
};
