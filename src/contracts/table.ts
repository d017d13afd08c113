/**
 * The shape of a table: the one source of its SQL, zod row schema, TypeScript type,
 * Parquet schema and data dictionary.
 */

/** A type of one cell. `decimal(p,s)` is exact; `json` holds the source's JSON text. */
export type ScalarType =
  | 'bigint'
  | 'double'
  | 'boolean'
  | 'varchar'
  | 'date'
  | 'timestamptz'
  | 'json'
  | `decimal(${number},${number})`;

/** A cell that holds fields of its own. */
export interface StructType {
  readonly struct: readonly Field[];
}

/** A cell that holds any number of values of one type. */
export interface ListType {
  readonly list: ColumnType;
}

export type ColumnType = ScalarType | StructType | ListType;

/** One named value: a member of a struct, or (as {@link Column}) of a row. */
export interface Field {
  /** The name in the warehouse, snake_case. */
  readonly name: string;
  /** The name in the source's records, exactly as the source spells it. */
  readonly source: string;
  readonly type: ColumnType;
  /**
   * The source writes no value as an empty text (AWS documents it of amounts): then that is NULL.
   * Elsewhere an empty text where a number or a day should be is a reject.
   */
  readonly emptyIsNull?: true;
}

/**
 * What a column is for: `dimension` tells rows apart, `metric` is measured,
 * `constant` is not in the record but comes from the ask (report_date, tactic).
 */
export type ColumnRole = 'dimension' | 'metric' | 'constant';

/** One column of a table. */
export interface Column extends Field {
  readonly role: ColumnRole;
  /** `false`: a record without it is a reject. */
  readonly nullable: boolean;
  /** Other spellings under which the source is known to send it; the first that is there counts. */
  readonly aliases?: readonly string[];
  /** For people: the data dictionary, `millpond datasets`. */
  readonly description?: string;
}

/**
 * How a commit treats the rows that are there:
 * - `replace` the slice's (of current state: the scope's);
 * - `append` to them: what is there stays, also where a row with the same key comes again, and the
 *   slice's ledger row names every artifact that it was ever made of;
 * - `upsert` by key.
 */
export type TableMode = 'replace' | 'append' | 'upsert';

/** A table that a dataset fills. */
export interface Table {
  /** snake_case; the dataset's own name unless the dataset fills several. */
  readonly name: string;
  /** Columns in the order in which they stand in the warehouse, without the `_…` columns of Millpond. */
  readonly columns: readonly Column[];
  /** Names of the columns that tell rows apart within a scope (and slice). */
  readonly key: readonly string[];
  readonly mode: TableMode;
  /**
   * The table's records are the objects under a path of the source's records, with some members of
   * the whole record added to them. A record that has nothing there is no row of this table.
   * Row numbers are those of the whole records; they are exact in NDJSON.
   */
  readonly within?: {
    /** Names of members from the outside in: `['Payload', 'OpportunitySummary']`. */
    readonly path: readonly string[];
    /** Members of the whole record that the table has columns for; no member under `path` has such a name. */
    readonly outer: readonly string[];
  };
  /** The column by which every row names its scope: `_profile_id` (bigint) or `_catalog` (varchar). */
  readonly scopeColumn: { readonly name: string; readonly type: 'bigint' | 'varchar' };
  /**
   * The source's member that names a row's scope, where one artifact holds several scopes
   * (a list of profiles). Absent: the ask's only scope.
   */
  readonly scopeOf?: string;
  /**
   * The column whose value is the row's slice, where one artifact holds several slices
   * (31 days in one report). Absent: the ask's only slice.
   */
  readonly sliceOf?: string;
  /** For readers of the warehouse. */
  readonly description?: string;
}

/** The columns that Millpond adds to every row, after the scope column and the table's own. */
export const META_COLUMNS = [
  { name: '_slice', type: 'varchar' },
  { name: '_run_id', type: 'varchar' },
  { name: '_loaded_at', type: 'timestamptz' },
] as const satisfies readonly { name: string; type: ScalarType }[];

/** A column that arrived without being in the catalogue; it never costs a row. */
export interface UnknownColumn {
  readonly table: string;
  /** snake_case name in the warehouse; `a.b` for a member of a struct (recorded, not loaded). */
  readonly name: string;
  /** The source's spelling, or path. */
  readonly source: string;
  /** The type that every value seen would fit, as a suggestion for `types:`. */
  readonly suggestedType: ScalarType;
}

/** A view or table macro over tables of one schema, made beside them. */
export interface View {
  readonly name: string;
  /** Names of the tables (or earlier views) it reads: it is made once they are all there. */
  readonly reads: readonly string[];
  /** Parameters, where it is a table macro: `['day']`. */
  readonly parameters?: readonly string[];
  /**
   * The query.
   * @param from SQL of a table's or view's qualified name, quoted.
   */
  sql(from: (name: string) => string): string;
  /** For readers of the warehouse. */
  readonly description: string;
}
