import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/millpond.js', import.meta.url));
const MAIN = new URL('../../dist/cli/main.js', import.meta.url).href;
const importNatively = createRequire(import.meta.url)('./import.cjs') as (address: string) => Promise<unknown>;

/** How a command ended. */
export interface Ended {
  readonly exit: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command line in a process of its own. */
export function start(args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  return spawn(process.execPath, [BIN, ...args], { cwd, env: { ...process.env, ...env } });
}

/** Waits for its end, and gathers what it wrote. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, stdout, stderr };
}

/** Runs a command to its end in a process of its own: for what only a real process can show. */
export async function spawned(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string>; readonly input?: string },
): Promise<Ended> {
  const child = start(args, options.cwd, options.env);
  child.stdin.end(options.input ?? '');
  return ended(child);
}

let calls = 0;

/**
 * Runs the built command line's main module within this process, one call at a time: the same
 * words and exit codes as of a real process, without its second of starting up. Arguments, folder,
 * environment, output and `process.exit` are this call's own for as long as it takes.
 */
export async function millpond(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string> },
): Promise<Ended> {
  const { argv, exit, exitCode } = process;
  const folder = process.cwd();
  const before = { ...process.env };
  const streams = { stdout: process.stdout, stderr: process.stderr };
  const writes = { stdout: streams.stdout.write, stderr: streams.stderr.write };
  const listening = listenersNow();
  const said = { stdout: '', stderr: '' };
  let ended: number | string | null | undefined;
  for (const name of ['stdout', 'stderr'] as const) {
    streams[name].write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
      said[name] += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      for (const done of rest) if (typeof done === 'function') done();
      return true;
    }) as typeof process.stdout.write;
  }
  try {
    process.argv = [process.execPath, BIN, ...args];
    process.exit = ((code) => {
      ended ??= code;
    }) as typeof process.exit;
    process.exitCode = undefined;
    process.chdir(options.cwd);
    Object.assign(process.env, options.env);
    calls += 1;
    await importNatively(`${MAIN}?call=${calls}`);
    return { exit: ended ?? process.exitCode ?? 0, ...said };
  } finally {
    Object.assign(streams.stdout, { write: writes.stdout });
    Object.assign(streams.stderr, { write: writes.stderr });
    Object.assign(process, { argv, exit, exitCode });
    for (const name of Object.keys(options.env ?? {})) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    process.chdir(folder);
    listening.restore();
  }
}

/** Remembers who listens to this process, so that later listeners can be taken away again. */
function listenersNow(): { restore(): void } {
  const emitters: readonly (readonly [NodeJS.EventEmitter, readonly string[]])[] = [
    [process, ['uncaughtException', 'SIGINT', 'SIGTERM']],
    [process.stdout, ['error']],
    [process.stderr, ['error']],
  ];
  const before = emitters.map(([emitter, events]) => events.map((event) => emitter.listeners(event)));
  return {
    restore() {
      emitters.forEach(([emitter, events], i) => {
        events.forEach((event, j) => {
          for (const listener of emitter.listeners(event)) {
            if (!before[i]![j]!.includes(listener)) emitter.off(event, listener as () => void);
          }
        });
      });
    },
  };
}

/** A folder for one test file, removed after it. */
export async function testFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-cli-'));
  afterAll(() => fs.rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A configuration that reads one warehouse, and whose secret is nowhere. */
export function yamlFor(warehouse: string): string {
  return `version: 1
connections:
  ads: { connector: amazon-ads, region: na, client_id: id, client_secret: "\${env:NOT_SET_ANYWHERE}", refresh_token: token-of-the-test }
landing: ./landing
sinks: { warehouse: { sink: duckdb, path: ${warehouse} } }
pipelines: { daily: { connection: ads, sinks: [warehouse], datasets: [profiles] } }
`;
}
