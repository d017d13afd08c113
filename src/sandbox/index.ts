/** An offline double of every source: for users who want to try, and for tests. */
export type { Fault, FaultKind, RouteName } from './faults.js';
export { SANDBOX_CREDENTIALS, startSandbox } from './sandbox.js';
export type * from './types.js';
