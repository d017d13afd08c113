/** A piece of memory that grows. */
@final
export class Block {
  /** Its address. */
  start: i32 = 0;
  private size: i32 = 0;

  /** Makes room for so many bytes; what is there stays. */
  reserve(bytes: i32): void {
    if (bytes > this.size) this.grow(bytes);
  }

  private grow(bytes: i32): void {
    this.size = max(bytes, max(1 << 12, 2 * this.size));
    this.start = <i32>(this.start === 0 ? heap.alloc(this.size) : heap.realloc(this.start, this.size));
  }

  free(): void {
    if (this.start !== 0) heap.free(this.start);
    this.start = 0;
    this.size = 0;
  }
}
