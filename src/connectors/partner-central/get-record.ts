import { MillpondError } from '../../base/errors.js';
import type { Ctx } from '../../contracts/index.js';
import { ofCatalog } from './bodies.js';
import type { Caller, Input } from './caller.js';
import type { OperationName } from './operations.js';

/** A record from a get call; undefined where there is none (any more). */
export async function recordOf(
  caller: Caller,
  operation: OperationName,
  input: Input,
  ctx: Ctx,
): Promise<string | undefined> {
  try {
    const { text, json } = await caller.call(operation, input, ctx);
    return ofCatalog(text, json, caller.catalog);
  } catch (error) {
    if (error instanceof MillpondError && error.code === 'E_RESOURCE_NOT_FOUND') return undefined;
    throw error;
  }
}
