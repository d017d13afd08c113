import { spawn } from 'node:child_process';
import { once } from 'node:events';
import readline from 'node:readline';
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
  const child = spawn(
    process.execPath,
    [...process.execArgv, process.argv[1] ?? '', 'run', '--json', '--config', configFile],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop);
  const exited = once(child, 'close') as Promise<[number | null]>;
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
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
  const [exit] = await exited;
  signal.removeEventListener('abort', stop);
  return { exit, summary, stderr };
}

/** A killed process may leave half a line. */
function parseLine(line: string): RunEvent | RunSummary | undefined {
  try {
    return JSON.parse(line) as RunEvent | RunSummary;
  } catch {
    return undefined;
  }
}
