/**
 * `npm run bench [-- --quick] [--peers] [--scenario NAME …] [--runs N] [--json FILE] [--write]`
 *
 * Loads the same generated files with Millpond, with plain DuckDB (the limit), and with `--peers`
 * with the programs that people use for the same work, in turn; recounts every result; shows
 * medians as ratios of one run. With `--write` each scenario goes into `bench/results/` as soon as
 * it is done, and `docs/performance.md` is printed anew: a run that was cut short goes on with
 * `--scenario`.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildContestants } from './build.js';
import { play } from './measure/play.js';
import { thisMachine } from './report/machine.js';
import { printed, writePage } from './report/page.js';
import { keepResult, newestResults, type ScenarioResult } from './report/results.js';
import { FULL, QUICK, SCENARIOS, type Scenario } from './scenarios.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    scenario: { type: 'string', multiple: true, default: [] },
    runs: { type: 'string' },
    json: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
if (values.quick && values.write) throw new Error('--write keeps full-size results: leave --quick out');
const runs = Number(values.runs ?? (values.quick ? 2 : 5));
if (!Number.isInteger(runs) || runs < 1) throw new Error('--runs takes a whole number from 1');

const machine = thisMachine();
console.log(
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB; Node ${machine.node}, DuckDB ${machine.duckdb}; ` +
    `medians of ${runs} after a warm-up${values.quick ? '; small inputs: fixed costs weigh more than at full size' : ''}\n`,
);
buildContestants();
const workFolder = fs.mkdtempSync(path.join(os.tmpdir(), 'millpond-bench-'));
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => fs.rmSync(workFolder, { recursive: true, force: true }));

const results: ScenarioResult[] = [];
for (const scenario of chosen([...values.scenario, ...positionals])) {
  const result = await play(scenario, {
    sizes: values.quick ? QUICK : FULL,
    runs,
    warmUps: 1,
    peers: values.peers,
    workFolder,
    tell: (line) => console.error(line),
  });
  results.push(result);
  console.log(`${printed(result)}\n`);
  if (values.json) fs.writeFileSync(values.json, `${JSON.stringify({ machine, scenarios: results }, null, 2)}\n`);
  if (values.write) {
    keepResult(result, machine);
    writePage(newestResults()!);
  }
}

/** Those named, or all. @throws Error naming what there is. */
function chosen(names: readonly string[]): Scenario[] {
  for (const name of names) {
    if (SCENARIOS.some((scenario) => scenario.name === name)) continue;
    throw new Error(`There is no scenario ${name}; there are ${SCENARIOS.map((one) => one.name).join(', ')}`);
  }
  if (names.length > 0) return SCENARIOS.filter(({ name }) => names.includes(name));
  return SCENARIOS.filter(({ long }) => !(long && values.quick));
}
