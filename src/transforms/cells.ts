/** A JSON number exactly as the source spelled it: no id and no amount passes through a double. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

/** A JSON object with its members in order, duplicates included. */
export class JsonObject {
  readonly entries: [key: string, value: Cell][] = [];
  #members: Map<string, Cell> | undefined;
  /** How many entries {@link #members} was made of. */
  #count = 0;

  /** The member of that name; of several the last. */
  get(key: string): Cell | undefined {
    return this.#byName.get(key);
  }

  /** The first name that stands here twice, if one does. */
  duplicate(): string | undefined {
    if (this.#byName.size === this.entries.length) return undefined;
    const seen = new Set<string>();
    return this.entries.find(([key]) => seen.size === seen.add(key).size)?.[0];
  }

  get #byName(): Map<string, Cell> {
    if (!this.#members || this.#count !== this.entries.length) {
      this.#members = new Map(this.entries);
      this.#count = this.entries.length;
    }
    return this.#members;
  }
}

/** What a source sent for one cell, nothing lost. */
export type Cell = null | boolean | string | JsonNumber | JsonObject | readonly Cell[];

/** Whether a value is a cell, as `parseRecord` makes them, and not something of JSON.parse's. */
export function isCell(value: unknown): value is Cell {
  if (Array.isArray(value)) return value.every(isCell);
  if (value === null || value instanceof JsonNumber || value instanceof JsonObject) return true;
  return typeof value === 'string' || typeof value === 'boolean';
}

/**
 * JSON text of a cell: white space removed, numbers as the source spelled them, strings with no
 * more escapes than JSON needs (in the spelling of DuckDB's JSON writer).
 */
export function jsonText(cell: Cell): string {
  if (typeof cell === 'string') return jsonString(cell);
  if (cell === null || typeof cell === 'boolean') return String(cell);
  if (cell instanceof JsonNumber) return cell.text;
  if (cell instanceof JsonObject) {
    return `{${cell.entries.map(([key, value]) => `${jsonString(key)}:${jsonText(value)}`).join(',')}}`;
  }
  return `[${cell.map(jsonText).join(',')}]`;
}

function jsonString(text: string): string {
  return JSON.stringify(text).replace(/\\(u[0-9a-f]{4}|.)/g, (spelled, code: string) =>
    code.length > 1 ? `\\u${code.slice(1).toUpperCase()}` : spelled,
  );
}

/** Text of a scalar cell, unquoted; JSON text of any other: what a VARCHAR column holds of it. */
export function plainText(cell: Cell): string {
  return typeof cell === 'string' ? cell : jsonText(cell);
}
