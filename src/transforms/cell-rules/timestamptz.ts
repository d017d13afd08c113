import { isDay } from '../../base/days.js';
import { Misfit } from '../reasons.js';
import { exactNumber, magnitude, numberText, toScale } from './number-text.js';
import type { CellRule } from './rule.js';

const ISO =
  /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?(?:Z|([+-])(0\d|1[0-4])(?::?([0-5]\d))?)$/;
const ISO_SQL =
  "'[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]+)?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])'";

/** The first and the last millisecond of the years 1 to 9999. */
const FIRST_MS = -62_135_596_800_000n;
const LAST_MS = 253_402_300_799_999n;

/**
 * A moment: whole epoch milliseconds, or ISO 8601 with `Z` or an offset (`+05:30`, `+0530`, `+05`).
 * Its value is ISO text in UTC with microseconds; finer digits, which no TIMESTAMPTZ can hold, are cut off.
 */
export const timestamptzRule: CellRule<string> = {
  judge(cell) {
    const number = numberText(cell);
    const micros = number === undefined ? isoMicros(cell) : epochMicros(number);
    if (micros === undefined) return new Misfit(cell, 'is no moment (epoch milliseconds, or ISO 8601 with an offset)');
    if (micros < FIRST_MS * 1000n || micros > LAST_MS * 1000n + 999n) {
      return new Misfit(cell, 'is no moment between the years 1 and 9999');
    }
    return isoText(micros);
  },
  text: (value) => value,
  shape: 'VARCHAR',
  sqlType: 'TIMESTAMPTZ',
  value: (text) =>
    `CASE WHEN TRY_CAST(${text} AS BIGINT) BETWEEN ${FIRST_MS} AND ${LAST_MS}` +
    ` THEN epoch_ms(TRY_CAST(${text} AS BIGINT))::TIMESTAMPTZ ELSE TRY_CAST(${text} AS TIMESTAMPTZ) END`,
  // Only inside the years, so that an offset cannot lead out of them.
  plain: ({ text, value }) =>
    `${value} BETWEEN TIMESTAMPTZ '0001-01-02 00:00:00Z' AND TIMESTAMPTZ '9999-12-30 00:00:00Z'` +
    ` AND CASE WHEN TRY_CAST(${text} AS BIGINT)::VARCHAR = ${text} THEN true` +
    ` ELSE regexp_full_match(${text}, ${ISO_SQL}) END`,
};

/** Whole milliseconds as microseconds; of a number with more digits than any year has, one beyond them all. */
function epochMicros(text: string): bigint | undefined {
  const number = exactNumber(text);
  if (magnitude(number) > 16) return LAST_MS * 1_000_000n;
  const millis = toScale(number, 0);
  return millis === undefined ? undefined : (number.negative ? -millis : millis) * 1000n;
}

function isoMicros(cell: unknown): bigint | undefined {
  const match = typeof cell === 'string' ? ISO.exec(cell) : null;
  if (!match || !isDay(match[1]!)) return undefined;
  const [, day, hour, minute, second = '00', fraction = '', sign, offsetHour, offsetMinute = '00'] = match;
  const millis = BigInt(Date.parse(`${day}T${hour}:${minute}:${second}Z`));
  const micros = millis * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  if (!sign) return micros;
  const offset = BigInt(Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000_000n;
  return sign === '+' ? micros - offset : micros + offset;
}

function isoText(micros: bigint): string {
  const withinMillis = ((micros % 1000n) + 1000n) % 1000n;
  const millis = Number((micros - withinMillis) / 1000n);
  return `${new Date(millis).toISOString().slice(0, -1)}${String(withinMillis).padStart(3, '0')}Z`;
}
