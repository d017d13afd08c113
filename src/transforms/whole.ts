import { MillpondError } from '../base/errors.js';
import { BYTE } from './json-bytes.js';

const { OPEN_LIST, CLOSE_LIST } = BYTE;

/**
 * Whether a text can be what it should: a file cut after a comma loads without an error.
 * @throws MillpondError `E_ARTIFACT_CORRUPT` where it is no array at all (an error page, an object), `E_ARTIFACT_CUT` where its end is missing.
 */
export function checkWhole(
  format: 'array' | 'ndjson',
  text: { readonly head: Buffer; readonly lastByte: number | undefined },
): void {
  if (format === 'ndjson') return;
  if (text.lastByte === undefined) {
    throw new MillpondError(
      'E_ARTIFACT_CUT',
      'The artifact is empty: not even the brackets of an empty list are there',
    );
  }
  const head = text.head.toString('utf8').replace(/^\uFEFF?\s*/, '');
  if (head.charCodeAt(0) !== OPEN_LIST) {
    const shown = head.length > 200 ? `${head.slice(0, 200)}…` : head;
    throw new MillpondError('E_ARTIFACT_CORRUPT', `The artifact is no list of records; it begins: ${shown}`);
  }
  if (text.lastByte !== CLOSE_LIST) {
    throw new MillpondError('E_ARTIFACT_CUT', 'The artifact ends inside its list: the closing bracket is missing');
  }
}
