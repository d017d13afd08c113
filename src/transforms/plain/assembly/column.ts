import { Block } from './block';

/** The cells of one column, typed as they are read. Of cells without a value the row is kept. */
export abstract class Column {
  readonly values: Block = new Block();
  /** Values that are not null. */
  count: i32 = 0;
  readonly nulls: Block = new Block();
  nullCount: i32 = 0;
  /** Where the text under way began. */
  private firstValue: i32 = 0;
  private firstNull: i32 = 0;

  /**
   * Reads a value and keeps it.
   * @returns the place behind it; or, with nothing kept, minus the place at which it stops to be plain.
   */
  abstract read(at: i32): i32;

  /** Takes note that a row, counted from 0, has no value. */
  addNull(row: i32): void {
    this.nulls.reserve((this.nullCount + 1) << 2);
    store<i32>(this.nulls.start + (this.nullCount << 2), row);
    this.nullCount += 1;
  }

  /** Forgets the last row. */
  undo(row: i32): void {
    if (this.nullCount > 0 && load<i32>(this.nulls.start + ((this.nullCount - 1) << 2)) === row) this.nullCount -= 1;
    else this.count -= 1;
  }

  /** Begins another text, behind what is there. */
  beginText(): void {
    this.firstValue = this.count;
    this.firstNull = this.nullCount;
  }

  /** Forgets what came of the text under way. */
  undoText(): void {
    this.count = this.firstValue;
    this.nullCount = this.firstNull;
  }

  free(): void {
    this.values.free();
    this.nulls.free();
  }

  protected keep<Value>(value: Value): void {
    const at = this.count * <i32>sizeof<Value>();
    this.values.reserve(at + <i32>sizeof<Value>());
    store<Value>(this.values.start + at, value);
    this.count += 1;
  }
}
