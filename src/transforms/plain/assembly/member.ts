import { Block } from './block';
import { COLON, COMMA, isSame, QUOTE } from './bytes';
import { Column } from './column';

/** A member of a plain record, and where its values go. */
@final
export class Member {
  /** Its name as it stands behind another member: `,"name":`. */
  private readonly lead: Block = new Block();
  readonly leadLength: i32;
  /** Of the name in its quotes. */
  readonly nameLength: i32;

  /** @param isNeeded a record without it, or with null, is not plain. */
  constructor(
    name: i32,
    length: i32,
    readonly isNeeded: bool,
    readonly column: Column,
  ) {
    this.nameLength = length + 2;
    this.leadLength = length + 4;
    this.lead.reserve(this.leadLength + 8);
    const lead = this.lead.start;
    store<u8>(lead, COMMA);
    store<u8>(lead + 1, QUOTE);
    memory.copy(lead + 2, name, length);
    store<u8>(lead + 2 + length, QUOTE);
    store<u8>(lead + 3 + length, COLON);
  }

  isLeadAt(at: i32): bool {
    return isSame(at, this.lead.start, this.leadLength);
  }

  isNameAt(at: i32): bool {
    return isSame(at, this.lead.start + 1, this.nameLength);
  }

  free(): void {
    this.lead.free();
    this.column.free();
  }
}
