import { byteAt, isFalse, isTrue, QUOTE } from './bytes';
import { Column } from './column';

/** `true` and `false`, also in quotes: a byte each. */
@final
export class BooleanColumn extends Column {
  read(start: i32): i32 {
    const isQuoted = byteAt(start) === QUOTE;
    const first = isQuoted ? start + 1 : start;
    const value = isTrue(first);
    if (!value && !isFalse(first)) return -start - 1;
    const end = value ? first + 4 : first + 5;
    if (isQuoted && byteAt(end) !== QUOTE) return -start - 1;
    this.keep<u8>(value ? 1 : 0);
    return isQuoted ? end + 1 : end;
  }
}
