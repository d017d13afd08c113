import { MillpondError } from '../base/errors.js';
import type { ColumnPolicy, StageRequest, Table } from '../contracts/index.js';
import { Drift } from './drift.js';
import { Placement } from './placement.js';
import { RowJudge } from './row-judge.js';
import { type TypedColumn, type TypedTable, typedTable } from './typed-columns.js';

/** One table's view of one artifact: what its records are judged by, and what was learned of them. */
export class TableWork {
  readonly artifactId: string;
  readonly format: StageRequest['format'];
  readonly constants: StageRequest['ask']['constants'];
  readonly placement: Placement;
  readonly drift: Drift;
  readonly #typed: TypedTable;
  #judge: RowJudge | undefined;
  /** Members in the order of the first record, where all of them are known. */
  usualKeys: readonly string[] | undefined;
  /** Whether no record was seen yet that has other members than those. */
  isUniform = false;

  /** @throws MillpondError `E_CONFIG` for a type in `types:` that there is not. */
  constructor(
    readonly table: Table,
    readonly policy: ColumnPolicy,
    { artifactId, ask, format }: StageRequest,
  ) {
    this.artifactId = artifactId;
    this.constants = ask.constants;
    this.format = format;
    this.placement = new Placement(table, ask);
    this.#typed = typedTable(table, policy);
    this.drift = new Drift(table, policy);
  }

  /** The table's, under the policy. */
  get columns(): readonly TypedColumn[] {
    return this.#typed.columns;
  }

  /** Made when it is needed first: most artifacts are plain from end to end. */
  get judge(): RowJudge {
    this.#judge ??= new RowJudge(this.columns, this.placement, this.drift);
    return this.#judge;
  }

  /** What two works must agree in to be staged in one query. */
  get signature(): string {
    const unknown = this.drift.columns.map(({ column }) => column);
    const learned = JSON.stringify([this.format, unknown, this.usualKeys ?? null, this.isUniform]);
    return `${this.#typed.signature}${learned}`;
  }
}

/** Columns that have their value from the ask. */
export function constantNames({ columns }: Pick<TableWork, 'columns'>): string[] {
  return columns.filter(({ column }) => column.role === 'constant').map(({ column }) => column.name);
}

/** The ask's value of a constant column. */
export function constantOf({ constants }: Pick<TableWork, 'constants'>, name: string): string {
  const value = constants[name];
  if (value === undefined) throw new MillpondError('E_BUG', `The ask has no value for the constant column ${name}`);
  return value;
}
