import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/millpond.js', import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly exit: number | null;
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

/** Runs a command to its end. */
export async function millpond(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Record<string, string>; readonly input?: string },
): Promise<Ended> {
  const child = start(args, options.cwd, options.env);
  child.stdin.end(options.input ?? '');
  return ended(child);
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
