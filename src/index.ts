/** Millpond as a library: the contracts, reading configurations, running pipelines, reading rows. */
export { ERRORS, type ErrorClass, type ErrorCode, MillpondError } from './base/errors.js';
export { loadConfig } from './config/index.js';
export type * from './config/types.js';
export { connectorNamed, registerConnector } from './connectors/registry.js';
export * from './contracts/index.js';
export * from './operators/index.js';
export type * from './pipelines/index.js';
export { pipelineStatus, planPipelines, runPipelines, schedulePipelines } from './pipelines/index.js';
export { type ReadRowsOptions, type RejectedRow, readRows, type TypedRow } from './transforms/row-reader.js';
export { VERSION } from './version.js';
