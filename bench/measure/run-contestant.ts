import { spawn } from 'node:child_process';
import path from 'node:path';
import { type Job, type JobResult, RESULT } from '../contestants/job.js';
import { TreeMemory } from './process-tree.js';

/** A program and what comes before the job in its arguments. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A run that ended well. */
export interface Measured extends JobResult {
  /** Highest resident memory of the process with all its descendants. */
  readonly peakMiB: number;
}

/** A contestant that did not get to its end, with the last thing it said. */
export class ContestantFailed extends Error {}

const HALF_AN_HOUR = 1_800_000;

/**
 * One run in a process of its own.
 * @throws ContestantFailed with one line that says why.
 */
export async function runContestant(command: Command, job: Job, timeoutMs = HALF_AN_HOUR): Promise<Measured> {
  const child = spawn(command.program, [...command.args, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...command.env },
    detached: true,
  });
  child.on('error', () => {}); // told by the missing pid
  if (child.pid === undefined) throw new ContestantFailed(`${path.basename(command.program)} cannot be started`);
  const memory = new TreeMemory(child.pid);
  const kill = () => killGroup(child.pid!);
  const timer = setTimeout(kill, timeoutMs);
  process.once('exit', kill);
  let out = '';
  let told = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told = (told + text).slice(-20_000)));
  const exit = await new Promise<number | NodeJS.Signals>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 1));
  });
  clearTimeout(timer);
  process.off('exit', kill);
  const treePeakMiB = memory.stop();
  const line = out.split('\n').find((text) => text.startsWith(RESULT));
  if (exit !== 0 || line === undefined) throw new ContestantFailed(reasonOf(exit, `${told}\n${out}`));
  const result = JSON.parse(line.slice(RESULT.length)) as JobResult;
  return { ...result, peakMiB: Math.max(treePeakMiB, result.ownPeakMiB ?? 0) };
}

/** A contestant has a process group of its own: nothing of it outlives us. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** The line that most likely says what went wrong, without paths of this machine. */
function reasonOf(exit: number | NodeJS.Signals, text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const telling = lines.filter((line) => /(?:error|exception)\b.*:/i.test(line) && !/^(?:at |\{)/.test(line));
  const last = telling.at(-1) ?? lines.at(-1) ?? 'it said nothing';
  return `exit ${exit}: ${last.replaceAll(/(?:file:\/\/)?\/[\w./-]+\//g, '').slice(0, 160)}`;
}
