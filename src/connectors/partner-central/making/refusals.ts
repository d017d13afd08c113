import type { ErrorCode, MillpondError } from '../../../base/errors.js';

/** Codes that say for certain that nothing was made. */
const REFUSED: readonly ErrorCode[] = [
  'E_ACCESS_DENIED',
  'E_RESOURCE_NOT_FOUND',
  'E_RESOURCE_CONFLICT',
  'E_QUOTA',
  'E_REQUEST_REJECTED',
  'E_CREDENTIALS',
  'E_CREDENTIALS_EXPIRED',
  'E_WRONG_ENDPOINT',
];

/** Whether the service has said no; anything else leaves open whether it has made what it was asked for. */
export function isRefused(error: MillpondError): boolean {
  return REFUSED.includes(error.code);
}

/** What the service said, so that it can be gone on from. */
export function sentence({ message }: MillpondError): string {
  return message.replace(/\.$/, '');
}
