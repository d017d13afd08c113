/**
 * The types that the rooms share. Words: connector, connection, dataset, scope, slice, ask,
 * job, artifact, as of, stage, reject, journal, ledger, restatement, run — each defined where
 * its type stands.
 */
export * from './artifact.js';
export * from './ask.js';
export * from './audit.js';
export * from './connector.js';
export * from './ctx.js';
export * from './journal.js';
export * from './ledger-columns.js';
export * from './making.js';
export * from './sink.js';
export * from './slice.js';
export * from './stage.js';
export * from './table.js';
