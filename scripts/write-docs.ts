/** Prints the pages that follow from the code: `node --import tsx scripts/write-docs.ts`. */
import fs from 'node:fs/promises';
import { connectors } from '../src/connectors/registry.js';
import { datasetsPage } from './docs/datasets-page.js';
import { errorsPage } from './docs/errors-page.js';

const docs = new URL('../docs/', import.meta.url);
await fs.writeFile(new URL('errors.md', docs), errorsPage());
await fs.writeFile(new URL('datasets.md', docs), datasetsPage(connectors));
