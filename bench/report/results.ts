import fs from 'node:fs';
import path from 'node:path';
import type { Verdict } from '../measure/validate.js';
import type { Figure } from '../scenarios.js';
import type { Machine } from './machine.js';

/** Medians of one entrant's counted runs. */
export interface Figures {
  readonly runs: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly remainingSeconds?: number;
  readonly loopDelay?: { readonly p99: number; readonly max: number };
  /** Size of the warehouse after each load, the warm-up first. */
  readonly fileBytes?: readonly number[];
  /** The largest size after the third reload, over the larger of the second and third: two versions take turns. */
  readonly growth?: number;
  /** All wall times, in the order taken. */
  readonly wall: readonly number[];
}

/** What became of one entrant. */
export interface EntrantResult {
  readonly name: string;
  readonly who: string;
  /** Its configuration, for people. */
  readonly how: string;
  readonly versions: Readonly<Record<string, string>>;
  /** Absent where it never got to its end. */
  readonly figures?: Figures;
  /** Of the worst run. */
  readonly verdict?: Verdict;
  /** Why there are no figures. */
  readonly failure?: string;
}

/** A target, and what was found. */
export interface TargetResult {
  readonly text: string;
  readonly of: Figure;
  readonly entrant: string;
  /** Absent where there was nothing to look at. */
  readonly found?: number;
  readonly met: boolean;
}

/** One scenario, taken in one go: entrants in turn, so that its ratios hold. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  /** Day on which it was taken. */
  readonly date: string;
  /** Version and commit of Millpond. */
  readonly version: string;
  /** The machine's load of the minute before: what else it had to do. */
  readonly loadBefore: number;
  readonly inputBytes: number;
  readonly entrants: readonly EntrantResult[];
  readonly targets: readonly TargetResult[];
}

/** A day's results on one machine. */
export interface Results {
  readonly machine: Machine;
  readonly scenarios: readonly ScenarioResult[];
}

export const RESULTS_FOLDER = path.join(import.meta.dirname, '..', 'results');

/** Puts a scenario into the file of its day; what the day already has of others stays. */
export function keepResult(result: ScenarioResult, machine: Machine, folder = RESULTS_FOLDER): void {
  fs.mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${result.date}.json`);
  const before = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Results) : undefined;
  const others = before && isSame(before.machine, machine) ? before.scenarios : [];
  const scenarios = [...others.filter(({ name }) => name !== result.name), result];
  fs.writeFileSync(file, `${JSON.stringify({ machine, scenarios } satisfies Results, null, 2)}\n`);
}

/** The newest result of each scenario on the machine of the newest file. */
export function newestResults(folder = RESULTS_FOLDER): Results | undefined {
  const files = fs.existsSync(folder) ? fs.readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  const all = files.sort().map((name) => JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')) as Results);
  const machine = all.at(-1)?.machine;
  if (!machine) return undefined;
  const newest = new Map<string, ScenarioResult>();
  for (const results of all) {
    if (!isSame(results.machine, machine)) continue;
    for (const scenario of results.scenarios) newest.set(scenario.name, scenario);
  }
  return { machine, scenarios: [...newest.values()] };
}

function isSame(a: Machine, b: Machine): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
