import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { RunEvent, RunSummary } from '../../pipelines/events.js';

/** How a child's run ended. */
export interface ChildRun {
  /** Null where it was killed. */
  readonly exit: number | null;
  /** Null where it was killed before its last line. */
  readonly summary: RunSummary | null;
  /** What it wrote on stderr. */
  readonly stderr: string;
}

/**
 * Runs `millpond run --json` in a process of its own, started as this one was.
 * @param onEvent called for each event; `true` kills the child on the spot, with SIGKILL.
 */
export async function runChild(
  configFile: string,
  signal: AbortSignal,
  onEvent: (event: RunEvent) => boolean,
): Promise<ChildRun> {
  const { process: child, ended } = startChild(['run', '--json', '--config', configFile], signal);
  const stderr = text(child.stderr);
  let summary: RunSummary | null = null;
  let killed = false;
  for await (const line of readline.createInterface({ input: child.stdout })) {
    const value = parseLine(line);
    if (value === undefined) continue;
    if ('status' in value) summary = value;
    else if (!killed && onEvent(value)) {
      killed = true;
      child.kill('SIGKILL');
    }
  }
  return { exit: await ended, summary, stderr: await stderr };
}

/** Runs another command of `millpond` to its end, likewise. */
export async function callChild(
  args: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly exit: number | null; readonly stdout: string; readonly stderr: string }> {
  const { process: child, ended } = startChild(args, signal);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { exit: await ended, stdout, stderr };
}

/** A child that ends when we are told to stop, and the exit code that it will end with. */
function startChild(
  args: readonly string[],
  signal: AbortSignal,
): { readonly process: ChildProcessByStdio<null, Readable, Readable>; readonly ended: Promise<number | null> } {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  const ended = (once(child, 'close') as Promise<[number | null]>).then(([exit]) => exit);
  return { process: child, ended: ended.finally(() => signal.removeEventListener('abort', stop)) };
}

/** A killed process may leave half a line. */
function parseLine(line: string): RunEvent | RunSummary | undefined {
  try {
    return JSON.parse(line) as RunEvent | RunSummary;
  } catch {
    return undefined;
  }
}
