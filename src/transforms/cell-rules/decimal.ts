import { Misfit } from '../reasons.js';
import { type ExactNumber, exactNumber, magnitude, NUMBER_SQL, numberText } from './number-text.js';
import type { CellRule } from './rule.js';

/** Excess digits are floating noise where the value lies within 10^-9 of its rounding. */
const NOISE_EXPONENT = -9;

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

/** |number| × 10^scale as an integer, or undefined where that would lose more than noise. */
function toScale({ digits, exponent }: ExactNumber, scale: number): bigint | undefined {
  if (digits === '') return 0n;
  const shift = exponent + scale;
  if (shift >= 0) return BigInt(digits) * 10n ** BigInt(shift);
  // So far below the last place that nothing but zero is near.
  if (-shift > digits.length + 20) return 0n;
  const unit = 10n ** BigInt(-shift);
  const all = BigInt(digits);
  const rest = all % unit;
  const up = rest * 2n >= unit;
  const distance = up ? unit - rest : rest;
  const allowed = NOISE_EXPONENT - exponent;
  const isNoise = allowed >= 0 ? distance <= 10n ** BigInt(allowed) : distance * 10n ** BigInt(-allowed) <= 1n;
  if (distance !== 0n && !isNoise) return undefined;
  return all / unit + (up ? 1n : 0n);
}

function decimalText(scaled: bigint, negative: boolean, scale: number): string {
  const sign = negative && scaled !== 0n ? '-' : '';
  if (scale === 0) return `${sign}${scaled}`;
  const digits = String(scaled).padStart(scale + 1, '0');
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
