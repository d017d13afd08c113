/** Exact decimals: whole numbers of small units, printed as Amazon prints them. */

/** `1234` with 2 digits → `12.34`, `1200` → `12`: a report's money may be a bare integer. */
export function decimalText(units: number, digits: number): string {
  if (digits === 0) return String(units);
  const scale = 10 ** digits;
  const whole = Math.floor(units / scale);
  const rest = units - whole * scale;
  if (rest === 0) return String(whole);
  let fraction = String(rest).padStart(digits, '0');
  while (fraction.endsWith('0')) fraction = fraction.slice(0, -1);
  return `${whole}.${fraction}`;
}

/** The same, but a whole number keeps its `.0`: a snapshot's bid may be `1.0`. */
export function doubleText(units: number, digits: number): string {
  const text = decimalText(units, digits);
  return text.includes('.') ? text : `${text}.0`;
}

/** A sum of decimals, however many and however large. */
export class ExactSum {
  readonly #digits: number;
  #large = 0n;
  #small = 0;

  constructor(digits: number) {
    this.#digits = digits;
  }

  /** Adds a whole number of units below 2^52. */
  add(units: number): void {
    this.#small += units;
    if (this.#small > 2 ** 52) {
      this.#large += BigInt(this.#small);
      this.#small = 0;
    }
  }

  /** Without needless zeros: `780`, `12.5`. */
  toString(): string {
    const total = (this.#large + BigInt(this.#small)).toString().padStart(this.#digits + 1, '0');
    if (this.#digits === 0) return total;
    const whole = total.slice(0, -this.#digits);
    const fraction = total.slice(-this.#digits).replace(/0+$/, '');
    return fraction === '' ? whole : `${whole}.${fraction}`;
  }
}
