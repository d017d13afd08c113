/** Plays one scenario: entrants take turns, round by round. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import type { Job } from '../contestants/job.js';
import { expectedOf } from '../inputs/checks.js';
import { type InputFile, inputFile, rejectsOfFiles } from '../inputs/files.js';
import { plainColumns } from '../inputs/tables.js';
import { NotInstalled, PEERS, peerCommand } from '../peers/peers.js';
import type { EntrantResult, ScenarioResult } from '../report/results.js';
import type { Entrant, Scenario, Sizes } from '../scenarios.js';
import { figuresOf, judgeTargets } from './figures.js';
import { type Command, ContestantFailed, type Measured, runContestant } from './run-contestant.js';
import { type Verdict, validate } from './validate.js';

export interface PlayOptions {
  readonly sizes: Sizes;
  /** Counted runs, after those to warm up. */
  readonly runs: number;
  readonly warmUps: number;
  readonly peers: boolean;
  /** A folder of this call's own, for what contestants write. */
  readonly workFolder: string;
  /** Where inputs are kept. */
  readonly dataFolder?: string;
  /** Hears what is going on. */
  tell(line: string): void;
}

/** A warm-up that takes longer than this is the one run that counts. */
const LONG_SECONDS = 60;

/** The day of the newest slice; earlier slices are the days before it. */
const NEWEST = '2020-01-01';

/** What `bin/millpond.js` begins with. */
const THREADS = path.join(import.meta.dirname, '..', '..', 'bin', 'threads.js');

/** Files that take room: they go after each run. */
const LARGE_BYTES = 1 << 20;

/** An entrant at play. */
interface Player {
  readonly entrant: Entrant;
  readonly command?: Command;
  readonly folder: string;
  readonly runs: Measured[];
  readonly sizes: number[];
  verdict?: Verdict;
  failure?: string;
  isSlow?: boolean;
}

/** @throws Error where the disk has no room for the scenario. */
export async function play(scenario: Scenario, options: PlayOptions): Promise<ScenarioResult> {
  const { sizes, tell } = options;
  requireRoom(scenario, options);
  tell(`${scenario.name}: making inputs`);
  const inputs = await makeInputs(scenario, options);
  const loadBefore = os.loadavg()[0]!;
  const players = scenario.entrants
    .filter(({ who }) => options.peers || who === 'millpond' || who === 'limit')
    .map((entrant, number) => enter(entrant, path.join(options.workFolder, `${scenario.name}-${number}`)));
  try {
    for (let round = 0; round < options.warmUps + options.runs; round++) {
      for (const player of players) {
        if (player.failure || player.isSlow) continue;
        await takeTurn(scenario, player, inputs, round, options);
      }
    }
  } finally {
    for (const { folder } of players) fs.rmSync(folder, { recursive: true, force: true });
  }
  const found = new Map(players.map((player) => [player.entrant.name, stateOf(player)]));
  return {
    name: scenario.name,
    title: scenario.title(sizes),
    date: new Date().toISOString().slice(0, 10),
    version: millpondVersion(),
    loadBefore,
    inputBytes: inputs.good[0]!.reduce((sum, { bytes }) => sum + bytes, 0),
    entrants: players.map(resultOf),
    targets: judgeTargets(scenario, found),
  };
}

/** Files of a scenario by version: reloads alternate between two, so that no load finds what it brings. */
interface Inputs {
  readonly bad: readonly InputFile[];
  readonly good: readonly (readonly InputFile[])[];
}

async function makeInputs(scenario: Scenario, { sizes, dataFolder }: PlayOptions): Promise<Inputs> {
  const files = async (version: number, badPercent: 0 | 1 | 12) => {
    const made: InputFile[] = [];
    for (let part = 0; part < scenario.files(sizes); part++) {
      const { kind } = scenario;
      const content = { kind, rows: scenario.rowsPerFile(sizes), part, version, date: dayBefore(part), badPercent };
      made.push(await inputFile(content, dataFolder));
    }
    return made;
  };
  const good = [await files(0, 0)];
  if (scenario.load === 'reload') good.push(await files(1, 0));
  return { good, bad: scenario.badPercent ? await files(0, scenario.badPercent) : [] };
}

function enter(entrant: Entrant, folder: string): Player {
  const player = { entrant, folder, runs: [], sizes: [] };
  if (entrant.who === 'millpond' || entrant.who === 'limit') {
    const script = path.join(import.meta.dirname, '..', '.data', 'js', 'contestants', `${entrant.who}.js`);
    const args = entrant.who === 'millpond' ? ['--require', THREADS, script] : [script];
    return { ...player, command: { program: process.execPath, args } };
  }
  try {
    return { ...player, command: peerCommand(entrant.who) };
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    return { ...player, failure: `could not be installed: ${error.message}` };
  }
}

async function takeTurn(
  scenario: Scenario,
  player: Player,
  inputs: Inputs,
  round: number,
  { sizes, warmUps, tell }: PlayOptions,
): Promise<void> {
  const { entrant } = player;
  const reloads = scenario.load === 'reload' && !entrant.first;
  const folder = reloads ? player.folder : path.join(player.folder, String(round));
  // What is prepared is version 0, so the first reload brings version 1.
  const version = reloads ? (round + 1) % 2 : 0;
  const files = scenario.badPercent && !entrant.clean ? inputs.bad : inputs.good[version]!;
  const held = reloads ? scenario.held!(sizes) : 1;
  const job: Omit<Job, 'action'> = {
    folder,
    sink: scenario.sink,
    load: reloads ? 'reload' : 'first',
    kind: scenario.kind,
    columns: plainColumns(scenario.kind),
    files: files.map((file) => file.path),
    slices: files.map((_, part) => dayBefore(part)),
    held,
    threads: os.availableParallelism(),
    memory: entrant.memory ?? '1GB',
    ...(scenario.bytesPerSecond && entrant.who === 'millpond' ? { bytesPerSecond: scenario.bytesPerSecond } : {}),
    ...(entrant.variant ? { variant: entrant.variant } : {}),
  };
  try {
    if (!reloads || round === 0) emptyFolder(folder);
    if (reloads && round === 0) {
      const first = inputs.good[0]!.map((file) => file.path);
      await runContestant(player.command!, { ...job, action: 'prepare', files: first });
    }
    const measured = await runContestant(player.command!, { ...job, action: 'run' });
    const others = Array.from({ length: held - 1 }, () => inputs.good[0]!).flat();
    const verdict = await validate(measured, scenario.kind, expectedOf([...files, ...others]), rejectsOfFiles(files));
    if (!player.verdict || player.verdict.exact) player.verdict = verdict;
    player.isSlow = round < warmUps && measured.seconds > LONG_SECONDS;
    if (round >= warmUps || player.isSlow) player.runs.push(measured);
    if (reloads && measured.fileBytes !== undefined) player.sizes.push(measured.fileBytes);
    const right = verdict.exact ? '' : `  WRONG: ${verdict.differences.join('; ')}`;
    tell(
      `${scenario.name}: ${round < warmUps ? 'warm-up' : `run ${round - warmUps + 1}`}  ${entrant.name.padEnd(28)} ` +
        `${measured.seconds.toFixed(2).padStart(7)} s  ${measured.cpuSeconds.toFixed(2).padStart(7)} CPU s  ` +
        `${measured.peakMiB.toFixed(0).padStart(5)} MiB${right}`,
    );
  } catch (error) {
    if (!(error instanceof ContestantFailed)) throw error;
    player.failure = error.message;
    tell(`${scenario.name}: ${entrant.name} failed: ${error.message}`);
  } finally {
    if (!reloads) removeLarge(folder);
  }
}

function stateOf({ runs, sizes, verdict, failure }: Player) {
  const figures = runs.length > 0 && !failure ? figuresOf(runs, sizes) : undefined;
  return { figures, isExact: verdict?.exact ?? false };
}

function resultOf(player: Player): EntrantResult {
  const { entrant, runs, verdict, failure } = player;
  const { figures } = stateOf(player);
  return {
    name: entrant.name,
    who: entrant.who,
    how: entrant.note ?? PEERS.find(({ id }) => id === entrant.who)?.how ?? OWN_CONFIGURATION[entrant.who]!,
    versions: runs[0]?.versions ?? {},
    ...(figures ? { figures } : {}),
    ...(verdict ? { verdict } : {}),
    ...(failure ? { failure } : {}),
  };
}

const OWN_CONFIGURATION: Readonly<Record<string, string>> = {
  millpond: '`memory: 1GB`; every cell validated, artifact, rejects and ledger kept',
  limit: 'DuckDB’s `read_json` with typed columns; nothing validated, nothing kept',
};

/** Millpond's version, and the commit where there is one; `-dirty` where files were changed since. */
function millpondVersion(): string {
  try {
    const args = ['describe', '--always', '--dirty', '--abbrev=7', '--exclude=*'];
    const commit = execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe', cwd: import.meta.dirname }).trim();
    return `${packageJson.version} (${commit})`;
  } catch {
    return packageJson.version;
  }
}

/** Bytes on disk per row: inputs, landing, stages, and each warehouse twice over. */
const BYTES_PER_ROW = 250;

function requireRoom({ name, files, rowsPerFile, held }: Scenario, { sizes, workFolder }: PlayOptions): void {
  const rows = files(sizes) * rowsPerFile(sizes) * (3 + 2 * (held?.(sizes) ?? 1));
  const needed = rows * BYTES_PER_ROW;
  const { bavail, bsize } = fs.statfsSync(workFolder);
  const free = bavail * bsize;
  if (free > needed) return;
  const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  throw new Error(`${name} needs about ${gigabytes(needed)} of disk in ${workFolder}; ${gigabytes(free)} are free`);
}

function emptyFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
}

/**
 * Makes room after a run. What is small stays until all have played: ext4 searches past names that
 * were just removed for some minutes, and a run would pay for the cleaning of the one before.
 */
function removeLarge(folder: string): void {
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && fs.statSync(file).size > LARGE_BYTES) fs.rmSync(file);
  }
}

function dayBefore(days: number): string {
  return new Date(Date.parse(NEWEST) - days * 86_400_000).toISOString().slice(0, 10);
}
