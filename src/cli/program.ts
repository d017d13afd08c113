import { readFileSync } from 'node:fs';
import { Command, Help, type Option } from 'commander';
import { addCheck } from './commands/check.js';
import { addDatasets } from './commands/datasets.js';
import { addDemo } from './commands/demo.js';
import { addExport } from './commands/export.js';
import { addImport } from './commands/import.js';
import { addInit } from './commands/init.js';
import { addPartnerCentral } from './commands/partner-central/index.js';
import { addPlan } from './commands/plan.js';
import { addRejects } from './commands/rejects.js';
import { addReplay } from './commands/replay.js';
import { addRun } from './commands/run.js';
import { addSandbox } from './commands/sandbox.js';
import { addSchedule } from './commands/schedule.js';
import { addSql } from './commands/sql.js';
import { addStatus } from './commands/status.js';
import { addVerify } from './commands/verify.js';

const AFTER_HELP = `
Exit codes:
  0    done, also with nothing to do (99 then, under run --skip-exit-code)
  1    something failed; what could be committed is
  2    configuration: something must be changed before it can work
  75   call again later: source unreachable, warehouse locked, jobs still waiting
  130  interrupted; the next run resumes

First steps, without an account:
  $ millpond demo                    a tour in under a minute
  $ millpond sandbox                 an Amazon Ads of your own; then, in another terminal:
  $ millpond init --sandbox && millpond check && millpond run
  $ millpond sql "FROM profiles"`;

/** The command line. Each command loads what it needs when it is called, so that help is quick. */
export function createProgram(): Command {
  const program = new Command('millpond')
    .description(
      'Pulls finished exports from slow, asynchronous APIs into DuckDB and Parquet, each slice exactly once.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .option('-c, --config <file>', 'configuration', './millpond.yaml')
    .option('--json', 'answer in JSON, for machines', false)
    .option('-v, --verbose', 'say more on stderr', false)
    .option('-q, --quiet', 'say only what went wrong', false)
    .helpOption('-h, --help', 'explain a command')
    .configureHelp({ showGlobalOptions: true, optionDescription: describeOption })
    .configureOutput({ outputError: () => {} })
    .exitOverride()
    .addHelpText('after', AFTER_HELP);
  for (const add of [
    addInit,
    addCheck,
    addDatasets,
    addPlan,
    addRun,
    addStatus,
    addRejects,
    addReplay,
    addImport,
    addVerify,
    addSql,
    addExport,
    addSchedule,
    addPartnerCentral,
    addSandbox,
    addDemo,
  ]) {
    add(program);
  }
  return program;
}

/** Leaves out defaults that go without saying. */
function describeOption(option: Option): string {
  const { defaultValue } = option;
  if (defaultValue === false || (Array.isArray(defaultValue) && defaultValue.length === 0)) return option.description;
  return new Help().optionDescription(option);
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
