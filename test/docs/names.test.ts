import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/base/errors.js';
import { connectors } from '../../src/connectors/registry.js';
import { MIGRATIONS } from '../../src/sinks/duckdb/migrations.js';
import { page, pages, ROOT } from './pages.js';

/** Everything that a pattern finds in pages, with the page's name. */
function found(pattern: RegExp): { readonly name: string; readonly in: string }[] {
  return pages().flatMap((one) => [...one.text.matchAll(pattern)].map(([name]) => ({ name, in: one.name })));
}

describe('names in pages', () => {
  it('error codes are those of the table', () => {
    const codes = found(/\bE_[A-Z_]+\b/g).filter(({ name }) => !name.endsWith('_'));
    expect(codes.length).toBeGreaterThan(Object.keys(ERRORS).length);
    expect(codes.filter(({ name }) => !(name in ERRORS))).toEqual([]);
  });

  it('docs/errors.md names every warning that the code gives, and no other', () => {
    const sources = fs.readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const given = sources
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => fs.readFileSync(path.join(ROOT, 'src', name), 'utf8').match(/'W_[A-Z_]+'/g) ?? [])
      .map((quoted) => quoted.slice(1, -1));
    const listed = [...page('docs/errors.md').text.matchAll(/^\| `(W_[A-Z_]+)`/gm)].map(([, code]) => code);
    expect(new Set(listed)).toEqual(new Set(given));
  });

  it('datasets are those of the catalogues', () => {
    const known = new Set(connectors.flatMap(({ datasets }) => datasets.map(({ name }) => name)));
    const named = found(/\b(?:sp|sb|sd)_[a-z_]+?_(?:snapshot|report_v2)\b/g);
    expect(named.length).toBeGreaterThan(known.size);
    expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
  });

  it('tables of `millpond` exist', () => {
    const made = MIGRATIONS.flatMap(({ statements }) => statements)
      .map((statement) => /^CREATE (?:TABLE|VIEW) millpond\.(\w+)/.exec(statement)?.[1])
      .filter((name) => name !== undefined);
    const tables = found(/\bmillpond\.(?!yaml\b|log\b|duckdb\b|schema\b|ledger\b|format\b|js\b)[a-z]+\b/g);
    expect(tables.length).toBeGreaterThan(20);
    expect(tables.filter(({ name }) => !made.includes(name.slice('millpond.'.length)))).toEqual([]);
  });
});
