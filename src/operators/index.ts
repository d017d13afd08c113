/** How another scheduler calls a pipeline. */
export * from './operator.js';
export * from './run-pipeline.js';
