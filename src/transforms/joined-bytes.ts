/**
 * Puts what was left of earlier bytes in front of new ones, in memory that is used again and
 * again: a file of gigabytes would otherwise leave as much behind for the garbage collector.
 */
export class JoinedBytes {
  #memory = Buffer.alloc(0);

  /** @returns both in a row; good until the next call. */
  join(left: Uint8Array, bytes: Buffer): Buffer {
    if (left.length === 0) return bytes;
    const length = left.length + bytes.length;
    // `left` may lie in the memory at hand: it is moved before anything is written over it.
    if (this.#memory.length < length) this.#memory = Buffer.allocUnsafeSlow(Math.ceil(length * 1.25));
    const memory = this.#memory;
    memory.set(left, 0);
    memory.set(bytes, left.length);
    return memory.subarray(0, length);
  }
}
