export { exampleYaml } from './examples.js';
export { jsonSchema } from './json-schema.js';
export { loadConfig } from './load.js';
export { configurationPage } from './reference.js';
export type * from './types.js';
