import fs from 'node:fs';
import path from 'node:path';
import { ABSENT } from '../peers/peers.js';
import { SCENARIOS } from '../scenarios.js';
import { plot } from './plot.js';
import type { EntrantResult, Results, ScenarioResult } from './results.js';
import { cpuRatioOf, fixed, limitOf, outcomeOf, ratioOf, targetLine, winsByCores } from './words.js';

const DOCS = path.join(import.meta.dirname, '..', '..', 'docs');
const BEGIN = '<!-- bench: from here printed by `npm run bench -- --write` -->';
const END = '<!-- bench: to here -->';

/** Prints results into `docs/performance.md`, between its marks, and the plot beside it. */
export function writePage(results: Results): void {
  const page = path.join(DOCS, 'performance.md');
  const inOrder = { ...results, scenarios: sorted(results.scenarios) };
  fs.writeFileSync(page, withResults(fs.readFileSync(page, 'utf8'), inOrder));
  fs.writeFileSync(path.join(DOCS, 'performance.svg'), plot(inOrder.scenarios));
}

/** The page's text with new results between its marks. @throws Error where a mark is missing. */
export function withResults(text: string, results: Results): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs/performance.md has no lines "${BEGIN}" and "${END}"`);
  return `${text.slice(0, begin)}${BEGIN}\n\n${resultsText(results)}\n${text.slice(end)}`;
}

/** In the order of `scenarios.ts`. */
function sorted(scenarios: readonly ScenarioResult[]): ScenarioResult[] {
  const place = ({ name }: ScenarioResult) => SCENARIOS.findIndex((one) => one.name === name);
  return scenarios.filter((one) => place(one) >= 0).sort((a, b) => place(a) - place(b));
}

function resultsText({ machine, scenarios }: Results): string {
  const { cpu, cores, memoryGiB, system, node, duckdb } = machine;
  return [
    `Machine: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}; Node ${node}, DuckDB ${duckdb}.`,
    '![Wall time of each contestant over that of plain DuckDB, scenario by scenario](performance.svg)',
    '### Targets',
    table(
      ['scenario', 'target and what was found'],
      scenarios.flatMap((one) => one.targets.map((target) => [one.title, targetLine(one, target)])),
    ),
    ...scenarios.flatMap(scenarioText),
    '### Versions of the others',
    versionsText(scenarios),
    '### Not here',
    ABSENT.map(({ name, why }) => `- ${name}: ${why}.`).join('\n'),
    '',
  ].join('\n\n');
}

function scenarioText(scenario: ScenarioResult): string[] {
  const { title, entrants, inputBytes, loadBefore, date, version } = scenario;
  const isSlow = entrants.some(({ figures }) => figures?.remainingSeconds !== undefined);
  const head = ['', 'wall s', ...(isSlow ? ['after the last byte s'] : []), '× limit', 'CPU s', 'CPU × limit'];
  return [
    `### ${title}`,
    `${(inputBytes / 1e6).toFixed(0)} MB of gzip'd JSON. Taken on ${date} with ${version}; load before ${fixed(loadBefore, 1)}.`,
    table(
      [...head, 'peak MiB', 'runs', 'result', 'configuration'],
      entrants.map((entrant) => rowOf(scenario, entrant, isSlow)),
    ),
    ...loopText(scenario),
    ...growthText(scenario),
  ];
}

function rowOf(scenario: ScenarioResult, entrant: EntrantResult, isSlow: boolean): string[] {
  const { name, figures, how } = entrant;
  const ratio = fixed(ratioOf(scenario, entrant));
  return [
    name,
    fixed(figures?.seconds),
    ...(isSlow ? [fixed(figures?.remainingSeconds)] : []),
    winsByCores(scenario, entrant) ? `${ratio}, by cores` : ratio,
    fixed(figures?.cpuSeconds),
    fixed(cpuRatioOf(scenario, entrant)),
    fixed(figures?.peakMiB, 0),
    String(figures?.runs ?? '–'),
    outcomeOf(entrant),
    how,
  ];
}

function loopText({ entrants }: ScenarioResult): string[] {
  const delays = entrants.flatMap(({ name, figures }) =>
    figures?.loopDelay
      ? [`${name}: 99 % within ${fixed(figures.loopDelay.p99, 0)} ms, longest ${fixed(figures.loopDelay.max, 0)} ms`]
      : [],
  );
  return delays.length > 0 ? [`Delay of the event loop. ${delays.join('; ')}.`] : [];
}

function growthText({ entrants }: ScenarioResult): string[] {
  const sizes = entrants.flatMap(({ name, figures }) =>
    figures?.fileBytes ? [`${name}: ${figures.fileBytes.map((bytes) => (bytes / 1e6).toFixed(0)).join(', ')}`] : [],
  );
  return sizes.length > 0 ? [`Size of the warehouse after each reload, MB. ${sizes.join('; ')}.`] : [];
}

function versionsText(scenarios: readonly ScenarioResult[]): string {
  const others = scenarios.flatMap(({ entrants }) =>
    entrants.filter(({ who }) => who !== 'millpond' && who !== 'limit'),
  );
  const lines = new Map<string, string>();
  for (const { who, versions } of others) {
    const told = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    if (told.length > 0) lines.set(who, `- ${told.join(', ')}`);
  }
  return lines.size > 0 ? [...new Set(lines.values())].join('\n') : 'None took part.';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The same for a terminal: a line an entrant, a line a target. */
export function printed(scenario: ScenarioResult): string {
  const name = (entrant: EntrantResult) => entrant.name.padEnd(28);
  const lines = scenario.entrants.map((entrant) => {
    const { figures } = entrant;
    if (!figures) return `  ${name(entrant)} ${outcomeOf(entrant)}`;
    const remaining =
      figures.remainingSeconds === undefined ? '' : `  ${fixed(figures.remainingSeconds)} s after the last byte`;
    const cores = winsByCores(scenario, entrant) ? ' (by cores)' : '';
    return (
      `  ${name(entrant)} ${fixed(figures.seconds).padStart(7)} s  × ${fixed(ratioOf(scenario, entrant))}${cores}  ` +
      `CPU ${fixed(figures.cpuSeconds)} s × ${fixed(cpuRatioOf(scenario, entrant))}  ${fixed(figures.peakMiB, 0)} MiB${remaining}  ${outcomeOf(entrant)}`
    );
  });
  const targets = scenario.targets.map((target) => `  target: ${targetLine(scenario, target)}`);
  const missing = limitOf(scenario)?.figures ? [] : ['  the limit has no figures: no ratios'];
  return [scenario.title, ...lines, ...missing, ...targets, ...loopText(scenario).map((line) => `  ${line}`)]
    .join('\n')
    .replaceAll('**', '');
}
