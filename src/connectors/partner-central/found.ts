import type { MillpondError } from '../../base/errors.js';
import type { DirectFetch, SliceKey } from '../../contracts/index.js';

/** What a direct read hands over piece by piece. */
export type Found = DirectFetch['read'] extends (...read: never) => AsyncIterable<infer Piece> ? Piece : never;

/** Something the user should hear of. */
export type Warning = NonNullable<Found['warnings']>[number];

/** A slice that could not be read. */
export interface Failure {
  readonly key: SliceKey;
  readonly error: MillpondError;
}
