import { ServiceError } from './errors.js';
import { wireJson } from './wire.js';

/** Makes writing calls idempotent: a token that comes again gets the first answer again. */
export class ClientTokens {
  readonly #known = new Map<string, { readonly request: string; readonly answer: Record<string, unknown> }>();

  /**
   * Does the work once for each token of an account and operation.
   * @throws ServiceError ConflictException where the token comes with another request.
   */
  once(
    accountId: string,
    operation: string,
    request: Readonly<Record<string, unknown>>,
    work: () => Record<string, unknown>,
  ): Record<string, unknown> {
    const key = `${accountId}/${operation}/${String(request.ClientToken)}`;
    const text = wireJson(request);
    const known = this.#known.get(key);
    if (known?.request === text) return known.answer;
    if (known) {
      throw new ServiceError('ConflictException', 'The ClientToken was used before, with other parameters.');
    }
    const answer = work();
    this.#known.set(key, { request: text, answer });
    return answer;
  }
}
