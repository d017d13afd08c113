import { addDays, dayIn, daysBetween } from '../base/days.js';
import type { PipelineConfig } from '../config/types.js';
import type { Slicing } from '../contracts/index.js';

type DaySlicing = Extract<Slicing, { kind: 'day' }>;

/** The days a pipeline wants, newest first: from `since` to `until`, at most yesterday in the scope's zone. */
export function wantedDays(
  pipeline: Pick<PipelineConfig, 'since' | 'until'>,
  narrowed: { readonly from?: string; readonly to?: string },
  today: string,
): string[] {
  const yesterday = addDays(today, -1);
  const latest = [pipeline.until, narrowed.to, yesterday].filter((day) => day !== undefined).sort()[0]!;
  const since = pipeline.since.kind === 'day' ? pipeline.since.day : addDays(today, -pipeline.since.days);
  const earliest = narrowed.from !== undefined && narrowed.from > since ? narrowed.from : since;
  const days: string[] = [];
  for (let day = latest; day >= earliest; day = addDays(day, -1)) days.push(day);
  return days;
}

/** Whether a day lies in a pipeline's range. */
export function isWantedDay(pipeline: Pick<PipelineConfig, 'since' | 'until'>, day: string, today: string): boolean {
  const since = pipeline.since.kind === 'day' ? pipeline.since.day : addDays(today, -pipeline.since.days);
  return day >= since && day <= (pipeline.until ?? day);
}

/** Whether the source no longer serves a day: the age of yesterday is 1. */
export function isPastRetention(slicing: DaySlicing, day: string, today: string): boolean {
  return daysBetween(day, today) > slicing.retentionDays;
}

/** Whether a day that is held has been restated since, by the pipeline's `lookback`. */
export function isDayDue(
  lookback: PipelineConfig['lookback'],
  slicing: DaySlicing,
  held: { readonly day: string; readonly asOf: string },
  today: string,
  timezone: string,
): boolean {
  const askedOn = dayIn(timezone, new Date(held.asOf));
  const age = daysBetween(held.day, today);
  switch (lookback.kind) {
    case 'none':
      return false;
    case 'days':
      return age <= lookback.days && askedOn < today;
    case 'auto': {
      const ageThen = daysBetween(held.day, askedOn);
      return slicing.ages.some((restated) => restated > ageThen && restated <= age);
    }
  }
}

/** Where days begin last: no age of a day is overstated in it, where the zone of its scope is not known. */
export const LATEST_ZONE = 'Etc/GMT+12';

/** Whether the source will not restate a day any more that was asked for at `asOf`. */
export function isFinal(slicing: Slicing, day: string | undefined, asOf: string, timezone: string): boolean {
  if (slicing.kind !== 'day' || day === undefined) return false;
  return daysBetween(day, dayIn(timezone, new Date(asOf))) >= Math.max(0, ...slicing.ages);
}

/** Current state is due once a day, of the scope's zone. */
export function isStateDue(asOf: string, today: string, timezone: string): boolean {
  return dayIn(timezone, new Date(asOf)) < today;
}
