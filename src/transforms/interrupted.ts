import { MillpondError } from '../base/errors.js';

/** What waits for an abandoned job is told. */
export function interrupted(): MillpondError {
  return new MillpondError('E_INTERRUPTED', 'Staging was interrupted');
}
