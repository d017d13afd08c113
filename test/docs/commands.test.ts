import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { blocks, inlineCode, page, pages, tableBelow } from './pages.js';

/** Calls of `millpond` in a text, each as its words, up to the end of the command. */
function callsIn(shell: string): string[][] {
  return shell
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => line.split(/ && |; /))
    .map((line) => /(?:^|\s)(?:npx )?millpond(?= |$)(.*)$/.exec(line)?.[1])
    .filter((rest) => rest !== undefined)
    .map(words);
}

function words(rest: string): string[] {
  const found = [...rest.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)];
  const end = found.findIndex(([word]) => /^(?:\||>+|2>|#)/.test(word));
  return found.slice(0, end < 0 ? undefined : end).map(([, double, single, bare]) => double ?? single ?? bare ?? '');
}

/** What is wrong with a call, or undefined. Takes no notice of the values of options. */
function fault(program: Command, call: readonly string[]): string | undefined {
  let command = program;
  for (let i = 0; i < call.length; i++) {
    const word = call[i]!;
    if (word.startsWith('-')) {
      const option = [...command.options, ...program.options].find(
        ({ long, short, attributeName }) => word === long || word === short || word === `--no-${attributeName}`,
      );
      if (word === '--help' || word === '-h') continue;
      if (!option) return `${command.name()} has no option ${word}`;
      if (option.required) i += 1;
    } else if (command.commands.length > 0) {
      const next = command.commands.find((one) => one.name() === word);
      if (!next) return `there is no command ${[command.name(), word].filter((name) => name !== 'millpond').join(' ')}`;
      command = next;
    } else if (command.registeredArguments.length === 0) {
      return `${command.name()} takes no ${word}`;
    }
  }
  return undefined;
}

describe('commands in pages', () => {
  const program = createProgram();

  it.each(pages().map(({ name }) => name))('%s: each exists, with its options', (name) => {
    const one = page(name);
    const inBlocks = blocks(one, 'sh').flatMap(({ code }) => callsIn(code));
    const inline = inlineCode(one)
      .filter((code) => /^(?:npx )?millpond /.test(code))
      .flatMap(callsIn);
    for (const call of [...inBlocks, ...inline]) {
      expect(fault(program, call), `${name}: millpond ${call.join(' ')}`).toBeUndefined();
    }
  });

  it('this test can fail', () => {
    expect(callsIn('npx millpond run --json | tail -1 # the summary')).toEqual([['run', '--json']]);
    expect(fault(program, ['rum'])).toBe('there is no command rum');
    expect(fault(program, ['partner-central', 'job', 'begin'])).toBe('there is no command job begin');
    expect(fault(program, ['run', '--relaod'])).toBe('run has no option --relaod');
    expect(fault(program, ['--config', 'x.yaml', 'run', 'ads_daily'])).toBeUndefined();
  });

  it('docs/sandbox.md lists the options of the sandbox', () => {
    const sandbox = program.commands.find((one) => one.name() === 'sandbox');
    const listed = [...page('docs/sandbox.md').text.matchAll(/^\| `(--[\w-]+)` \|/gm)].map(([, option]) => option);
    expect(listed).toEqual(sandbox?.options.map(({ long }) => long));
  });

  it('the changelog names every command', () => {
    const text = page('CHANGELOG.md').text;
    for (const { name } of program.commands.map((one) => ({ name: one.name() }))) expect(text).toContain(`\`${name}\``);
  });

  it('docs/operations.md lists the exit codes of the help', () => {
    let help = '';
    program.configureOutput({ writeOut: (text) => (help += text) });
    program.outputHelp();
    const told = [...help.matchAll(/^ {2}(\d+) {2,}/gm)].map(([, exit]) => exit!);
    const listed = tableBelow(page('docs/operations.md'), '## Any scheduler').map(([exit]) => exit!);
    expect(told.length).toBeGreaterThan(3);
    expect(listed.filter((exit) => exit !== '99')).toEqual(told);
  });
});
