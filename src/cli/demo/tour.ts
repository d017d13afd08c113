import fs from 'node:fs/promises';
import path from 'node:path';
import { addDays } from '../../base/days.js';
import { MillpondError } from '../../base/errors.js';
import { writeFileAtomic } from '../../base/files.js';
import { throwIfAborted } from '../../base/retry.js';
import { formatDuration } from '../../base/units.js';
import { loadConfig } from '../../config/index.js';
import { makeCtx } from '../../pipelines/index.js';
import { chooseTarget, type OpenOptions, runQuery } from '../../queries/index.js';
import { startSandbox } from '../../sandbox/index.js';
import type { Invocation } from '../invocation.js';
import { createLog } from '../log.js';
import { printResult } from '../render/result.js';
import { plural } from '../render/summary.js';
import { type ChildRun, runChild } from './child.js';
import { compareWithTruth } from './compare.js';
import { demoYaml } from './config.js';

/** Commits that the first run is let live for. */
const COMMITS_BEFORE_KILL = 120;

const QUESTIONS = [
  [
    'What did each product cost, per country and currency?',
    `SELECT p.country_code, p.currency_code, r.product, count(*) AS rows, sum(r.cost) AS cost
FROM (SELECT _profile_id, 'Products' AS product, cost FROM sp_campaigns_report_v2
      UNION ALL SELECT _profile_id, 'Brands', cost FROM sb_campaigns_report_v2
      UNION ALL SELECT _profile_id, 'Display', cost FROM sd_campaigns_report_v2) r
JOIN profiles p ON p.profile_id = r._profile_id
GROUP BY ALL ORDER BY ALL`,
  ],
  [
    'Which campaigns sold most for what they cost?',
    `SELECT c.name, sum(r.cost) AS cost, sum(r.attributed_sales_14d) AS sales
FROM sp_campaigns_report_v2 r JOIN sp_campaigns_snapshot c USING (_profile_id, campaign_id)
GROUP BY ALL HAVING sum(r.cost) > 0 ORDER BY sales DESC LIMIT 5`,
  ],
  [
    'How fresh is it, and what is held?',
    'SELECT dataset, count(*) AS slices, sum(rows) AS rows, max(as_of) AS as_of FROM slices GROUP BY ALL ORDER BY ALL',
  ],
] as const;

/** The whole tour. @returns the exit code: 1 where the warehouse and the truth differ. */
export async function runTour(
  options: { readonly folder: string; readonly keep: boolean },
  invocation: Invocation,
): Promise<number> {
  const started = performance.now();
  const { output, signal, flags } = invocation;
  const say = (line: string): void => (flags.json ? output.note(line) : output.print(line));
  const folder = path.resolve(options.folder);
  await prepareFolder(folder, options.keep);
  const sandbox = await startSandbox({ profiles: 4, jobSeconds: 1, days: 30, rows: 40 });
  try {
    const days = lastThreeWeeks(sandbox.now());
    const configFile = path.join(folder, 'millpond.yaml');
    await writeFileAtomic(configFile, demoYaml(sandbox, days));
    say(`A sandbox of Amazon Ads with ${sandbox.profiles.length} profiles, and a configuration in ${configFile}.\n`);

    say(`1. millpond run: ${days.since} to ${days.until}, and a SIGKILL in the middle of it …`);
    const killed = await killedRun(configFile, signal);
    const before = sandbox.stats();
    say(
      killed.alive
        ? '   it came to its end before the kill: not enough was missing.'
        : `   killed after ${plural(killed.committed, 'commit')}; ${plural(before.jobsCreated, 'job')} had been asked for.`,
    );

    say('2. millpond run, again: it takes up what was pending …');
    const resumed = finished(await runChild(configFile, signal, () => false), signal);
    const after = sandbox.stats();
    say(
      `   ${plural(resumed.slices.committed, 'slice')} and ${plural(resumed.rows, 'row')} committed; ` +
        `${plural(resumed.jobs.resumed, 'job')} resumed, ${plural(resumed.jobs.requested, 'job')} new, ` +
        `${plural(after.duplicateJobs, 'job')} asked for twice.`,
    );

    say('3. millpond run, a third time …');
    const third = finished(await runChild(configFile, signal, () => false), signal);
    say(
      third.status === 'nothing_to_do'
        ? '   nothing to do: everything is there and fresh.'
        : `   ${third.status}: ${plural(third.slices.committed, 'slice')} committed.`,
    );

    const warehouse = await openDemo(configFile, invocation);
    const truth = await compareWithTruth(sandbox, days, warehouse);
    say(
      truth.differences.length === 0
        ? `   Compared with what the sandbox knows: ${plural(truth.slices, 'slice')}, ${plural(truth.rows, 'row')}, ` +
            `${plural(truth.values, 'sum')} of counts, money and ids, all equal.`
        : `   ${plural(truth.differences.length, 'difference')} to what the sandbox knows:`,
    );
    for (const difference of truth.differences.slice(0, 10)) say(`     ${difference}`);

    if (flags.json) {
      output.printJson({ folder, seconds: seconds(started), killed, resumed, third, truth });
    } else {
      for (const [question, sql] of QUESTIONS) {
        throwIfAborted(signal);
        say(`\n${question}\n  ${sql.replaceAll('\n', '\n  ')}\n`);
        await runQuery(sql, warehouse, (result) => printResult(result, output));
      }
      for (const line of nextSteps(options.folder, performance.now() - started)) say(line);
    }
    return truth.differences.length === 0 && third.status === 'nothing_to_do' ? 0 : 1;
  } finally {
    await sandbox.close();
  }
}

/** An empty folder, or the one that an earlier demo made; anything else is left alone. */
async function prepareFolder(folder: string, keep: boolean): Promise<void> {
  await fs.mkdir(folder, { recursive: true });
  if (keep) return;
  const names = await fs.readdir(folder);
  if (names.length === 0) return;
  const config = await fs.readFile(path.join(folder, 'millpond.yaml'), 'utf8').catch(() => '');
  if (!config.includes('Written by `millpond demo`')) {
    throw new MillpondError('E_USAGE', `${folder} holds something that is not an earlier demo`, {
      hint: 'Name another folder with --folder.',
    });
  }
  for (const name of ['landing', 'lake', 'warehouse.duckdb', 'warehouse.duckdb.wal', 'millpond.yaml']) {
    await fs.rm(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Three weeks that are over in every zone. */
function lastThreeWeeks(now: Date): { readonly since: string; readonly until: string } {
  const until = addDays(now.toISOString().slice(0, 10), -2);
  return { since: addDays(until, -20), until };
}

/** A run that is killed once it has seen some commits; `alive` where it ended well before that. */
async function killedRun(
  configFile: string,
  signal: AbortSignal,
): Promise<{ readonly committed: number; readonly alive: boolean }> {
  let committed = 0;
  const run = await runChild(configFile, signal, (event) => {
    if (event.type === 'committed') committed += 1;
    return committed >= COMMITS_BEFORE_KILL;
  });
  if (run.exit !== null) finished(run, signal);
  return { committed, alive: run.exit !== null };
}

/** @throws MillpondError where the run did not come to a good end. */
function finished(run: ChildRun, signal: AbortSignal): NonNullable<ChildRun['summary']> {
  throwIfAborted(signal);
  if (run.exit === 0 && run.summary !== null) return run.summary;
  const reason = run.summary?.errors[0]?.message ?? run.stderr.trim().split('\n').at(-1) ?? '';
  throw new MillpondError('E_BUG', `The run of the demo ended with ${run.exit}: ${reason}`);
}

async function openDemo(configFile: string, { flags, signal, output }: Invocation): Promise<OpenOptions> {
  const config = await loadConfig(configFile);
  const log = createLog({ json: flags.json, verbose: flags.verbose });
  return {
    ...chooseTarget(config, undefined),
    ctx: makeCtx({ signal, log, memoryBytes: config.memoryBytes }),
    onWait: (pid) => output.note(`the warehouse is held by pid ${pid}; waiting for it`),
  };
}

function nextSteps(folder: string, elapsedMs: number): string[] {
  return [
    `\nDone in ${formatDuration(elapsedMs)}. What to type next:`,
    `  cd ${folder}`,
    '  millpond status',
    '  millpond sql "SHOW ALL TABLES"',
    '  millpond sql "FROM sp_campaigns_report_v2" --sink lake --format csv | head',
    '  millpond export "FROM profiles" --to profiles.parquet',
    'And with data of your own: millpond init, millpond check, millpond run.',
  ];
}

function seconds(started: number): number {
  return Math.round((performance.now() - started) / 100) / 10;
}
