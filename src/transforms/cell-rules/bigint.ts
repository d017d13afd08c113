import { Misfit } from '../reasons.js';
import { exactNumber, magnitude, numberText } from './number-text.js';
import type { CellRule } from './rule.js';

const LEAST = -(2n ** 63n);
const GREATEST = 2n ** 63n - 1n;

/**
 * A whole number in 64 bits, as JSON number or as text. `12.0` and `1e3` are whole, `12.7` is
 * not; a boolean is no number, and neither are ` 12`, `007`, `+5`, `1_000`, `0x10` or an empty text.
 */
export const bigintRule: CellRule<bigint> = {
  judge(cell) {
    const text = numberText(cell);
    if (text === undefined) return new Misfit(cell, 'is no whole number');
    const number = exactNumber(text);
    if (magnitude(number) > 19) return new Misfit(cell, 'does not fit 64 bits');
    const dropped = number.exponent < 0 ? number.digits.slice(number.exponent) : '';
    if (magnitude(number) < 0 || /[1-9]/.test(dropped)) {
      return number.digits === '' ? 0n : new Misfit(cell, 'is no whole number');
    }
    const kept = number.digits.slice(0, number.digits.length - dropped.length);
    const absolute = BigInt(kept || '0') * 10n ** BigInt(Math.max(0, number.exponent));
    const value = number.negative ? -absolute : absolute;
    return value < LEAST || value > GREATEST ? new Misfit(cell, 'does not fit 64 bits') : value;
  },
  text: String,
  shape: 'VARCHAR',
  sqlType: 'BIGINT',
  value: (text) => `TRY_CAST(${text} AS BIGINT)`,
  // A round trip, for the cast alone also takes '1_000', '0x10', ' 12' and rounds 12.7. A `.0` has
  // passed through a double, which is exact in 15 digits.
  plain: ({ text, value }) =>
    `CASE WHEN ${value}::VARCHAR = ${text} THEN true ELSE strlen(${text}) < 16 AND ${value}::VARCHAR || '.0' = ${text} END`,
};
