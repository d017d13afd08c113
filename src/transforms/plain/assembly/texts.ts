import { BACKSLASH, byteAt, isFalse, isTrue, numberEnd, QUOTE, textStop } from './bytes';
import { Column } from './column';
import { Dictionary } from './dictionary';

/** Texts, as their places in a dictionary; of a number or a boolean its spelling. */
@final
export class TextColumn extends Column {
  readonly dictionary: Dictionary = new Dictionary();

  read(start: i32): i32 {
    if (byteAt(start) !== QUOTE) {
      const end = isTrue(start) ? start + 4 : isFalse(start) ? start + 5 : numberEnd(start);
      return end < 0 ? end : this.keepText(start, end, false, end);
    }
    let at = textStop(start + 1);
    let hasEscapes = false;
    while (byteAt(at) === BACKSLASH && byteAt(at + 1) !== 0) {
      hasEscapes = true;
      at = textStop(at + 2);
    }
    return byteAt(at) === QUOTE ? this.keepText(start + 1, at, hasEscapes, at + 1) : -at;
  }

  /** @returns `next`, or minus the beginning where the spelling is no text after all. */
  private keepText(start: i32, end: i32, hasEscapes: bool, next: i32): i32 {
    const place = this.dictionary.place(start, end - start, hasEscapes);
    if (place < 0) return -start;
    this.keep<i32>(place);
    return next;
  }

  free(): void {
    super.free();
    this.dictionary.free();
  }
}
