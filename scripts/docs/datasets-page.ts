import type { Connector, Dataset, View } from '../../src/contracts/index.js';

/**
 * `docs/datasets.md`: what there is to load, from the connectors' catalogues. Datasets that share
 * their state, their slices and their filters stand in one table, with what they share above it.
 */
export function datasetsPage(connectors: readonly Connector[]): string {
  const sections = connectors.map(
    ({ name, datasets }) =>
      `## ${name}\n\n${datasets.length} datasets.\n\n${groups(datasets).map(section).join('\n\n')}`,
  );
  return `# Datasets

<!-- Printed from the connectors' catalogues by scripts/write-docs.ts: change those, not this page. -->

What a pipeline can load under \`datasets:\`. The table in the warehouse has the dataset's name. The key tells rows apart within a profile, and within a slice where there are days. \`millpond datasets NAME\` lists the columns of one, with types and the source's own names.

${sections.join('\n\n')}
`;
}

interface Group {
  readonly title: string;
  readonly facts: readonly string[];
  readonly datasets: Dataset[];
}

function groups(datasets: readonly Dataset[]): Group[] {
  const found = new Map<string, Group>();
  for (const dataset of datasets) {
    const title = `${dataset.title.split(':')[0]}${familyOf(dataset)}`;
    const known = found.get(title);
    if (known) known.datasets.push(dataset);
    else found.set(title, { title, facts: [], datasets: [dataset] });
  }
  return [...found.values()].map((group) => ({ ...group, facts: sharedFacts(group.datasets) }));
}

function familyOf({ name, tables }: Dataset): string {
  const family = /_(snapshot|report_v2|report|export)$/.exec(name)?.[1];
  if (family === undefined) return tables.length > 1 ? ', several tables' : '';
  return { snapshot: ': snapshots', report_v2: ': reports v2', report: ': reports', export: ': exports' }[family] ?? '';
}

/** Facts that hold for every dataset of a group. */
function sharedFacts(datasets: readonly Dataset[]): string[] {
  const [first, ...others] = datasets.map(factsOf);
  return (first ?? []).filter((fact) => others.every((facts) => facts.includes(fact)));
}

function factsOf(dataset: Dataset): string[] {
  const filters = Object.entries(dataset.filters).map(([name, values]) => `\`${name}\` (${values.join(', ')})`);
  return [
    stateOf(dataset),
    slicesOf(dataset),
    ...(filters.length > 0 ? [`**Filter:** ${filters.join(', ')}`] : []),
    ...dataset.limits.filter((limit) => !/^(?:GET|POST) /.test(limit)).map((limit) => `**Limit:** ${limit}`),
    ...(dataset.always ? ['**Always** loaded, named or not'] : []),
  ];
}

function stateOf({ state }: Dataset): string {
  if (state.kind === 'alive') return '**State:** served';
  if (state.kind === 'beta') return '**State:** beta';
  return state.since === null
    ? '**State:** switched off (no date was given)'
    : `**State:** switched off on ${state.since}`;
}

function slicesOf({ slicing }: Dataset): string {
  if (slicing.kind === 'as-of') return '**Slices:** current state, one a day';
  if (slicing.kind === 'cursor') return '**Slices:** as listed by the source';
  const parts = slicing.parts.length > 0 ? ` and tactic (${slicing.parts.join(', ')})` : '';
  return `**Slices:** one a day${parts}`;
}

function section({ title, facts, datasets }: Group): string {
  const rows = datasets.flatMap((dataset) => {
    const own = factsOf(dataset).filter((fact) => !facts.includes(fact));
    const { state, limits, tables } = dataset;
    return tables.map((table) => [
      `\`${table.name}\``,
      table.key.map((name) => `\`${name}\``).join(', '),
      String(table.columns.length),
      `\`${limits.find((limit) => /^(?:GET|POST) /.test(limit)) ?? ''}\``,
      state.kind === 'retired' ? state.successor : '',
      own.map((fact) => fact.replaceAll('**', '')).join('; '),
    ]);
  });
  const views = datasets.flatMap((dataset) => dataset.views ?? []);
  const heads = ['dataset', 'key', 'columns', 'endpoint', 'successor', 'besides'];
  const used = heads.map((_, i) => i < 2 || rows.some((cells) => cells[i] !== '' && cells[i] !== '``'));
  const line = (cells: readonly string[]) => `| ${cells.filter((_, i) => used[i]).join(' | ')} |`;
  return [
    `### ${title}`,
    facts.map((fact) => `- ${fact}`).join('\n'),
    [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n'),
    ...(views.length > 0 ? [['| view | about |', '| --- | --- |', ...views.map(viewLine)].join('\n')] : []),
  ].join('\n\n');
}

function viewLine({ name, parameters, description }: View): string {
  return `| \`${name}${parameters ? `(${parameters.join(', ')})` : ''}\` | ${description} |`;
}
