import { describe, expect, it } from 'vitest';
import { datasetsPage } from '../../scripts/docs/datasets-page.js';
import { errorsPage } from '../../scripts/docs/errors-page.js';
import { connectors } from '../../src/connectors/registry.js';
import { page } from './pages.js';

describe('pages that are printed from the code', () => {
  const again = 'run `node --import tsx scripts/write-docs.ts`';

  it('docs/errors.md is what the table of errors says', () => {
    expect(errorsPage()).not.toContain('undefined');
    expect(page('docs/errors.md').text, again).toBe(errorsPage());
  });

  it('docs/datasets.md is what the catalogues say', () => {
    expect(page('docs/datasets.md').text, again).toBe(datasetsPage(connectors));
  });

  it('docs/datasets.md names every dataset', () => {
    const { text } = page('docs/datasets.md');
    const missing = connectors.flatMap(({ datasets }) => datasets).filter(({ name }) => !text.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });
});
