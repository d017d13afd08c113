import { z } from 'zod';
import { nearest } from '../base/names.js';
import type { Path } from './document.js';
import type { Problems } from './problems.js';
import { valueAt } from './tree.js';

type Issue = z.core.$ZodIssue;
type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * Parses a tree whose integers are bigints. Where the schema wants a number, it gets one; ids
 * beyond 2^53 stay what they are.
 */
export function parseTree<S extends z.ZodType>(schema: S, tree: unknown): z.ZodSafeParseResult<z.output<S>> {
  const exact = schema.safeParse(tree);
  if (exact.success) return exact;
  const refused = exact.error.issues.filter((issue) => issue.code !== 'unrecognized_keys').map((issue) => issue.path);
  const eased = schema.safeParse(refused.reduce<unknown>((value, path) => withNumbers(value, path), tree));
  return eased.success || eased.error.issues.length <= exact.error.issues.length ? eased : exact;
}

/** A copy in which the safe integers at `path`, or below it, are numbers. */
function withNumbers(value: unknown, path: Path): unknown {
  if (typeof value === 'bigint') {
    return path.length === 0 && BigInt.asIntN(54, value) === value ? Number(value) : value;
  }
  if (value === null || typeof value !== 'object') return value;
  const [step, ...rest] = path;
  const ease = (item: unknown, key: PropertyKey) =>
    step === undefined || String(step) === String(key) ? withNumbers(item, rest) : item;
  if (Array.isArray(value)) return value.map(ease);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, ease(item, key)]));
}

/** Notes what a schema found wrong with `tree`, which stands at `prefix` in the file. */
export function noteIssues(
  problems: Problems,
  error: z.ZodError,
  of: { readonly schema: z.ZodType; readonly tree: unknown; readonly prefix: Path },
): void {
  for (const issue of error.issues) noteIssue(problems, issue, of, []);
}

function noteIssue(
  problems: Problems,
  issue: Issue,
  of: { readonly schema: z.ZodType; readonly tree: unknown; readonly prefix: Path },
  above: Path,
): void {
  const inTree = [...above, ...issue.path];
  const path = [...of.prefix, ...inTree];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(toJsonSchema(of.schema), inTree);
    for (const key of issue.keys) {
      problems.add([...path, key], `unknown key; ${suggest(key, known)}`, { part: 'key' });
    }
    return;
  }
  if (issue.code === 'invalid_key') {
    problems.add(path, issue.issues[0]?.message ?? issue.message, { part: 'key' });
    return;
  }
  const value = valueAt(of.tree, inTree);
  if (issue.code === 'invalid_union' && value !== undefined) {
    const branch = nearestBranch(issue);
    if (branch) {
      for (const inner of branch) noteIssue(problems, inner, of, inTree);
      return;
    }
  }
  if (value === undefined) problems.add(path, 'is missing', { part: 'key' });
  else problems.add(path, describe(issue, value));
}

/** The branch of a union that was meant: the one that accepts the kind of value that is there. */
function nearestBranch(issue: z.core.$ZodIssueInvalidUnion): readonly Issue[] | undefined {
  const meant = issue.errors.filter((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys' || inner.code === 'too_small'),
  );
  return meant.toSorted((a, b) => a.length - b.length)[0];
}

function describe(issue: Issue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input')
        ? `expected ${kindName(issue.expected)}, found ${kindOf(value)}`
        : issue.message;
    case 'invalid_value':
      if (!issue.message.startsWith('Invalid')) return issue.message;
      return typeof value === 'string'
        ? `unknown value; ${suggest(value, issue.values.map(String))}`
        : `expected ${issue.values.map(String).join(' or ')}, found ${kindOf(value)}`;
    case 'too_small':
      return issue.origin === 'array' ? 'the list must not be empty' : issue.message;
    default:
      return issue.message;
  }
}

/** "did you mean …?", or what there is to choose from. */
export function suggest(word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  return known.length === 0 ? 'there is none to choose from' : `known are ${known.map((k) => `\`${k}\``).join(', ')}`;
}

const KIND_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  bigint: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

function kindName(expected: string): string {
  return KIND_NAMES[expected] ?? expected;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  return kindName(Array.isArray(value) ? 'array' : typeof value);
}

/** A zod schema as the JSON Schema of what is written (not of what comes out). */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'bigint') jsonSchema.type = 'integer';
    },
  });
}

/** Every key that a mapping at `path` may have. */
function keysAt(schema: JsonSchema, path: Path): string[] {
  let candidates = alternatives(schema);
  for (const step of path) {
    candidates = candidates
      .map((c) => (typeof step === 'number' ? c.items : (c.properties?.[String(step)] ?? c.additionalProperties)))
      .filter((next): next is JsonSchema => typeof next === 'object' && next !== null && !Array.isArray(next))
      .flatMap(alternatives);
  }
  return [...new Set(candidates.flatMap((c) => Object.keys(c.properties ?? {})))];
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  return [schema, ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap(alternatives)];
}
