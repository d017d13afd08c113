import type { Cell } from '../cells.js';
import type { Misfit } from '../reasons.js';

/** A present cell: null is no value, and no rule is asked about it. */
export type PresentCell = Exclude<Cell, null>;

/** The text of a value, as SQL reads it: of nested types an object or array of such texts. */
export type ValueText = string | null | readonly ValueText[] | { readonly [source: string]: ValueText };

/** SQL of the places where a staging query finds what the source sent. */
export interface SourceSql {
  /** The cell as VARCHAR (scalars unquoted; non-integers have passed through a double), never NULL here. */
  readonly text: string;
  /** The cell typed: what {@link CellRule.value} made of `text`. */
  readonly value: string;
  /** The cell as compact JSON text; only for types that ask for it. */
  readonly json: string;
  /** The record's own text. */
  readonly record: string;
  /** The JSON object that has the cell's member: the record, or what stands in it for the table. */
  readonly object: string;
  /** The name of the cell's member in the record. */
  readonly source: string;
}

/**
 * How cells of one type are judged, in SQL and in TypeScript, side by side.
 *
 * `judge` is the one verdict. SQL settles what is plainly right and nothing else: where `plain`
 * is true, `judge` accepts the cell and `value` is its verdict. What is not plain is judged.
 */
export interface CellRule<Value = unknown> {
  /** The verdict: the exact value, or why there is none. Unknown struct members are told to `unknown`. */
  judge(cell: PresentCell, unknown?: UnknownMembers): Value | Misfit;
  /** A text from which {@link value} makes exactly this value. */
  text(value: Value): ValueText;
  /** The form in which `json_transform` hands the cell to {@link value}. */
  readonly shape: Shape;
  /** The column's type in DuckDB's words. */
  readonly sqlType: string;
  /** SQL: the typed value of a cell in that shape; NULL where it has none. */
  value(text: string): string;
  /** SQL: whether `value` is certainly the verdict. NULL counts as no. */
  plain(cell: SourceSql): string;
  /** Whether {@link plain} needs {@link SourceSql.json}. */
  readonly needsJson?: boolean;
}

/** A `json_transform` structure: VARCHAR at the leaves. */
export type Shape = 'VARCHAR' | readonly [Shape] | { readonly [source: string]: Shape };

/** Told of every member that no type knows: its path and its value. */
export type UnknownMembers = (path: string, cell: Cell) => void;
