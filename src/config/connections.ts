import type { z } from 'zod';
import { registerSecret } from '../base/secrets.js';
import type { Connector } from '../contracts/index.js';
import type { Path, YamlDocument } from './document.js';
import { noteIssues, parseTree, suggest } from './issues.js';
import { Problems } from './problems.js';
import { hasReference, interpolate, referenceFault } from './references.js';
import { mapStrings, valueAt } from './tree.js';
import type { ConnectionConfig } from './types.js';

/** A connection while the file is being checked: what it hands out, and what was written. */
export interface CheckedConnection {
  readonly config: ConnectionConfig;
  readonly connector: Connector;
  /** The connector's keys as it reads them, references unresolved. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** Names that DuckDB or Millpond keeps for itself. */
const RESERVED_SCHEMAS: readonly string[] = ['millpond', 'main', 'temp', 'system', 'information_schema', 'pg_catalog'];

/**
 * Checks a connection as far as that goes without its secrets: a value that is a reference is
 * judged when it is resolved.
 * @param tree the whole mapping as written, `connector` and `schema` resolved already.
 */
export function checkConnection(
  name: string,
  tree: Readonly<Record<string, unknown>> & { readonly connector: string; readonly schema?: string | undefined },
  context: {
    /** As the user named it. */
    readonly file: string;
    /** Absolute; what `${file:…}` is relative to. */
    readonly folder: string;
    readonly document: YamlDocument;
    readonly connectors: readonly Connector[];
    readonly problems: Problems;
  },
): CheckedConnection | undefined {
  const { document, problems } = context;
  const prefix = ['connections', name];
  const connector = context.connectors.find((one) => one.name === tree.connector);
  if (!connector) {
    const known = context.connectors.map((one) => one.name);
    problems.add([...prefix, 'connector'], `unknown connector; ${suggest(tree.connector, known)}`);
    return undefined;
  }
  const schema = tree.schema ?? connector.schema;
  if (RESERVED_SCHEMAS.includes(schema.toLowerCase())) {
    problems.add([...prefix, 'schema'], `\`${schema}\` is taken; choose another name`);
  }
  const { connector: _connector, schema: _schema, ...written } = tree;
  mapStrings(written, (text, at) => {
    const fault = referenceFault(text);
    if (fault) problems.add([...prefix, ...at], fault);
    else if (isSecret(connector, at) && !hasReference(text)) registerSecret(text);
    return text;
  });
  const parsed = parseTree(connector.config, written);
  if (!parsed.success) {
    const issues = parsed.error.issues.filter((issue) => !isOpen(issue, written));
    noteIssues(problems, { issues } as z.ZodError, { schema: connector.config, tree: written, prefix });
  }

  const reload = (): unknown => {
    const missing = new Problems(context.file, document);
    const values = resolveConnection(connector, written, { folder: context.folder, prefix, missing });
    missing.throwIfAny();
    return values;
  };
  const resolve = (): unknown => {
    const values = reload();
    const result = parseTree(connector.config, values);
    if (result.success) return result.data;
    const wrong = new Problems(context.file, document);
    noteIssues(wrong, result.error, { schema: connector.config, tree: values, prefix });
    wrong.throwIfAny();
  };
  const settings = parsed.success ? (parsed.data as Record<string, unknown>) : written;
  return { config: { name, connector: connector.name, schema, settings, resolve, reload }, connector, settings };
}

/** The connector's keys with every reference resolved, and every secret among them registered. */
function resolveConnection(
  connector: Connector,
  written: unknown,
  context: { readonly folder: string; readonly prefix: Path; readonly missing: Problems },
): unknown {
  return mapStrings(written, (text, at) => {
    const { text: value, resolved, missing } = interpolate(text, context.folder);
    for (const one of missing) context.missing.add([...context.prefix, ...at], one, { code: 'E_SECRET_MISSING' });
    const secret = isSecret(connector, at);
    for (const one of resolved) if (secret || one.kind === 'file') registerSecret(one.value);
    if (secret) registerSecret(value);
    return value;
  });
}

function isSecret(connector: Connector, at: Path): boolean {
  return connector.secrets.includes(String(at[0])) || connector.secrets.includes(at.join('.'));
}

/** Whether an issue may go away once references are resolved. */
function isOpen(issue: z.core.$ZodIssue, written: unknown): boolean {
  const value = valueAt(written, issue.path);
  if (typeof value === 'string') return hasReference(value);
  return issue.code === 'invalid_union' && holdsReference(value);
}

function holdsReference(value: unknown): boolean {
  let found = false;
  mapStrings(value, (text) => {
    found ||= hasReference(text);
    return text;
  });
  return found;
}
