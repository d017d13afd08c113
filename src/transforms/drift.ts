import { snakeCase } from '../base/names.js';
import { type ColumnPolicy, META_COLUMNS, STAGE_COLUMNS, type Table, type UnknownColumn } from '../contracts/index.js';
import type { Cell } from './cells.js';
import { Suggestion } from './suggestion.js';
import { type TypedColumn, typeFor, unknownColumn } from './typed-columns.js';

/**
 * What one artifact brings that the catalogue does not know: columns, which get a name and a
 * place, and members of structs, which are recorded by path.
 */
export class Drift {
  readonly #table: Table;
  readonly #policy: ColumnPolicy;
  readonly #taken: Set<string>;
  readonly #columns = new Map<string, TypedColumn>();
  readonly #suggestions = new Map<string, Suggestion>();

  constructor(table: Table, policy: ColumnPolicy) {
    this.#table = table;
    this.#policy = policy;
    const names = [...table.columns, table.scopeColumn, ...META_COLUMNS].map((column) => column.name);
    this.#taken = new Set([...names, ...STAGE_COLUMNS].map((name) => name.toLowerCase()));
  }

  /** The column of an unknown member, made at its first sight. */
  column(source: string): TypedColumn {
    let column = this.#columns.get(source);
    if (!column) {
      column = unknownColumn(source, this.#freeName(source), this.#policy);
      this.#columns.set(source, column);
    }
    return column;
  }

  /** Takes note of a value under an unknown path. */
  see(path: string, cell: Cell): void {
    this.suggestion(path).see(cell);
  }

  suggestion(path: string): Suggestion {
    let suggestion = this.#suggestions.get(path);
    if (!suggestion) {
      suggestion = new Suggestion();
      this.#suggestions.set(path, suggestion);
    }
    return suggestion;
  }

  /** Unknown columns in the order of their first sight. */
  get columns(): readonly TypedColumn[] {
    return [...this.#columns.values()];
  }

  /** Those that are loaded under the policy: `ignore` drops what the user gave no type. */
  get kept(): readonly TypedColumn[] {
    return this.#policy.unknown === 'ignore' ? this.columns.filter((column) => this.#isTyped(column)) : this.columns;
  }

  /** Those that fail the slice under `freeze`: all that the user gave no type. */
  get frozen(): readonly string[] {
    if (this.#policy.unknown !== 'freeze') return [];
    return this.columns.filter((column) => !this.#isTyped(column)).map(({ column }) => column.source);
  }

  /** For `millpond.columns`: unknown columns, then unknown members by path. */
  get unknown(): readonly UnknownColumn[] {
    const columns = this.columns.map(({ column }) => ({
      table: this.#table.name,
      name: column.name,
      source: column.source,
      suggestedType: typeFor(column.source, this.#policy) ?? this.suggestion(column.source).type,
    }));
    const members = [...this.#suggestions]
      .filter(([path]) => !this.#columns.has(path))
      .map(([path, suggestion]) => ({
        table: this.#table.name,
        name: path.split('.').map(snakeCase).join('.'),
        source: path,
        suggestedType: suggestion.type,
      }));
    return [...columns, ...members];
  }

  #isTyped({ column }: TypedColumn): boolean {
    return typeFor(column.source, this.#policy) !== undefined;
  }

  /** snake_case, with a number behind it where that name is taken. */
  #freeName(source: string): string {
    const base = snakeCase(source).replaceAll('\0', '') || 'unnamed';
    for (let count = 1; ; count += 1) {
      const name = count === 1 ? base : `${base}_${count}`;
      if (this.#taken.has(name.toLowerCase())) continue;
      this.#taken.add(name.toLowerCase());
      return name;
    }
  }
}
