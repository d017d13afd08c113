/**
 * The main job against the limit: `npm run bench [-- --quick]`. Each scenario loads the same
 * generated files with Millpond (from loopback HTTP to a committed, checked table) and with plain
 * DuckDB (local files, no checks, no ledger) in turn; medians, as ratios of one run.
 */
import { spawn, spawnSync } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { type Expected, reportFile } from './generate.js';
import type { Measured, RunJob } from './one-run.js';

const quick = process.argv.includes('--quick');
const RUNS = quick ? 2 : 5;

const SCENARIOS = [
  { name: 'one report of 1M rows', files: 1, rows: 1_000_000, target: 'wall ≤ 2.0' },
  { name: '300 reports of 3,000 rows', files: 300, rows: 3_000, target: 'wall ≤ 4' },
  ...(quick ? [] : [{ name: 'one report of 5M rows', files: 1, rows: 5_000_000, target: 'memory ≤ 1.3 × that of 1M' }]),
];

console.log(
  `${os.cpus()[0]?.model ?? 'unknown CPU'}, ${os.cpus().length} cores, Node ${process.versions.node}; medians of ${RUNS}\n`,
);
let memoryOfMillion: number | undefined;
for (const scenario of SCENARIOS) {
  const made = [];
  for (let seed = 1; seed <= scenario.files; seed++) made.push(await reportFile(scenario.rows, seed));
  const runs = scenario.rows > 1_000_000 ? 1 : RUNS;
  const { ours, limit } = await pairs(
    made.map(({ file }) => file),
    add(made.map(({ expected }) => expected)),
    runs,
  );
  console.log(`${scenario.name} (${scenario.target})`);
  for (const [what, of] of [
    ['wall s', 'seconds'],
    ['CPU s', 'cpuSeconds'],
    ['peak MiB', 'peakMiB'],
  ] as const) {
    const [a, b] = [median(ours, of), median(limit, of)];
    console.log(
      `  ${what.padEnd(9)} millpond ${a.toFixed(2).padStart(8)}   limit ${b.toFixed(2).padStart(8)}   ratio ${(a / b).toFixed(2)}`,
    );
  }
  const peak = median(ours, 'peakMiB');
  if (scenario.rows === 1_000_000) memoryOfMillion = peak;
  else if (scenario.rows > 1_000_000 && memoryOfMillion) {
    console.log(`  peak memory against 1M rows: ratio ${(peak / memoryOfMillion).toFixed(2)}`);
  }
  console.log();
}
const starts = startTimes();
console.log(
  `millpond --help ${starts.help.toFixed(0)} ms, node -e 0 ${starts.node.toFixed(0)} ms: ratio ${(starts.help / starts.node).toFixed(2)} (≤ 3)`,
);

/** Runs both in turn, the first pair to warm up. @throws Error where a table is not what the files say. */
async function pairs(files: string[], expected: Expected, runs: number) {
  const server = spawn(process.execPath, ['--import', 'tsx', path.join(import.meta.dirname, 'serve.ts'), ...files]);
  const port = await new Promise<string>((resolve) =>
    server.stdout.once('data', (data) => resolve(String(data).trim())),
  );
  const job: RunJob = { files, url: `http://127.0.0.1:${port}`, memory: '1GB' };
  const ours: Measured[] = [];
  const limit: Measured[] = [];
  try {
    for (let run = runs > 1 ? 0 : 1; run <= runs; run++) {
      const [a, b] = [measure('millpond', job, expected), measure('limit', job, expected)];
      if (run > 0) {
        ours.push(a);
        limit.push(b);
      }
    }
  } finally {
    server.kill();
  }
  return { ours, limit };
}

function measure(who: 'millpond' | 'limit', job: RunJob, expected: Expected): Measured {
  const script = path.join(import.meta.dirname, 'one-run.ts');
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, who, JSON.stringify(job)],
    {
      encoding: 'utf8',
      env: { ...process.env, UV_THREADPOOL_SIZE: '12' },
    },
  );
  if (status !== 0) throw new Error(stderr);
  const measured = JSON.parse(stdout) as Measured;
  for (const [name, value] of Object.entries(expected)) {
    const found = measured[name as keyof Expected];
    if (String(found) !== String(value)) throw new Error(`${who}: ${name} is ${found}, should be ${value}`);
  }
  return measured;
}

function add(all: readonly Expected[]): Expected {
  const sum = (of: (one: Expected) => string) =>
    all.reduce((total, one) => total + BigInt(of(one).replace('.', '')), 0n);
  const micros = sum(({ cost }) => cost);
  return {
    rows: all.reduce((total, { rows }) => total + rows, 0),
    impressions: String(sum(({ impressions }) => impressions)),
    cost: `${micros / 1_000_000n}.${String(micros % 1_000_000n).padStart(6, '0')}`,
    keyword_id: String(sum(({ keyword_id }) => keyword_id)),
  };
}

function median(runs: readonly Measured[], of: 'seconds' | 'cpuSeconds' | 'peakMiB'): number {
  return runs.map((run) => run[of]).sort((a, b) => a - b)[Math.floor(runs.length / 2)]!;
}

function startTimes(): { help: number; node: number } {
  const time = (...args: string[]) => {
    const all = Array.from({ length: 9 }, () => {
      const began = performance.now();
      spawnSync(process.execPath, args);
      return performance.now() - began;
    });
    return all.sort((a, b) => a - b)[4]!;
  };
  return { help: time(path.join(import.meta.dirname, '../bin/millpond.js'), '--help'), node: time('-e', '0') };
}
