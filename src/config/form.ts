import type { z } from 'zod';
import { registerSecret } from '../base/secrets.js';
import type { Path, YamlDocument } from './document.js';
import { noteIssues, parseTree } from './issues.js';
import type { Problems } from './problems.js';
import { interpolate, referenceFault } from './references.js';
import { fileSchema, type WrittenConfig } from './schema.js';
import { isMapping, mapStrings, without } from './tree.js';

/** What could be read of a file. */
export interface Salvage {
  /** The parts without a problem of form. */
  readonly written: WrittenConfig;
  /** Names of all entries of a section, also of those with a problem. */
  names(section: 'connections' | 'sinks' | 'pipelines'): string[];
}

/**
 * Checks the form of a file, and goes on with what is right of it, so that all problems are told
 * at once. References outside connections are resolved.
 * @returns undefined where too little is right to go on.
 */
export function readForm(document: YamlDocument, folder: string, problems: Problems): Salvage | undefined {
  if (!isMapping(document.value)) {
    problems.add([], document.value === null ? 'the file is empty' : 'the file must be a mapping of keys');
    return undefined;
  }
  const open: string[] = [];
  const own = Object.fromEntries(Object.entries(document.value).filter(([key]) => !key.startsWith('x-')));
  const tree = mapStrings(own, (text, path) => {
    if (isConnectors(path)) return text;
    const fault = referenceFault(text);
    const { text: value, resolved, missing } = interpolate(text, folder);
    if (fault !== undefined) problems.add(path, fault);
    for (const one of missing) problems.add(path, one, { code: 'E_SECRET_MISSING' });
    if (fault !== undefined || missing.length > 0) open.push(path.join('\0'));
    for (const one of resolved) if (one.kind === 'file') registerSecret(one.value);
    return value;
  });

  const parsed = parseTree(fileSchema, tree);
  const names = (section: string) => (isMapping(own[section]) ? Object.keys(own[section]) : []);
  if (parsed.success) return { written: parsed.data, names };
  const issues = parsed.error.issues.filter((issue) => !open.includes(issue.path.join('\0')));
  noteIssues(problems, { issues } as z.ZodError, { schema: fileSchema, tree, prefix: [] });
  const written = salvage(tree, parsed.error.issues);
  return written && { written, names };
}

/** What remains of a tree without its mistakes: without their keys, else the mappings around them, else the entries. */
function salvage(tree: unknown, issues: readonly z.core.$ZodIssue[]): WrittenConfig | undefined {
  let rest: unknown = { ...(tree as object), version: 1 };
  let open = issues;
  for (let around = 0; around < 4; around++) {
    rest = open.flatMap((issue) => pathsOf(issue, around)).reduce<unknown>(without, rest);
    const parsed = parseTree(fileSchema, rest);
    if (parsed.success) return parsed.data;
    open = parsed.error.issues;
  }
  return undefined;
}

/** Where an issue is, or the mapping so many levels around it, up to the entry of a section. */
function pathsOf(issue: z.core.$ZodIssue, around: number): Path[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => [...issue.path, key]);
  return [issue.path.slice(0, Math.max(2, issue.path.length - around))];
}

/** Values that belong to a connector: its connections but for `connector` and `schema`. */
function isConnectors(path: Path): boolean {
  return path[0] === 'connections' && !(path.length === 3 && (path[2] === 'connector' || path[2] === 'schema'));
}
