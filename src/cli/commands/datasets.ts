import { type Command, Option } from 'commander';
import { MillpondError } from '../../base/errors.js';
import { perform } from '../invocation.js';

/** `millpond datasets` */
export function addDatasets(program: Command): void {
  program
    .command('datasets')
    .summary('show what there is to load')
    .description(
      'The catalogue: which datasets there are, whether the source still serves them, how they are sliced. With names, their columns, keys, filters and limits. Needs no configuration, secret or network.',
    )
    .argument('[name...]', 'datasets to explain, globs allowed')
    .addOption(new Option('--connector <name>', 'only those of one connector'))
    .addHelpText(
      'after',
      `
Examples:
  $ millpond datasets
  $ millpond datasets sp_campaigns_report_v2
  $ millpond datasets "sb_*" --json | jq '.[].name'`,
    )
    .action((names: string[], options: { connector?: string }, command: Command) =>
      perform(command, async ({ flags, output }) => {
        const { connectors } = await import('../../connectors/registry.js');
        const { chooseDatasets, datasetReport } = await import('../catalogue.js');
        const chosen = connectors.filter(({ name }) => options.connector === undefined || name === options.connector);
        if (chosen.length === 0) {
          throw new MillpondError('E_NOT_FOUND', `There is no connector ${options.connector}`, {
            hint: `There are: ${connectors.map(({ name }) => name).join(', ')}.`,
          });
        }
        const datasets = chooseDatasets(chosen, names);
        if (flags.json) {
          output.printJson(datasets.map(datasetReport));
          return 0;
        }
        const { datasetPage, datasetTable } = await import('../render/datasets.js');
        output.print(names.length === 0 ? datasetTable(datasets) : datasets.map(datasetPage).join('\n\n'));
        if (names.length === 0) output.note('\nColumns, keys and limits of one: millpond datasets NAME');
        return 0;
      }),
    );
}
