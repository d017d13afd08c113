import { Block } from './block';
import { isSame } from './bytes';
import { writeText } from './spelling';

/** Of one entry: its hash, where its spelling begins among all, and how long it is. */
const ENTRY: i32 = 12;
/** Of one slot: an entry's number from 1, or 0, and its hash. */
const SLOT: i32 = 8;
const FIRST_SLOTS: i32 = 1 << 8;
/** Bytes before each value on a page of texts: its length. */
const LENGTH: i32 = 4;
/** Beyond the spellings, so that they may be compared in words. */
const ROOM: i32 = 8;

/** Different texts, each found by how JSON spells it. */
@final
export class Dictionary {
  /** The values, each behind its length, as a Parquet page holds them. */
  readonly page: Block = new Block();
  pageBytes: i32 = 0;
  count: i32 = 0;
  private readonly spelled: Block = new Block();
  private spelledBytes: i32 = 0;
  private readonly entries: Block = new Block();
  private readonly slots: Block = new Block();
  private mask: i32 = 0;

  constructor() {
    this.makeSlots(FIRST_SLOTS);
  }

  /** The place of a text; it is put there if need be. @returns -1 where the spelling is none of a text. */
  place(at: i32, length: i32, hasEscapes: bool): i32 {
    const hash = hashOf(at, length);
    let slot = hash & this.mask;
    while (true) {
      const place = this.slots.start + slot * SLOT;
      const entry = load<i32>(place);
      if (entry === 0) return this.add(at, length, hash, hasEscapes, place);
      if (load<i32>(place, 4) === hash && this.isSpelled(entry, at, length)) return entry - 1;
      slot = (slot + 1) & this.mask;
    }
  }

  free(): void {
    this.page.free();
    this.spelled.free();
    this.entries.free();
    this.slots.free();
  }

  private isSpelled(entry: i32, at: i32, length: i32): bool {
    const own = this.entries.start + (entry - 1) * ENTRY;
    return load<i32>(own, 8) === length && isSame(at, this.spelled.start + load<i32>(own, 4), length);
  }

  private add(at: i32, length: i32, hash: i32, hasEscapes: bool, slot: i32): i32 {
    this.page.reserve(this.pageBytes + LENGTH + length);
    const into = this.page.start + this.pageBytes + LENGTH;
    let size = length;
    if (hasEscapes || !isAscii(at, length)) size = writeText(at, length, into) - into;
    else memory.copy(into, at, length);
    if (size < 0) return -1;
    store<i32>(into - LENGTH, size);
    this.pageBytes += LENGTH + size;
    this.spelled.reserve(this.spelledBytes + length + ROOM);
    memory.copy(this.spelled.start + this.spelledBytes, at, length);
    this.entries.reserve((this.count + 1) * ENTRY);
    const own = this.entries.start + this.count * ENTRY;
    store<i32>(own, hash);
    store<i32>(own, this.spelledBytes, 4);
    store<i32>(own, length, 8);
    this.spelledBytes += length;
    this.count += 1;
    store<i32>(slot, this.count);
    store<i32>(slot, hash, 4);
    const entry = this.count;
    if (2 * entry > this.mask) this.spreadOut();
    return entry - 1;
  }

  private makeSlots(count: i32): void {
    this.slots.reserve(count * SLOT);
    memory.fill(this.slots.start, 0, count * SLOT);
    this.mask = count - 1;
  }

  /** Twice as many slots. */
  private spreadOut(): void {
    this.makeSlots(2 * (this.mask + 1));
    for (let entry = 1; entry <= this.count; entry += 1) {
      const hash = load<i32>(this.entries.start + (entry - 1) * ENTRY);
      let slot = hash & this.mask;
      while (load<i32>(this.slots.start + slot * SLOT) !== 0) slot = (slot + 1) & this.mask;
      store<i32>(this.slots.start + slot * SLOT, entry);
      store<i32>(this.slots.start + slot * SLOT, hash, 4);
    }
  }
}

/** Of any bytes, eight at a time: multiplied and folded. */
function hashOf(at: i32, length: i32): i32 {
  let hash: u64 = <u64>length * 0x9e3779b97f4a7c15;
  let i = 0;
  for (; i + 8 <= length; i += 8) hash = mixed(hash ^ load<u64>(at + i));
  const rest = (length - i) << 3;
  if (rest !== 0) hash = mixed(hash ^ (load<u64>(at + i) << (64 - rest)));
  return <i32>(hash >> 32);
}

function mixed(word: u64): u64 {
  const product = word * 0xbf58476d1ce4e5b9;
  return product ^ (product >> 32);
}

function isAscii(at: i32, length: i32): bool {
  let all: u32 = 0;
  for (let i = 0; i < length; i += 1) all |= load<u8>(at + i);
  return all < 0x80;
}
