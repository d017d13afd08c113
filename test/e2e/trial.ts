import type { ChildProcess } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';
import { addDays, dayIn } from '../../src/base/days.js';
import type { RunEvent, RunSummary } from '../../src/pipelines/events.js';
import type { RunOptions } from '../../src/pipelines/index.js';
import { type Sandbox, type SandboxOptions, startSandbox, type TruthFilter } from '../../src/sandbox/index.js';
import { type Ended, type Running, startMillpond } from '../support/cli.js';
import { sandboxEnv, sandboxYaml } from '../support/sandbox-config.js';
import { differencesFromTruth } from '../support/truth.js';
import { queryFile, Workspace } from '../support/workspace.js';

// Many processes one after the other: how long that takes is the machine's affair.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

/** How a run ended, with what it said. */
export interface RunEnded {
  /** What its process exits with. */
  readonly status: number | null;
  readonly summary: RunSummary;
  readonly events: readonly RunEvent[];
}

/** A run in this process. */
export interface Begun {
  /** What it said so far. */
  readonly events: readonly RunEvent[];
  readonly ended: Promise<RunEnded>;
}

export interface TrialOptions {
  readonly datasets: readonly string[];
  /** Lines of the pipeline, of the connection, and a last say about the whole text. */
  readonly pipeline?: string;
  readonly connection?: string;
  readonly yaml?: (text: string) => string;
  readonly sinks?: string;
}

/** Two days that are over in every zone, and that every trial loads unless it says otherwise. */
export const DAYS = {
  from: addDays(dayIn('UTC', new Date()), -5),
  to: addDays(dayIn('UTC', new Date()), -4),
} as const;

/**
 * A folder with a configuration over a sandbox, and runs in it: in this process, or in real ones
 * where what is tried lies between processes.
 */
export class Trial {
  readonly sandbox: Sandbox;
  readonly options: TrialOptions;
  readonly w: Workspace;
  readonly env: Record<string, string>;
  readonly #running = new Set<ChildProcess>();
  readonly #ownSandbox: boolean;

  private constructor(sandbox: Sandbox, ownSandbox: boolean, options: TrialOptions, w: Workspace) {
    this.sandbox = sandbox;
    this.#ownSandbox = ownSandbox;
    this.options = options;
    this.w = w;
    this.env = sandboxEnv(sandbox);
  }

  /** @param where a running sandbox, or how to start one of the trial's own. */
  static async make(where: Sandbox | SandboxOptions, options: TrialOptions): Promise<Trial> {
    const shared = 'apiUrl' in where;
    const sandbox = shared
      ? where
      : await startSandbox({ profiles: 3, days: 10, rows: 20, jobSeconds: 0.05, ...where });
    const trial = new Trial(sandbox, !shared, options, await Workspace.make());
    await trial.configure();
    return trial;
  }

  /** Writes the configuration, with another last say than at first where one is given. */
  configure(last: (text: string) => string = (text) => text): Promise<void> {
    const { datasets, pipeline = '', connection, sinks = '[warehouse]', yaml = (text) => text } = this.options;
    const text = sandboxYaml(this.sandbox, {
      datasets,
      sinks,
      pipeline: `until: ${DAYS.to}\n    ${pipeline}`,
      ...(connection === undefined ? {} : { connection }),
    });
    return this.w.write(last(yaml(text.replace('since: 3d', `since: ${DAYS.from}`))));
  }

  start(args: readonly string[], env: Record<string, string> = {}): Running {
    const running = startMillpond(this.w.folder, args, { ...this.env, ...env });
    this.#running.add(running.child);
    void running.ended.then(() => this.#running.delete(running.child));
    return running;
  }

  millpond(...args: string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /**
   * Begins a run in this process. Nobody may look into the warehouse from here before it has ended:
   * closing a file gives up every lock that the process has on it.
   * @throws MillpondError (`ended`) what a configuration is refused with.
   */
  begin(options: Partial<RunOptions> = {}, env: Record<string, string> = {}): Begun {
    for (const [name, value] of Object.entries({ ...this.env, ...env })) vi.stubEnv(name, value);
    const events: RunEvent[] = [];
    const ended = this.w.run(options, events).then(({ summary, exit }) => ({ status: exit, summary, events }));
    return { events, ended };
  }

  /** The same to its end. */
  run(options: Partial<RunOptions> = {}, env: Record<string, string> = {}): Promise<RunEnded> {
    return this.begin(options, env).ended;
  }

  /** `millpond run --json` in a process of its own, to its end. */
  async runProcess(...args: string[]): Promise<RunEnded & Ended> {
    return told(await this.millpond('run', '--json', ...args));
  }

  /** What the warehouse and the source disagree about, over the days of the trial. */
  differences(filter: TruthFilter = {}): Promise<string[]> {
    const { datasets } = this.options;
    return differencesFromTruth(this.sandbox, (sql) => this.sql(sql), { datasets, ...DAYS, ...filter });
  }

  /** Rows of the warehouse; waits for whoever has it open. */
  async sql(query: string, file = this.w.warehouse): Promise<Record<string, unknown>[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await queryFile(file, query);
      } catch (error) {
        if (tries > 100 || !/lock/i.test(String(error))) throw error;
        await sleep(50);
      }
    }
  }

  /** Entries of the journal that are in flight. */
  async inFlight(): Promise<string[]> {
    const names = await fs.readdir(path.join(this.w.folder, 'landing', 'journal'));
    return names.filter((name) => name.endsWith('.jsonl'));
  }

  /** Files that a process left half done. */
  async leftovers(): Promise<string[]> {
    const names = await fs.readdir(this.w.folder, { recursive: true });
    return names.filter((name) => path.basename(name).startsWith('.tmp-') || /landing\/staging\/./.test(name));
  }

  async end(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    if (this.#ownSandbox) await this.sandbox.close();
    await this.w.remove();
  }
}

/** Reads what `run --json` printed. */
export function told(ended: Ended): RunEnded & Ended {
  const lines = ended.stdout.trim().split('\n');
  const strange = lines.filter((line) => !/^\{.*\}$/.test(line));
  if (strange.length > 0) throw new Error(`No JSON on stdout: ${strange.join('\n')}\n${ended.stderr}`);
  return {
    ...ended,
    summary: JSON.parse(lines.at(-1)!) as RunSummary,
    events: lines.slice(0, -1).map((line) => JSON.parse(line) as RunEvent),
  };
}

/** Waits until something is so. @throws Error naming `what`, with what the process said, if it takes too long. */
export async function until(what: string, so: () => boolean | Promise<boolean>, running?: Running): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!(await so())) {
    const over = running !== undefined && (running.child.exitCode !== null || running.child.signalCode !== null);
    if (over && (await so())) return;
    if (over || performance.now() > deadline) {
      throw new Error(`Waited in vain until ${what}:\n${running?.output.stdout}\n${running?.output.stderr}`);
    }
    await sleep(15);
  }
}

/** How many events of a type a run has told so far. */
export function count(running: Running | Begun, type: RunEvent['type']): number {
  if ('events' in running) return running.events.filter((event) => event.type === type).length;
  return running.output.stdout.split(`{"type":"${type}"`).length - 1;
}
