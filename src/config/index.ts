export { exampleYaml } from './examples.js';
export { jsonSchema } from './json-schema.js';
export { loadConfig } from './load.js';
export { configurationPage } from './reference.js';
export { entryFor } from './select.js';
export type * from './types.js';
