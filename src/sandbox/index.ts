/** An offline double of every source: for users who want to try, and for tests. */
export type { Fault, FaultKind, RouteName, ServiceFault } from './faults.js';
export { SANDBOX_AWS_ACCOUNTS } from './partner-central/identities.js';
export { SANDBOX_CREDENTIALS, startSandbox } from './sandbox.js';
export type * from './types.js';
