import { Block } from './block';
import { byteAt, isDigit, isSame, MINUS, QUOTE, ZERO } from './bytes';
import { Column } from './column';

/** Of `"2026-10-31"`, quotes included. */
const LENGTH: i32 = 12;

/** Days like `"2026-10-31"`, as their number from 1970-01-01. */
@final
export class DayColumn extends Column {
  /** The day read last, as it was spelled: of one report's rows most have the same. */
  private readonly last: Block = new Block();
  private lastDay: i32 = 0;

  constructor() {
    super();
    this.last.reserve(LENGTH + 8);
    memory.fill(this.last.start, 0, LENGTH + 8);
  }

  read(start: i32): i32 {
    if (!isSame(start, this.last.start, LENGTH)) {
      if (!isDay(start)) return -start - 1;
      memory.copy(this.last.start, start, LENGTH);
      this.lastDay = dayNumber(number(start + 1, 4), number(start + 6, 2), number(start + 9, 2));
    }
    this.keep<i32>(this.lastDay);
    return start + LENGTH;
  }

  free(): void {
    super.free();
    this.last.free();
  }
}

function isDay(start: i32): bool {
  if (byteAt(start) !== QUOTE || byteAt(start + 5) !== MINUS || byteAt(start + 8) !== MINUS) return false;
  for (let i = 1; i < LENGTH - 1; i += 1) if (i !== 5 && i !== 8 && !isDigit(byteAt(start + i))) return false;
  if (byteAt(start + LENGTH - 1) !== QUOTE) return false;
  const year = number(start + 1, 4);
  const month = number(start + 6, 2);
  const day = number(start + 9, 2);
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month);
}

function number(start: i32, digits: i32): i32 {
  let value = 0;
  for (let i = 0; i < digits; i += 1) value = value * 10 + <i32>(byteAt(start + i) - ZERO);
  return value;
}

function daysOf(year: i32, month: i32): i32 {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01. Years are taken to begin in March, so that the leap day is their last. */
function dayNumber(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return 365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - DAYS_TO_1970;
}

/** From 1 March of the year 0. */
const DAYS_TO_1970: i32 = 719_468;
