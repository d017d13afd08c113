import { daysBetween } from '../../base/days.js';

/** Ages in days at which a day's figures change. Source: Amazon's guide (conversions move for 28 days after the event). */
const POINTS = [1, 2, 3, 7, 14, 28, 42, 58] as const;

/** How many of the points an age has passed: 0 for today, 8 from day 58 on. */
export function levelAt(day: string, today: string): number {
  const age = daysBetween(day, today);
  return POINTS.filter((point) => age >= point).length;
}

/** The level from which on figures of a kind stand still: traffic after 3 days, a window w of conversions w + 28 days after. */
const FINAL = { traffic: 3, '1d': 6, '7d': 6, '14d': 7, '30d': 8 } as const;

/** What a figure has come to at a level, of what it will be in the end. Whole numbers only. */
export function grown(final: number, what: keyof typeof FINAL, level: number): number {
  const last = FINAL[what];
  return level >= last ? final : Math.floor((final * (3 + level)) / (3 + last));
}
