import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { MillpondError, systemCode } from '../../../base/errors.js';
import { throwIfAborted } from '../../../base/retry.js';
import type { Ctx } from '../../../contracts/index.js';
import type { OpenMaking } from '../../../pipelines/makers.js';
import { type Invocation, perform } from '../../invocation.js';
import type { ConnectionOption, WriteOptions } from './options.js';

/** A command's work with the making of its connection open. */
export type Work = (open: OpenMaking, invocation: Invocation, ctx: Ctx) => Promise<number>;

/** Runs a command that only reads. */
export function performReading(command: Command, options: ConnectionOption, work: Work): Promise<void> {
  return perform(command, (invocation) => withMaking(invocation, options, work));
}

/** Runs a command that writes; off a terminal it must have been told so. */
export function performWriting(command: Command, options: WriteOptions, work: Work): Promise<void> {
  return perform(command, async (invocation) => {
    if (!options.yes && !options.dryRun && !isTerminal()) {
      throw new MillpondError('E_USAGE', 'This writes at AWS Partner Central, and there is no terminal to ask on', {
        hint: 'Look with --dry-run what it would do; do it with --yes.',
      });
    }
    return withMaking(invocation, options, work);
  });
}

async function withMaking(invocation: Invocation, { connection }: ConnectionOption, work: Work): Promise<number> {
  const config = await invocation.config();
  const { openMaking } = await import('../../../pipelines/makers.js');
  const open = await openMaking(config, connection);
  try {
    return await work(open, invocation, await invocation.ctx(config));
  } finally {
    await open.close();
  }
}

/** Somebody to ask: they read what is said, and can answer. */
function isTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** What a writing command says before it does anything, and how it ends. */
export interface Announcement {
  /** For people, a line each. */
  readonly lines: readonly string[];
  /** The same for `--json`. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** Says what will be done; then does it, unless it was only to be said, or somebody says no. */
export async function announce(
  { lines, report }: Announcement,
  options: WriteOptions,
  { output, flags, signal }: Invocation,
  act: () => Promise<Announcement>,
): Promise<number> {
  if (options.dryRun) {
    if (flags.json) output.printJson({ ...report, dry_run: true });
    else for (const line of lines) output.print(line);
    return 0;
  }
  const asking = !options.yes;
  for (const line of lines) asking ? output.warn(line) : output.note(line);
  if (asking && !(await confirmed({ input: process.stdin, output: process.stderr }, signal))) {
    if (flags.json) output.printJson({ ...report, outcome: 'declined' });
    output.warn('Nothing was done.');
    return 1;
  }
  const done = await act();
  if (flags.json) output.printJson({ ...report, ...done.report });
  else for (const line of done.lines) output.print(line);
  return 0;
}

/** Asks, and waits for the answer; no answer (Ctrl-D) is a no. @throws MillpondError `E_INTERRUPTED`. */
export async function confirmed(
  { input, output }: { readonly input: NodeJS.ReadableStream; readonly output: NodeJS.WritableStream },
  signal: AbortSignal,
): Promise<boolean> {
  const lines = createInterface({ input, output });
  // A terminal hands Ctrl-C to whoever reads it: it means here what it means everywhere.
  lines.on('SIGINT', () => process.emit('SIGINT'));
  try {
    const end = once(lines, 'close').then(() => '');
    const answer = await Promise.race([lines.question('Do it? [y/N] ', { signal }), end]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    throwIfAborted(signal);
    if (systemCode(error) === 'ABORT_ERR') return false;
    throw error;
  } finally {
    lines.close();
  }
}
