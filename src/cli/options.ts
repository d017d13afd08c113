import { type Command, InvalidArgumentError } from 'commander';
import { isDay } from '../base/days.js';
import { parseDuration } from '../base/units.js';
import type { Filters } from '../pipelines/index.js';

/** What {@link addFilters} makes of the command line. */
export interface FilterOptions {
  readonly dataset: readonly string[];
  readonly scope: readonly string[];
  readonly slice: readonly string[];
  readonly from?: string;
  readonly to?: string;
}

/** The filters that narrow a plan; they repeat and take globs. */
export function addFilters(command: Command): Command {
  return command
    .option('-d, --dataset <glob>', 'only these datasets (repeats)', collect, [])
    .option('-s, --scope <glob>', 'only these profiles or catalogs (repeats)', collect, [])
    .option('--slice <key>', 'only these slices, DATASET:SCOPE:SLICE (repeats)', collect, [])
    .option('--from <day>', 'no day before this one', day)
    .option('--to <day>', 'no day after this one', day);
}

/** Options as `pipelines` takes them. */
export function filtersOf(pipelines: readonly string[], options: FilterOptions): Filters {
  return {
    pipelines,
    datasets: options.dataset,
    scopes: options.scope,
    slices: options.slice,
    from: options.from,
    to: options.to,
  };
}

/** Gathers an option that repeats. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** `60s` in milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('Write a duration such as 5s, 2m or 6h.');
  return ms;
}

/** A whole number from 0. */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

/** Seconds, fractions allowed. */
export function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError('Write a number of seconds.');
  return Number(text);
}

/** A day such as `2026-10-01`. */
export function day(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('Write a day such as 2026-10-01.');
  return text;
}
