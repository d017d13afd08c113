import type { MillpondError } from '../base/errors.js';
import { redactDeep } from '../base/secrets.js';
import type { Output } from './output.js';

/** An error as machines read it. */
export interface ErrorReport {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly at: Readonly<Record<string, string | number>>;
  };
}

/** An error as `--json` shows it, secrets blotted out. */
export function errorReport(error: MillpondError): ErrorReport {
  return redactDeep({ error: { code: error.code, message: error.message, hint: error.hint, at: error.at } });
}

/** `error[E_CODE]: what` and `hint: what to do`; the stack only under MILLPOND_DEBUG=1. */
export function explain(error: MillpondError, output: Output): void {
  output.warn(`error[${error.code}]: ${error.message}`);
  output.warn(`hint: ${error.hint}`);
  if (process.env.MILLPOND_DEBUG !== '1') return;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) output.warn(cause.stack ?? '');
}
