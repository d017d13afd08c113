import { JsonNumber } from '../cells.js';
import type { PresentCell } from './rule.js';

/** JSON's own grammar of a number. */
const NUMBER = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** The same for DuckDB's `regexp_full_match`, as a SQL literal. */
export const NUMBER_SQL = "'-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?'";

/** An exact number: `±digits × 10^exponent`; digits without leading zeros, empty for zero. */
export interface ExactNumber {
  readonly negative: boolean;
  readonly digits: string;
  readonly exponent: number;
}

/**
 * The text of a number that a cell holds: a JSON number, or a text that spells one exactly as
 * JSON would (no white space, `+`, leading zeros or underscores). Undefined where it is none.
 */
export function numberText(cell: PresentCell): string | undefined {
  if (cell instanceof JsonNumber) return cell.text;
  return typeof cell === 'string' && NUMBER.test(cell) ? cell : undefined;
}

/** Reads a number's text exactly. The text must be in JSON's grammar. */
export function exactNumber(text: string): ExactNumber {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  return { negative: sign === '-' && digits !== '', digits, exponent: Number(exponent) - fraction.length };
}

/** Digits before the decimal point: 3 for 123.4, 0 for 0.5, -1 for 0.05; of zero none at all. */
export function magnitude(number: ExactNumber): number {
  return number.digits === '' ? Number.NEGATIVE_INFINITY : number.digits.length + number.exponent;
}

/** Excess digits are floating noise where the value lies within 10^-9 of its rounding. */
const NOISE_EXPONENT = -9;

/** |number| × 10^scale as an integer, or undefined where that would lose more than noise. */
export function toScale({ digits, exponent }: ExactNumber, scale: number): bigint | undefined {
  if (digits === '') return 0n;
  const shift = exponent + scale;
  if (shift >= 0) return BigInt(digits + '0'.repeat(shift));
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
