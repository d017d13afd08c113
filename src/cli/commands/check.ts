import type { Command } from 'commander';
import { ERRORS, type ErrorCode, worstExit } from '../../base/errors.js';
import type { CheckResult } from '../checks.js';
import { type Invocation, perform } from '../invocation.js';
import { printable } from '../render/table.js';

/** `millpond check` */
export function addCheck(program: Command): void {
  program
    .command('check')
    .summary('try configuration, credentials, sinks')
    .description(
      'Tries everything a run will need, a line each, with the remedy: the file, secrets, login, the profiles seen, sinks and landing folder, and which datasets were switched off.',
    )
    .option('--offline', 'only what needs no secret and no network', false)
    .addHelpText(
      'after',
      `
Examples:
  $ millpond check
  $ millpond check --offline       in a build, without secrets
  $ millpond check --json | jq 'select(.ok | not)'`,
    )
    .action((options: { offline: boolean }, command: Command) =>
      perform(command, async (invocation) => {
        const config = await invocation.config();
        const { checkOffline, checkOnline } = await import('../checks.js');
        const results: CheckResult[] = [];
        const tell = (result: CheckResult): void => {
          results.push(result);
          show(result, invocation);
        };
        for (const result of checkOffline(config)) tell(result);
        if (!options.offline) {
          for await (const result of checkOnline(config, await invocation.ctx(config))) tell(result);
        }
        return worstExit(results.filter((result) => !result.ok).map(exitOf));
      }),
    );
}

function show(result: CheckResult, { output, flags }: Invocation): void {
  if (flags.json) {
    output.printJson(result);
    return;
  }
  const mark = !result.ok ? '✗' : result.warning ? '!' : '✓';
  output.print(printable(`${mark} ${result.what}: ${result.detail}`));
  if (result.remedy !== undefined) output.print(`  → ${result.remedy}`);
}

function exitOf(result: CheckResult): number {
  return result.code !== undefined && result.code in ERRORS ? ERRORS[result.code as ErrorCode].exit : 1;
}
