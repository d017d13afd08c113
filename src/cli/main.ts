import { CommanderError } from 'commander';
import { asMillpondError, MillpondError } from '../base/errors.js';
import { errorReport, explain } from './failures.js';
import { Output } from './output.js';
import { createProgram } from './program.js';
import { failedSummary } from './render/summary.js';

/** Commands whose last line is a run's summary. */
const RUN_LIKE = ['run', 'replay', 'import'];

/*
 * The process `millpond`: reads its arguments, runs one command, and ends with its exit code.
 * A crash is told like any other error, and what it interrupts is resumed.
 */
process.on('uncaughtException', (thrown) => process.exit(lastWords(thrown)));
try {
  await createProgram().parseAsync(process.argv);
} catch (thrown) {
  process.exitCode = lastWords(thrown);
}

/** Prints help, or what went wrong. @returns the exit code. */
function lastWords(thrown: unknown): number {
  // Help and version are thrown too, after they were printed.
  if (thrown instanceof CommanderError && thrown.exitCode === 0) return 0;
  if (thrown instanceof CommanderError && thrown.code === 'commander.help') return 2;
  const error = thrown instanceof CommanderError ? usageError(thrown) : asMillpondError(thrown);
  const json = process.argv.includes('--json');
  const output = new Output({ json, quiet: false });
  if (!json) explain(error, output);
  else if (process.argv.some((word) => RUN_LIKE.includes(word))) output.printJson(failedSummary(error));
  else output.printJson(errorReport(error));
  return error.exit;
}

/** Commander's words: `error: unknown option '--relod'`, and on the next line the nearest right one. */
function usageError(error: CommanderError): MillpondError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const near = /^\((.*)\)$/.exec(suggestion ?? '')?.[1];
  return new MillpondError('E_USAGE', message, near === undefined ? {} : { hint: near });
}
