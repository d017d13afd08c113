import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';

/** How a command ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real `millpond` process. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it printed so far. */
  readonly output: { stdout: string; stderr: string };
}

const BIN = path.resolve(import.meta.dirname, '../../bin/millpond.js');

/** Starts the built command in a folder, with a clean environment but for `env`. */
export function startMillpond(cwd: string, args: readonly string[], env: Record<string, string> = {}): Running {
  const { PATH = '', HOME = '', TZ = '' } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH, HOME, ...(TZ ? { TZ } : {}), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => {
    output.stdout += data;
  });
  child.stderr.on('data', (data: Buffer) => {
    output.stderr += data;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (status, signal) => resolve({ status, signal, ...output })),
  );
  return { child, ended, output };
}

/** Runs it to the end. */
export function millpond(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return startMillpond(cwd, args, env).ended;
}

/** The last line of `run --json`. */
export function summaryOf(ended: Ended): Record<string, never> {
  return JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as Record<string, never>;
}
