import { connectors as allConnectors } from '../connectors/registry.js';
import type { Connector } from '../contracts/index.js';
import { exampleYaml } from './examples.js';
import { toJsonSchema } from './issues.js';
import { connectionPart, type JsonSchema } from './json-schema.js';
import { fileSchema } from './schema.js';

/** `docs/configuration.md`: the reference of every key, printed from the schema. */
export function configurationPage(connectors: readonly Connector[] = allConnectors): string {
  const file = toJsonSchema(fileSchema);
  const section = (name: string) => file.properties![name] as JsonSchema;
  const entries = (name: string) => section(name).additionalProperties as JsonSchema;
  const pipeline = entries('pipelines').properties!;
  const datasets = (pipeline.datasets as JsonSchema).items as JsonSchema;
  const snapshots = ((pipeline.snapshots as JsonSchema).properties!.create as JsonSchema).items as JsonSchema;
  return [
    INTRODUCTION,
    '## The file',
    table(file, { deep: false }),
    '## Connections',
    'Each has a name of your own. What else it may say depends on its `connector`.',
    ...connectors.flatMap((connector) => [`### ${connector.name}`, table(connectionPart(connector))]),
    '## Landing',
    'A folder as plain text is short for `{ path: … }`.',
    table(section('landing')),
    '## Sinks',
    table(entries('sinks')),
    '## Pipelines',
    table(entries('pipelines')),
    '### Datasets',
    'An entry is a name, a glob, an exclusion (`"!sd_*"`), or a mapping:',
    table(datasets),
    '### Snapshots',
    'An entry of `snapshots.create` is one resource in one engagement. [How they are made](partner-central-making.md) is a page of its own.',
    table(snapshots),
    RULES,
    '## A whole file',
    `\`\`\`yaml\n${exampleYaml({ sandbox: false })}\`\`\``,
  ]
    .join('\n\n')
    .concat('\n');
}

const INTRODUCTION = `# Configuration

<!-- Printed from the schema in src/config/schema.ts by scripts/write-schema.ts: change that, not this page. -->

Millpond reads \`millpond.yaml\` in the current folder, or the file that \`--config\` names. \`millpond init\` writes one; \`millpond check --offline\` reads it and tells everything that is wrong with it, each with its line.

- **Durations** are \`5s\`, \`2m\`, \`6h\`, \`30d\`; **sizes** \`500MB\`, \`1GB\` (powers of 1000) or \`512MiB\`, \`1GiB\`; **days** \`2026-10-01\`.
- **Paths** are relative to the file.
- **References** may stand in any text: \`\${env:NAME}\` is an environment variable (an empty one counts as not set), \`\${env:NAME:-default}\` has a default, \`\${file:PATH}\` is the content of a file without its last line break. \`$\${\` stands for the characters \`\${\`. Those of a connection are resolved when it is opened and again at each login, so that a changed secret file counts; commands that open no connection need none of them.
- **Anchors** and merge keys (\`<<\`) work; keys of the file that begin with \`x-\` are ignored and can hold anchors.
- **Editors** complete and check the file with \`millpond.schema.json\`; \`millpond init\` writes the line that names it.`;

const RULES = `## What cannot stand side by side

- Two pipelines that load one dataset of one connection into one sink with different columns or filters.
- Two connections of one connector that may see the same scope, in one sink: a sink knows what it holds by dataset and scope. Different regions or catalogs never overlap, nor do \`profiles\` filters that share nothing.
- Two connections that load one catalog into one schema of a warehouse, whichever accounts they are: give one of them another \`schema\`. A lake has no schemas: the second account needs a lake of its own.
- Two sinks with one path; a landing folder inside a sink, or a sink inside the landing folder.
- A DuckDB file named like a schema (\`millpond.duckdb\`, \`amazon_ads.duckdb\`): DuckDB could not tell the two apart.`;

/** One row a key; those of mappings inside follow with dotted names. */
function table(schema: JsonSchema, options: { readonly deep: boolean } = { deep: true }): string {
  return ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows(schema, '', options.deep)].join(
    '\n',
  );
}

function rows(schema: JsonSchema, prefix: string, deep: boolean): string[] {
  const object = mappingOf(schema);
  return Object.entries(object?.properties ?? {}).flatMap(([key, value]) => {
    const property = value as JsonSchema;
    const required = object!.required?.includes(key) ?? false;
    const row = [
      `\`${prefix}${key}\``,
      typeName(property),
      defaultText(property, required),
      property.description ?? '',
    ];
    const line = `| ${row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
    return deep ? [line, ...rows(property, `${prefix}${key}.`, deep)] : [line];
  });
}

/** The branch of a schema that is a mapping with keys of its own. */
function mappingOf(schema: JsonSchema): JsonSchema | undefined {
  const branches = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return branches.find((branch) => branch.properties !== undefined);
}

function typeName(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return [...new Set(branches.map(typeName))].join(' or ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.type === 'array') return `list of ${typeName(schema.items as JsonSchema)}`;
  return [schema.type ?? 'any']
    .flat()
    .map((type) => TYPE_NAMES[type] ?? type)
    .join(' or ');
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  object: 'mapping',
  boolean: 'true or false',
};

function defaultText(schema: JsonSchema, required: boolean): string {
  if (required) return '**required**';
  if (schema.default === undefined || typeof schema.default === 'object') return '';
  return code(schema.default);
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}
