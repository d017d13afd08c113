/** What the host does: what is rare, and what it can do already. */

/** The double nearest to a number in JSON's grammar. */
export declare function doubleOf(at: i32, length: i32): f64;

/** A record that is not plain. @returns false where there are too many of them. */
export declare function setAside(at: i32, length: i32, number: i32): bool;
