import { Misfit } from '../reasons.js';
import { exactNumber, magnitude, NUMBER_SQL, numberText, toScale } from './number-text.js';
import type { CellRule } from './rule.js';

/**
 * An exact decimal, as JSON number or as text, its value a text with all of the type's decimals.
 * Excess digits are accepted where they are zeros or floating noise (0.30000000000000004);
 * anything more is a reject, never a rounding. Exponents are exact.
 */
export function decimalRule(precision: number, scale: number): CellRule<string> {
  const sqlType = `DECIMAL(${precision},${scale})`;
  return {
    judge(cell) {
      const text = numberText(cell);
      if (text === undefined) return new Misfit(cell, 'is no number');
      const number = exactNumber(text);
      const tooLarge = `has more than ${precision - scale} digits before the decimal point`;
      if (magnitude(number) > precision - scale) return new Misfit(cell, tooLarge);
      const scaled = toScale(number, scale);
      if (scaled === undefined) return new Misfit(cell, `has more than ${scale} decimal places`);
      if (scaled >= 10n ** BigInt(precision)) return new Misfit(cell, tooLarge);
      return decimalText(scaled, number.negative, scale);
    },
    text: String,
    shape: 'VARCHAR',
    sqlType,
    value: (text) => `TRY_CAST(${text} AS ${sqlType})`,
    // `starts_with`: 12.340000 begins with 12.34 and with 12, but with no rounded, spaced or
    // underscored spelling. A number that is no integer has passed through a double: up to 10^7
    // that moves it by less than the noise allowed, beyond it is judged from the record's text.
    // Second: floating noise, far enough inside the limit that the double cannot matter.
    plain: ({ text, value }) =>
      `CASE WHEN starts_with(${value}::VARCHAR, ${text}) AND NOT ends_with(${text}, '.')` +
      ` THEN abs(${value}) < 10000000 OR NOT contains(${text}, '.')` +
      ` WHEN abs(${value}) < 1000000 AND abs(TRY_CAST(${text} AS DOUBLE) - ${value}::DOUBLE) < 8e-10` +
      ` THEN regexp_full_match(${text}, ${NUMBER_SQL}) ELSE false END`,
  };
}

function decimalText(scaled: bigint, negative: boolean, scale: number): string {
  const sign = negative && scaled !== 0n ? '-' : '';
  if (scale === 0) return `${sign}${scaled}`;
  const digits = String(scaled).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
