import { writeSync } from 'node:fs';
import type { Command } from 'commander';
import { MillpondError } from '../base/errors.js';
import type { Config } from '../config/types.js';
import type { Ctx } from '../contracts/index.js';
import type { RunEvent, RunResult } from '../pipelines/events.js';
import { type Invocation, perform } from './invocation.js';
import { failedSummary, summaryLine, summaryLines } from './render/summary.js';

/** What a command that ends with a run's summary works with. */
export interface RunCall extends Pick<Invocation, 'parent'> {
  readonly config: Config;
  /** Its log does not write into the progress line. */
  readonly ctx: Ctx;
  onEvent(event: RunEvent): void;
}

/**
 * Performs a command that commits slices: shows its events while it works, and ends with the
 * summary, under `--json` as the last line on stdout whatever happens.
 * @param exitOf the exit code where it is not the result's own.
 */
export function performRun(
  command: Command,
  work: (call: RunCall) => Promise<RunResult>,
  exitOf: (result: RunResult) => number = ({ exit }) => exit,
): Promise<void> {
  return perform(
    command,
    async (invocation) => {
      const { output, flags, parent } = invocation;
      const config = await invocation.config();
      const { chooseView } = await import('./render/run-view.js');
      const ctx = await invocation.ctx(config);
      const view = chooseView(output, flags.quiet);
      try {
        const call = { config, parent, ctx: { ...ctx, log: view.log(ctx.log) }, onEvent: view.onEvent };
        const result = await work(call);
        view.end();
        if (flags.json) output.print(summaryLine(result.summary));
        else for (const line of summaryLines(result.summary)) output.note(line);
        return exitOf(result);
      } finally {
        view.end();
      }
    },
    {
      onError: (error, output) => output.print(summaryLine(failedSummary(error))),
      lastWords: (output) => {
        if (output.json) writeSync(1, `${summaryLine(failedSummary(interrupted()))}\n`);
      },
    },
  );
}

function interrupted(): MillpondError {
  return new MillpondError('E_INTERRUPTED', 'Interrupted before the run could say what it did');
}
