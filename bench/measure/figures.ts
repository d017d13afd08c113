import type { Figures, TargetResult } from '../report/results.js';
import type { Scenario, Target } from '../scenarios.js';
import type { Measured } from './run-contestant.js';

/** Medians of counted runs. `sizes`: of the warehouse after each load, those of the warm-up included. */
export function figuresOf(runs: readonly Measured[], sizes: readonly number[]): Figures {
  const of = (figure: (run: Measured) => number | undefined) => median(runs.map(figure));
  const delays = runs.map((run) => run.loopDelay).filter((delay) => delay !== undefined);
  return {
    runs: runs.length,
    seconds: of((run) => run.seconds)!,
    cpuSeconds: of((run) => run.cpuSeconds)!,
    peakMiB: of((run) => run.peakMiB)!,
    remainingSeconds: of((run) => run.remainingSeconds),
    ...(delays.length > 0
      ? { loopDelay: { p99: median(delays.map(({ p99 }) => p99))!, max: median(delays.map(({ max }) => max))! } }
      : {}),
    ...(sizes.length > 0 ? { fileBytes: sizes } : {}),
    ...(sizes.length > 3 ? { growth: Math.max(...sizes.slice(3)) / Math.max(...sizes.slice(1, 3)) } : {}),
    wall: runs.map((run) => run.seconds),
  };
}

/** The middle of those that are there; of an even number the mean of the two. */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? undefined : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Which targets were met; only an exact result can meet one. Ratios are judged as they are shown, to two decimals. */
export function judgeTargets(
  { targets }: Pick<Scenario, 'targets'>,
  found: ReadonlyMap<string, { readonly figures?: Figures; readonly isExact: boolean }>,
): TargetResult[] {
  return targets.map((target) => {
    const entrant = found.get(target.entrant);
    const value = entrant?.figures && figureOf(target, entrant.figures, found.get(target.against ?? '')?.figures);
    const met = value !== undefined && entrant!.isExact && Number(value.toFixed(2)) <= target.atMost;
    return {
      text: target.text,
      of: target.of,
      entrant: target.entrant,
      ...(value === undefined ? {} : { found: value }),
      met,
    };
  });
}

function figureOf({ of, against }: Target, figures: Figures, other: Figures | undefined): number | undefined {
  const value = of === 'peakMB' ? (figures.peakMiB * 2 ** 20) / 1e6 : figures[of];
  if (against === undefined || value === undefined) return value;
  return other && value / other.seconds;
}
