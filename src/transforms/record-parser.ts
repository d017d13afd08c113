import { jsonParser } from 'stream-json/core/parser.js';
import { type Cell, JsonNumber, JsonObject } from './cells.js';

/** An escape that may be one half of a surrogate pair. */
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;

/**
 * Spaces behind the text settle a number or a word that ends it: the parser looks so far ahead
 * before it calls something wrong, and knows no end.
 */
const END = ' '.repeat(16);

/** A string, or a comma between a value and the bracket that closes its array or object. */
const STRING_OR_TRAILING_COMMA = /"(?:[^"\\]|\\.)*"|(?<![[{,:]\s*),(?=\s*[\]}])/gs;

type Token = { readonly name: string; readonly value?: string };

/**
 * Parses the JSON text of one record, losing nothing: numbers keep their spelling, objects their
 * order and duplicates. A comma before a closing bracket is read over, as DuckDB does (ADR 13).
 * @throws Error saying why it is no JSON.
 */
export function parseRecord(text: string): Cell {
  try {
    return parseStrictly(text);
  } catch (error) {
    const without = text.replace(STRING_OR_TRAILING_COMMA, (found) => (found === ',' ? '' : found));
    if (without.length === text.length) throw error;
    return parseStrictly(without);
  }
}

function parseStrictly(text: string): Cell {
  const parse = jsonParser({ streamValues: false }) as unknown as (input: string) => { values?: Token[] };
  const builder = new CellBuilder(SURROGATE_ESCAPE.test(text));
  for (const token of parse(text + END).values ?? []) builder.take(token);
  return builder.result();
}

/** Puts a parser's tokens together. */
class CellBuilder {
  readonly #checkText: boolean;
  readonly #stack: (JsonObject | Cell[])[] = [];
  readonly #keys: string[] = [];
  #root: Cell | undefined;

  constructor(checkText: boolean) {
    this.#checkText = checkText;
  }

  take(token: Token): void {
    switch (token.name) {
      case 'startObject':
        this.#open(new JsonObject());
        return;
      case 'startArray':
        this.#open([]);
        return;
      case 'endObject':
      case 'endArray':
        this.#stack.pop();
        return;
      case 'keyValue':
        this.#keys.push(this.#text(token.value!));
        return;
      case 'stringValue':
        this.#add(this.#text(token.value!));
        return;
      case 'numberValue':
        this.#add(new JsonNumber(token.value!));
        return;
      case 'trueValue':
        this.#add(true);
        return;
      case 'falseValue':
        this.#add(false);
        return;
      default:
        this.#add(null);
        return;
    }
  }

  result(): Cell {
    if (this.#root === undefined || this.#stack.length > 0) throw new Error('it ends too early');
    return this.#root;
  }

  #text(text: string): string {
    // Half a surrogate pair is no Unicode text: neither UTF-8 nor DuckDB can hold it.
    if (this.#checkText && /\p{Surrogate}/u.test(text)) throw new Error('a text holds half a surrogate pair');
    return text;
  }

  #open(container: JsonObject | Cell[]): void {
    this.#add(container);
    this.#stack.push(container);
  }

  #add(cell: Cell): void {
    const parent = this.#stack.at(-1);
    if (parent === undefined) this.#root = cell;
    else if (parent instanceof JsonObject) parent.entries.push([this.#keys.pop()!, cell]);
    else parent.push(cell);
  }
}
