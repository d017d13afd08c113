/** What the host does: what is rare, and what it can do already. */

/** The double nearest to a number in JSON's grammar. */
export declare function doubleOf(at: i32, length: i32): f64;

/**
 * Writes the text that JSON spells so to `into`; it is no longer than its spelling.
 * @returns its length; -1 where it is none that a cell may hold.
 */
export declare function spelledText(at: i32, length: i32, into: i32): i32;

/** A record that is not plain. @returns false where there are too many of them. */
export declare function setAside(at: i32, length: i32, number: i32): bool;
