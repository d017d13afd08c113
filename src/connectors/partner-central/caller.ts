import { MillpondError } from '../../base/errors.js';
import type { Ctx } from '../../contracts/index.js';
import type { OperationName } from './operations.js';

/** A good answer. */
export interface Answer {
  /** The JSON as the service sent it: nanoseconds, nulls and members that nobody knows are all there. */
  readonly text: string;
  /** The same, parsed: for ids, revisions and tokens. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** The members of a request, without its catalog. */
export type Input = Readonly<Record<string, unknown>>;

/** What datasets need of a live connection. */
export interface Caller {
  /** `AWS` or `Sandbox`. */
  readonly catalog: string;
  /**
   * Makes a call until it is answered well, signed, at its group's pace, with retries.
   * @throws MillpondError with the code of what the service said.
   */
  call(operation: OperationName, input: Input, ctx: Ctx): Promise<Answer>;
  /**
   * The items of a list, page after page, each as the text it has there.
   * @throws MillpondError as {@link call}; `E_PAGE_REPEATED`.
   */
  items(operation: OperationName, input: Input, ctx: Ctx): AsyncGenerator<string>;
}

/** For the catalogue, which is looked at without a connection: every call is a bug. */
export const NO_CALLER: Caller = {
  catalog: '',
  call: refuse,
  items: refuse,
};

function refuse(): never {
  throw new MillpondError('E_BUG', 'The catalogue has no connection to ask through');
}
