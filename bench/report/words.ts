import type { EntrantResult, ScenarioResult, TargetResult } from './results.js';

/** The entrant that ratios are taken against. */
export function limitOf({ entrants }: ScenarioResult): EntrantResult | undefined {
  return entrants.find(({ name }) => name === 'limit');
}

/** What is compared: the whole time, or of a slow source what remains after its last byte. */
export function secondsOf({ figures }: EntrantResult): number | undefined {
  return figures && (figures.remainingSeconds ?? figures.seconds);
}

/** An entrant's time over the limit's. */
export function ratioOf(scenario: ScenarioResult, entrant: EntrantResult): number | undefined {
  const [ours, theirs] = [secondsOf(entrant), limitOf(scenario)?.figures?.seconds];
  return ours !== undefined && theirs !== undefined ? ours / theirs : undefined;
}

/** An entrant's CPU seconds over the limit's. */
export function cpuRatioOf(scenario: ScenarioResult, entrant: EntrantResult): number | undefined {
  const [ours, theirs] = [entrant.figures?.cpuSeconds, limitOf(scenario)?.figures?.cpuSeconds];
  return ours !== undefined && theirs !== undefined ? ours / theirs : undefined;
}

/** Quicker than the limit only because more cores worked: more CPU seconds in less time. */
export function winsByCores(scenario: ScenarioResult, entrant: EntrantResult): boolean {
  const [wall, cpu] = [ratioOf(scenario, entrant), cpuRatioOf(scenario, entrant)];
  return wall !== undefined && cpu !== undefined && wall < 0.995 && cpu > 1.05;
}

/** What came of it, in one cell. */
export function outcomeOf({ verdict, failure }: EntrantResult): string {
  if (failure) return `**failed**: ${failure}`;
  if (!verdict) return 'not run';
  const remarks = verdict.remarks.length > 0 ? `; ${verdict.remarks.join(', ')}` : '';
  return verdict.exact ? `exact${remarks}` : `**wrong**: ${firstOf(verdict.differences)}${remarks}`;
}

/** Two say enough. */
function firstOf(differences: readonly string[]): string {
  const more = differences.length > 2 ? `; and ${differences.length - 2} more` : '';
  return `${differences.slice(0, 2).join('; ')}${more}`;
}

/** A target and whether it was met, in one line. */
export function targetLine(scenario: ScenarioResult, { text, of, entrant, found, met }: TargetResult): string {
  if (found === undefined) return `${text}: no figure, **not met**`;
  const value = of === 'peakMB' ? `${found.toFixed(0)} MB` : found.toFixed(2);
  const winner = scenario.entrants.find(({ name }) => name === entrant);
  const cores = of === 'seconds' && winner && winsByCores(scenario, winner) ? ', by cores' : '';
  return `${text}: ${value}${cores}, ${met ? 'met' : '**not met**'}`;
}

export function fixed(value: number | undefined, digits = 2): string {
  return value === undefined ? '–' : value.toFixed(digits);
}
