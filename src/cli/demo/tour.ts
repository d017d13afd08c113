import path from 'node:path';
import { addDays } from '../../base/days.js';
import { writeFileAtomic } from '../../base/files.js';
import { throwIfAborted } from '../../base/retry.js';
import { formatDuration } from '../../base/units.js';
import { loadConfig } from '../../config/index.js';
import { makeCtx } from '../../pipelines/index.js';
import { chooseTarget, type OpenOptions, queryRows, runQuery } from '../../queries/index.js';
import { type Sandbox, startSandbox } from '../../sandbox/index.js';
import type { Invocation } from '../invocation.js';
import { createLog } from '../log.js';
import { printResult } from '../render/result.js';
import { plural } from '../render/summary.js';
import { callChild } from './child.js';
import { compareAds } from './compare-ads.js';
import { comparePartners } from './compare-partners.js';
import { demoYaml, PARTNER_CATALOG } from './config.js';
import { prepareFolder } from './folder.js';
import { OUTDATED, questions } from './questions.js';
import { type Commits, killedRun, wholeRun } from './runs.js';

/** What `millpond demo` is told. */
export interface TourOptions {
  readonly folder: string;
  readonly keep: boolean;
  /** Days of reports. */
  readonly days: number;
}

/** Small enough that its snapshots can be had within seconds at the pace that AWS allows. */
const PARTNER_WORLD = { engagements: 2, opportunities: 10, snapshots: 50, deniedMembers: false };

/** The whole tour. @returns the exit code: 1 where the warehouse and the truth differ. */
export async function runTour(options: TourOptions, invocation: Invocation): Promise<number> {
  const started = performance.now();
  const { output, signal, flags } = invocation;
  const say = (line: string): void => (flags.json ? output.note(line) : output.print(line));
  const folder = path.resolve(options.folder);
  await prepareFolder(folder, options.keep);
  const days = options.days + 16;
  const sandbox = await startSandbox({ profiles: 4, jobSeconds: 1, days, rows: 40, partnerCentral: PARTNER_WORLD });
  try {
    const reported = lastDays(sandbox.now(), options.days);
    const configFile = path.join(folder, 'millpond.yaml');
    await writeFileAtomic(configFile, demoYaml(sandbox, reported));
    const offered = snapshotsOf(sandbox);
    say(
      `A sandbox of Amazon Ads with ${sandbox.profiles.length} profiles, and of AWS Partner Central with ` +
        `${plural(offered, 'snapshot')};\na configuration for both in ${configFile}.\n`,
    );

    say(`1. millpond run: ${reported.since} to ${reported.until}, and a SIGKILL in the middle of it …`);
    const isTime = ({ ads }: Commits) => isMiddle(ads, fetchesOf(sandbox) / offered);
    const killed = { ...(await killedRun(configFile, signal, isTime)), fetched: fetchesOf(sandbox) };
    say(
      killed.alive
        ? '   it came to its end before the kill: not enough was missing.'
        : `   killed after ${plural(killed.committed.ads + killed.committed.partners, 'commit')}; ` +
            `${plural(sandbox.stats().jobsCreated, 'job')} of Amazon Ads had been asked for, ` +
            `${killed.fetched} of ${plural(offered, 'snapshot')} fetched.`,
    );

    say('2. millpond run, again: it takes up what was pending …');
    const { summary: resumed } = await wholeRun(configFile, signal);
    say(
      `   ${plural(resumed.slices.committed, 'slice')} and ${plural(resumed.rows, 'row')} committed; ` +
        `${plural(resumed.jobs.resumed, 'job')} resumed, ${plural(resumed.jobs.requested, 'job')} new, ` +
        `${plural(sandbox.stats().duplicateJobs, 'job')} asked for twice.`,
    );
    const warehouse = await openDemo(configFile, invocation);
    const ads = await compareAds(sandbox, reported, warehouse);
    const partners = await comparePartners(sandbox, warehouse);
    const differences = [...ads.differences, ...partners.differences];
    say(
      differences.length === 0
        ? `   Compared with what the sandbox knows: ${plural(ads.slices, 'slice')}, ${plural(ads.rows, 'row')} and ` +
            `${plural(ads.values, 'sum')} of counts,\n   money and ids; ${plural(partners.revisions, 'snapshot')}, each ` +
            'once and the same to the last byte: all equal.'
        : '   It differs from what the sandbox knows:',
    );

    const known = fetchesOf(sandbox);
    sandbox.advance({ days: 1 });
    const added = snapshotsOf(sandbox) - offered;
    say(`3. A day goes by at AWS: opportunities change, ${plural(added, 'snapshot')} more. millpond run, once more …`);
    const next = await wholeRun(configFile, signal);
    const day = { ...next, added, fetched: fetchesOf(sandbox) - known };
    const later = await comparePartners(sandbox, warehouse);
    differences.push(...later.differences);
    say(
      `   ${plural(day.fetched, 'snapshot')} fetched, none of those that were held; ` +
        `${plural(day.summary.jobs.requested, 'job')} of Amazon Ads, where all is fresh.`,
    );
    if (later.differences.length === 0) say(`   All ${plural(later.revisions, 'snapshot')} are there, and equal.`);
    for (const difference of differences.slice(0, 10)) say(`     ${difference}`);

    const answers: unknown[] = [];
    const now = sandbox.now().toISOString().slice(0, 10);
    for (const { text, sql } of questions({ before: addDays(now, -21), now })) {
      if (flags.json) answers.push({ question: text, rows: await queryRows(sql, warehouse) });
      else await ask(text, sql, warehouse, invocation);
    }
    const dryRun = await tryMaking(configFile, warehouse, invocation);
    if (flags.json) {
      const truth = { ads, partners: later, differences };
      output.printJson({ folder, seconds: seconds(started), killed, resumed, day, truth, answers, dry_run: dryRun });
    } else {
      for (const line of nextSteps(options.folder, performance.now() - started)) say(line);
    }
    const asked = day.fetched - day.added + day.summary.jobs.requested + sandbox.stats().duplicateJobs;
    return differences.length === 0 && asked === 0 ? 0 : 1;
  } finally {
    await sandbox.close();
  }
}

/** Whether both worlds are under way and neither is done, whichever is the faster on this machine. */
function isMiddle(adsCommits: number, shareFetched: number): boolean {
  return (adsCommits >= 20 && shareFetched >= 0.1) || (adsCommits >= 5 && shareFetched >= 0.5);
}

/** Days that are over in every zone. */
function lastDays(now: Date, count: number): { readonly since: string; readonly until: string } {
  const until = addDays(now.toISOString().slice(0, 10), -2);
  return { since: addDays(until, 1 - count), until };
}

/** Snapshot revisions that the first partner can have. */
function snapshotsOf(sandbox: Sandbox): number {
  const { accountId } = sandbox.partnerCentral.accounts[0];
  return sandbox.partnerCentral.truth({ catalog: PARTNER_CATALOG, account: accountId }).snapshots;
}

/** Calls that fetched one. */
function fetchesOf({ requests }: Sandbox): number {
  return requests.filter(({ route, status }) => route === 'GetResourceSnapshot' && status === 200).length;
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

async function ask(text: string, sql: string, warehouse: OpenOptions, { output, signal }: Invocation): Promise<void> {
  throwIfAborted(signal);
  output.print(`\n${text}\n  ${sql.replaceAll('\n', '\n  ')}\n`);
  await runQuery(sql, warehouse, (result) => printResult(result, output));
}

/** What making a snapshot would do, of an opportunity that has moved on since its newest one. */
async function tryMaking(configFile: string, warehouse: OpenOptions, invocation: Invocation): Promise<unknown> {
  const { flags, output, signal } = invocation;
  const text = 'Which opportunities have changed since their newest snapshot, and no snapshot job runs for them?';
  if (!flags.json) await ask(text, OUTDATED, warehouse, invocation);
  const [found] = await queryRows<{ engagement_id: string; resource_id: string }>(OUTDATED, warehouse);
  if (!found) return null;
  const { engagement_id: engagement, resource_id: resource } = found;
  const view = ['--engagement', engagement, '--resource', resource, '--template', 'OpportunitySummaryView'];
  const words = ['partner-central', 'snapshot', 'create', ...view, '--dry-run'];
  const answer = await callChild([...words, '--config', configFile, ...(flags.json ? ['--json'] : [])], signal);
  throwIfAborted(signal);
  if (flags.json) return JSON.parse(answer.stdout);
  output.print(`\nA snapshot can be made of it. What would that do?\n  millpond ${words.join(' ')}\n`);
  output.print(`${answer.stdout}${answer.stderr}`.trimEnd());
  return answer;
}

function nextSteps(folder: string, elapsedMs: number): string[] {
  return [
    `\nDone in ${formatDuration(elapsedMs)}. What to type next:`,
    `  cd ${folder}`,
    '  millpond status',
    '  millpond sql "SHOW ALL TABLES"',
    '  millpond sql "FROM opportunity_stage_history"',
    '  millpond sql "FROM sp_campaigns_report_v2" --sink lake --format csv | head',
    '  millpond verify',
    'And with data of your own: millpond init, millpond check, millpond run.',
  ];
}

function seconds(started: number): number {
  return Math.round((performance.now() - started) / 100) / 10;
}
