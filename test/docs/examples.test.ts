import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { failedSummary } from '../../src/cli/render/summary.js';
import { loadConfig } from '../../src/config/index.js';
import { selectDatasets } from '../../src/pipelines/select.js';
import { catalogueOf } from '../../src/pipelines/workspace.js';
import { blocks, page, pages, ROOT } from './pages.js';

describe('examples in pages', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-docs-'));
  });
  afterAll(() => fs.rm(folder, { recursive: true, force: true }));

  it('configurations can be loaded, and their datasets, columns and filters are there', async () => {
    const whole = pages()
      .flatMap((one) => blocks(one, 'yaml'))
      .filter(({ code }) => code.includes('version:'));
    expect(whole.map((block) => block.page)).toContain('README.md');
    for (const { page: name, code } of whole) {
      const file = path.join(folder, 'millpond.yaml');
      await fs.writeFile(file, code);
      const config = await loadConfig(file);
      for (const pipeline of Object.values(config.pipelines)) {
        for (const connection of pipeline.connections) {
          const selected = selectDatasets(pipeline, catalogueOf(config, connection), []);
          expect(selected.length, `${name}: ${pipeline.name}`).toBeGreaterThan(1);
        }
      }
    }
  });

  it('the summary in docs/operations.md has the members of a summary', () => {
    const [block] = blocks(page('docs/operations.md'), 'json');
    const example = JSON.parse(block?.code ?? '') as Record<string, unknown>;
    const real = failedSummary(new Error('any')) as unknown as Record<string, unknown>;
    expect(shapeOf(example)).toEqual(shapeOf(real));
  });

  it('TypeScript compiles against what the package exports', async () => {
    const examples = pages().flatMap((one) => blocks(one, 'ts'));
    expect(examples.length).toBeGreaterThan(5);
    for (const [i, { code }] of examples.entries()) await fs.writeFile(path.join(folder, `example-${i}.ts`), code);
    const exported = Object.entries(packageJson.exports).flatMap(([name, to]) =>
      typeof to === 'string' ? [] : [[path.posix.join('millpond', name), [sourceOf(to.default)]]],
    );
    const config = {
      extends: path.join(ROOT, 'tsconfig.json'),
      compilerOptions: {
        paths: Object.fromEntries(exported),
        typeRoots: [path.join(ROOT, 'node_modules/@types')],
        moduleDetection: 'force',
      },
      include: ['*.ts'],
    };
    await fs.writeFile(path.join(folder, 'package.json'), '{"type": "module"}');
    await fs.writeFile(path.join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder, '--noEmit'], { cwd: folder, encoding: 'utf8' });
    const faults = stdout.split('\n').filter((line) => line.startsWith('example-'));
    expect(faults, `blocks: ${examples.map((block) => block.page).join(', ')}`).toEqual([]);
  });
});

/** The source of a built module. */
function sourceOf(built: string): string {
  return path.join(ROOT, built.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
}

/** Names of members, those of members too; lists count as values. */
function shapeOf(value: Record<string, unknown>): string[] {
  return Object.entries(value).flatMap(([name, member]) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.keys(member).map((inner) => `${name}.${inner}`)
      : [name],
  );
}
