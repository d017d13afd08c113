/**
 * Bytes to typed rows: cutting records, staging in DuckDB, the row reader, rejects, drift.
 */
export { type Cell, JsonNumber, JsonObject, jsonText } from './cells.js';
export { parseRecord } from './record-parser.js';
export { type ReadRowsOptions, type RejectedRow, readRows, type TypedRow } from './row-reader.js';
export { type RowOf, rowSchema, type ValueOf } from './row-schema.js';
export { createStager, type StagerOptions } from './stager.js';
