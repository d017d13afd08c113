import type { ColumnType } from '../../../src/contracts/index.js';
import { FORMS, NUMBERS } from './forms.js';

/** A reject, with the end of its reason. */
export class Reject {
  constructor(readonly why: string) {}
}

/** What a cell becomes: its exact value as DuckDB's JSON shows it, null, or a reject. */
export type Becomes =
  | Reject
  | string
  | number
  | boolean
  | null
  | readonly Becomes[]
  | { readonly [name: string]: Becomes };

/** What is promised of one column type. */
export interface TypePromise {
  readonly type: ColumnType;
  /** By the cell's JSON text; a number's holds for the same number as a text, unless that is named as well. */
  readonly cells: Readonly<Record<string, Becomes>>;
  /** What every other form becomes. */
  readonly otherwise: Reject | ((form: string) => Becomes);
  /** The forms that are usual: SQL settles them by itself. */
  readonly usual: readonly string[];
}

export const reject = (why: string): Reject => new Reject(why);

/** The forms that a type is asked for: those of all types, and its own. */
export function formsOf({ cells }: TypePromise): string[] {
  return [...new Set([...FORMS, ...Object.keys(cells)])];
}

const NUMBER_TEXTS = new Map<string, string>(NUMBERS.map((number) => [`"${number}"`, number]));

/** What is promised of a form. */
export function promised({ cells, otherwise }: TypePromise, form: string): Becomes {
  if (form === 'null') return null;
  const named = [form, NUMBER_TEXTS.get(form)].find(
    (spelling) => spelling !== undefined && Object.hasOwn(cells, spelling),
  );
  if (named !== undefined) return cells[named]!;
  return otherwise instanceof Reject ? otherwise : otherwise(form);
}
