import { asMillpondError, type MillpondError } from '../../base/errors.js';

/** So many things in a row that the service fails at are a failing service. */
const IN_A_ROW = 5;
/** So many things denied, and not one allowed, are a permission that is missing. */
const ALL_DENIED = 25;

/**
 * Tells errors of one thing (an engagement that is denied, a revision that the service stumbles
 * over) from errors of all: the first leave the others, the second end the read. For calls of one kind.
 */
export class Faults {
  #row = 0;
  #denied = 0;
  #isAllowed = false;

  /** Something went well. */
  well(): void {
    this.#row = 0;
    this.#isAllowed = true;
  }

  /** The error, where it is of one thing. @throws MillpondError where it is of all. */
  ofOne(thrown: unknown): MillpondError {
    const error = asMillpondError(thrown);
    if (error.class === 'source') return error;
    if (error.code === 'E_ACCESS_DENIED') {
      if (!this.#isAllowed && ++this.#denied >= ALL_DENIED) throw error;
      return error;
    }
    if (error.code !== 'E_SERVER' && error.code !== 'E_TRANSFER') throw error;
    if (++this.#row >= IN_A_ROW) throw error;
    return error;
  }
}
