import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { anchorOf, blocks, inlineCode, page, pages, prose, ROOT } from './pages.js';

/** Where the links of a page lead: those within the repository. */
function localLinks(name: string): { readonly file: string; readonly anchor: string | undefined }[] {
  return [...prose(page(name)).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => {
    const [file = '', anchor] = target.split('#');
    return { file: file === '' ? name : path.posix.join(path.posix.dirname(name), file), anchor };
  });
}

describe('what pages point at is there', () => {
  it.each(pages().map(({ name }) => name))('%s: links', (name) => {
    for (const { file, anchor } of localLinks(name)) {
      expect(fs.existsSync(path.join(ROOT, file)), `${name} links to ${file}`).toBe(true);
      if (anchor === undefined) continue;
      const headings = [...page(file).text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading));
      expect(headings, `${name} links to ${file}#${anchor}`).toContain(anchor);
    }
  });

  it('every page of docs/ is in its index', () => {
    const linked = new Set(localLinks('docs/README.md').map(({ file }) => file));
    const guides = pages().filter(({ name }) => /^docs\/[^/]+\.md$/.test(name) && name !== 'docs/README.md');
    expect(guides.map(({ name }) => name).filter((name) => !linked.has(name))).toEqual([]);
  });

  it('folders and files of the repository', () => {
    for (const one of pages()) {
      const fenced = blocks(one).flatMap(({ code }) => code.match(/\b(?:src|test|scripts)\/[\w./-]+/g) ?? []);
      const named = [...inlineCode(one), ...fenced].filter((code) =>
        /^(?:src|test|bench|scripts|docs|\.ci)\/[\w./-]+$/.test(code),
      );
      for (const file of named) expect(fs.existsSync(path.join(ROOT, file)), `${one.name} names ${file}`).toBe(true);
    }
  });

  it('scripts of package.json', () => {
    const scripts = new Set(Object.keys(packageJson.scripts));
    for (const one of pages()) {
      for (const [call, script = 'test'] of one.text.matchAll(/\bnpm (?:run ([\w:-]+)|test\b)/g)) {
        expect(scripts, `${one.name}: ${call}`).toContain(script);
      }
    }
  });
});
