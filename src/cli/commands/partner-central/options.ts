import { type Command, InvalidArgumentError, Option } from 'commander';
import { SNAPSHOT_NAMES, SNAPSHOT_TEMPLATES } from '../../../contracts/index.js';

/** Reads a name of the service's, refused with words where it cannot be one. */
export function named(kind: keyof typeof SNAPSHOT_NAMES) {
  const { pattern, expected } = SNAPSHOT_NAMES[kind];
  return (text: string): string => {
    if (!pattern.test(text)) throw new InvalidArgumentError(expected);
    return text;
  };
}

/** Gathers `--tag KEY=VALUE`. */
export function tag(text: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write it as KEY=VALUE.');
  const key = named('tagKey')(text.slice(0, at));
  if (key in before) throw new InvalidArgumentError(`${key} is given twice.`);
  return { ...before, [key]: named('tagValue')(text.slice(at + 1)) };
}

/** What every command of the group takes. */
export interface ConnectionOption {
  readonly connection?: string;
}

/** What every command that writes takes. */
export interface WriteOptions extends ConnectionOption {
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** What names a view, and what is sent with it. */
export interface ViewOptions extends WriteOptions {
  readonly engagement: string;
  readonly resource: string;
  readonly template: string;
  readonly clientToken?: string;
  readonly tag: Readonly<Record<string, string>>;
}

export function addConnection(command: Command): Command {
  return command.option('--connection <name>', 'the connection; may be left out where only one can make snapshots');
}

export function addWrite(command: Command): Command {
  return addConnection(command)
    .option('--dry-run', 'only say what would be done, and who would see it', false)
    .option('--yes', 'do it without being asked', false);
}

/** The options that name a view: engagement, opportunity, template. */
export function addView(command: Command): Command {
  return addWrite(
    command
      .requiredOption('--engagement <id>', 'the engagement, eng-…', named('engagement'))
      .requiredOption('--resource <id>', 'the opportunity, O…', named('resource'))
      .addOption(
        new Option('--template <name>', 'what of it is shown').choices(SNAPSHOT_TEMPLATES).makeOptionMandatory(),
      )
      .option(
        '--client-token <token>',
        'a name of your own for this making: it is then made once',
        named('clientToken'),
      )
      .option('--tag <key=value>', 'a tag (repeats); for jobs, AWS takes none for snapshots', tag, {}),
  );
}
