import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A page for people, as it stands in the repository. */
export interface Page {
  /** Relative to the repository, such as `docs/operations.md`. */
  readonly name: string;
  readonly text: string;
}

/** A fenced block: what stands behind the fence, and what it holds. */
export interface Block {
  readonly page: string;
  readonly language: string;
  readonly code: string;
}

/** Every page: those of the root and all below docs/. */
export function pages(): Page[] {
  const inDocs = fs.readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const names = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    ...inDocs.map((name) => path.posix.join('docs', name)),
  ];
  return names.filter((name) => name.endsWith('.md')).map(page);
}

/** One page. */
export function page(name: string): Page {
  return { name, text: fs.readFileSync(path.join(ROOT, name), 'utf8') };
}

/** The fenced blocks of a page, in a language or in all. */
export function blocks({ name, text }: Page, language?: string): Block[] {
  const found = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, fence = '', code = '']) => ({
    page: name,
    language: fence,
    code,
  }));
  return language === undefined ? found : found.filter((block) => block.language === language);
}

/** The page without its fenced blocks. */
export function prose({ text }: Page): string {
  return text.replace(/^```(\w*)\n[\s\S]*?^```$/gm, '');
}

/** What stands in backticks outside of fenced blocks. */
export function inlineCode(one: Page): string[] {
  return [...prose(one).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The anchor under which GitHub shows a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** Rows of the first table below a heading, cells as they are written. */
export function tableBelow({ text }: Page, heading: string): string[][] {
  const [, rest] = text.split(`\n${heading}\n`);
  if (rest === undefined) throw new Error(`There is no heading "${heading}"`);
  const lines = rest.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const last = lines.findIndex((line, i) => i > first && !line.startsWith('|'));
  return lines.slice(first + 2, last).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}
