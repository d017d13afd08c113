import fs from 'node:fs';
import path from 'node:path';

/**
 * `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}` inside strings; `$${` is a literal `${`.
 * Anything else in `${…}` is a mistake, not text.
 */
const TOKEN = /\$\$\{|\$\{env:([A-Za-z_]\w*)(?::-([^}]*))?\}|\$\{file:([^}]+)\}|\$\{[^}]*\}?/g;

/** A value that a reference stood for. */
interface Resolved {
  readonly kind: 'env' | 'file';
  readonly value: string;
}

/** A string with its references resolved, or what kept one from it. */
export interface Interpolated {
  readonly text: string;
  readonly resolved: readonly Resolved[];
  /** One line each, naming variable or file, never a value. */
  readonly missing: readonly string[];
}

/** Whether the string has a reference whose value is not known before it is resolved. */
export function hasReference(text: string): boolean {
  return [...text.matchAll(TOKEN)].some(([token]) => token !== '$${');
}

/** What is wrong with the references of a string as written, or undefined. */
export function referenceFault(text: string): string | undefined {
  for (const [token, variable, , file] of text.matchAll(TOKEN)) {
    if (token === '$${' || variable !== undefined || file !== undefined) continue;
    return `\`${token}\` is no reference; write \${env:NAME}, \${env:NAME:-default} or \${file:PATH}, or $\${ for the characters themselves`;
  }
  return undefined;
}

/**
 * Resolves the references of a string now: variables from the environment (an empty one counts as
 * not set), files relative to `folder`, without their final line break.
 */
export function interpolate(text: string, folder: string): Interpolated {
  const resolved: Resolved[] = [];
  const missing: string[] = [];
  const use = (kind: Resolved['kind'], value: string): string => {
    resolved.push({ kind, value });
    return value;
  };
  const replaced = text.replace(TOKEN, (token, variable?: string, fallback?: string, file?: string) => {
    if (token === '$${') return '${';
    if (variable !== undefined) {
      const value = process.env[variable] || fallback;
      if (value !== undefined) return use('env', value);
      missing.push(`the environment variable ${variable} is not set`);
    } else if (file !== undefined) {
      const value = readSecretFile(path.resolve(folder, file));
      if (value !== undefined) return use('file', value);
      missing.push(`the file ${path.resolve(folder, file)} cannot be read`);
    }
    return token;
  });
  return { text: replaced, resolved, missing };
}

function readSecretFile(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}
