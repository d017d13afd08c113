import { byteAt, DOT, isDigit, isExponent, MINUS, numberEnd, QUOTE, ZERO } from './bytes';
import { Column } from './column';
import { doubleOf } from './host';

/** Of whole numbers up to ten to the eighteenth. */
const POWERS = memory.data<i64>([
  1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000,
  100_000_000_000, 1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
  10_000_000_000_000_000, 100_000_000_000_000_000, 1_000_000_000_000_000_000,
]);

function power(exponent: i32): i64 {
  return load<i64>(POWERS + (exponent << 3));
}

/** Numbers of up to 18 digits without exponent, also in quotes: whole ones, or with so many decimals. */
@final
export class DecimalColumn extends Column {
  /** @param whole digits before the point; with the decimals no more than 18. */
  constructor(
    readonly whole: i32,
    readonly scale: i32,
  ) {
    super();
  }

  read(start: i32): i32 {
    const isQuoted = byteAt(start) === QUOTE;
    let at = isQuoted ? start + 1 : start;
    const isNegative = byteAt(at) === MINUS;
    if (isNegative) at += 1;
    const first = at;
    let value: i64 = 0;
    for (let byte = byteAt(at); isDigit(byte); byte = byteAt(at)) {
      value = value * 10 + (byte - ZERO);
      at += 1;
    }
    const whole = at - first;
    if (whole === 0 || whole > this.whole || (whole > 1 && byteAt(first) === ZERO)) return -at;
    let missing = this.scale;
    if (byteAt(at) === DOT) {
      const decimals = at + 1;
      at = decimals;
      for (let byte = byteAt(at); isDigit(byte); byte = byteAt(at)) {
        value = value * 10 + (byte - ZERO);
        at += 1;
      }
      missing -= at - decimals;
      if (at === decimals || missing < 0) return -at;
    }
    if (isQuoted) {
      if (byteAt(at) !== QUOTE) return -at;
      at += 1;
    } else if (isExponent(byteAt(at))) return -at;
    value *= power(missing);
    this.keep<i64>(isNegative ? -value : value);
    return at;
  }
}

/** A whole number of so many digits is exact as a double, and so is its quotient by 10^15, but for one rounding. */
const DIGITS_EXACT: i32 = 15;

/** Numbers, also in quotes, each as the double nearest to it. */
@final
export class DoubleColumn extends Column {
  read(start: i32): i32 {
    const isQuoted = byteAt(start) === QUOTE;
    const first = isQuoted ? start + 1 : start;
    const end = numberEnd(first);
    if (end < 0 || (isQuoted && byteAt(end) !== QUOTE)) return end < 0 ? end : -end;
    const value = doubleAt(first, end);
    if (!isFinite(value)) return -end;
    // Minus zero is zero.
    this.keep<f64>(value + 0);
    return isQuoted ? end + 1 : end;
  }
}

function doubleAt(start: i32, end: i32): f64 {
  const isNegative = byteAt(start) === MINUS;
  let digits: i64 = 0;
  let count = 0;
  let decimals = 0;
  let hasPoint = false;
  for (let at = isNegative ? start + 1 : start; at < end; at += 1) {
    const byte = byteAt(at);
    if (byte === DOT) {
      hasPoint = true;
      continue;
    }
    if (!isDigit(byte) || count === DIGITS_EXACT) return doubleOf(start, end - start);
    digits = digits * 10 + (byte - ZERO);
    count += 1;
    if (hasPoint) decimals += 1;
  }
  const value = <f64>digits / <f64>power(decimals);
  return isNegative ? -value : value;
}
