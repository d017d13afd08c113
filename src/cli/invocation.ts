import type { Command } from 'commander';
import { asMillpondError } from '../base/errors.js';
import type { Config } from '../config/types.js';
import type { Ctx } from '../contracts/index.js';
import { errorReport, explain } from './failures.js';
import { Output } from './output.js';
import { listenForStop } from './stop.js';

/** Options that every command takes, before or after its name. */
export interface GlobalFlags {
  readonly config: string;
  readonly json: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** One call of a command: what it may read, and where it writes. */
export interface Invocation {
  readonly flags: GlobalFlags;
  readonly output: Output;
  readonly signal: AbortSignal;
  /** Id of whatever called the command, for `millpond.runs`. */
  readonly parent: string | null;
  /** Reads the configuration. @throws MillpondError, see `loadConfig`. */
  config(): Promise<Config>;
  /** The context for everything below. */
  ctx(config: Config): Promise<Ctx>;
}

/** How a command differs from the others in its last words. */
export interface PerformOptions {
  /** Under `--json`, what stands for an error; by default {@link errorReport}. */
  readonly onError?: (error: ReturnType<typeof asMillpondError>, output: Output) => void;
  /** Called before a hard end. */
  readonly lastWords?: (output: Output) => void;
}

/**
 * Runs a command's work with signals, errors and exit code taken care of, and ends the process.
 * @param work returns the exit code.
 */
export async function perform(
  command: Command,
  work: (invocation: Invocation) => Promise<number>,
  options: PerformOptions = {},
): Promise<void> {
  const flags = command.optsWithGlobals<GlobalFlags>();
  const output = new Output(flags);
  const stop = listenForStop(() => options.lastWords?.(output));
  let exit: number;
  try {
    exit = await work({
      flags,
      output,
      signal: stop.signal,
      parent: process.env.MILLPOND_PARENT ?? null,
      config: async () => (await import('../config/index.js')).loadConfig(flags.config),
      ctx: (config) => contextOf(flags, config, stop.signal),
    });
  } catch (thrown) {
    const error = asMillpondError(thrown);
    if (!flags.json) explain(error, output);
    else if (options.onError) options.onError(error, output);
    else output.printJson(errorReport(error));
    exit = error.exit;
  }
  await output.flush();
  // Open handles of a cut-short run must not keep the process.
  process.exit(exit);
}

async function contextOf(flags: GlobalFlags, config: Config, signal: AbortSignal): Promise<Ctx> {
  const { createLog } = await import('./log.js');
  const { makeCtx } = await import('../pipelines/workspace.js');
  const log = createLog({ json: flags.json, verbose: flags.verbose });
  const quiet = { ...log, info() {} };
  return makeCtx({ signal, log: flags.quiet ? quiet : log, memoryBytes: config.memoryBytes });
}
