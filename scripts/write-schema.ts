/** Prints what follows from the configuration's schema: `node --import tsx scripts/write-schema.ts`. */
import fs from 'node:fs/promises';
import { jsonSchema } from '../src/config/json-schema.js';
import { configurationPage } from '../src/config/reference.js';

const root = new URL('../', import.meta.url);
await fs.writeFile(new URL('millpond.schema.json', root), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
await fs.writeFile(new URL('docs/configuration.md', root), configurationPage());
