import { MillpondError, messageOf } from '../base/errors.js';

/** What waits for an abandoned job is told. */
export function interrupted(): MillpondError {
  return new MillpondError('E_INTERRUPTED', 'Staging was interrupted');
}

/** Whether an error says that somebody asked to stop, in our words or in DuckDB's. */
export function isInterrupt(error: unknown): boolean {
  return (error instanceof MillpondError && error.code === 'E_INTERRUPTED') || /^interrupt/i.test(messageOf(error));
}
