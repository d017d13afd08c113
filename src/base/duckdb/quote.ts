import type { ColumnType } from '../../contracts/index.js';

/** A name as SQL: `"a""b"`. Any text is safe. */
export function identifier(...names: readonly string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.');
}

/** A text as SQL: `'it''s'`. Any text without a NUL is safe. */
export function literal(text: string): string {
  if (text.includes('\0')) throw new RangeError('A NUL character cannot stand in SQL');
  return `'${text.replaceAll("'", "''")}'`;
}

/** A list of texts as SQL: `['a', 'b']`. */
export function literalList(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`;
}

/** A column's type in DuckDB's words. */
export function sqlType(type: ColumnType): string {
  if (typeof type === 'string') return type.toUpperCase();
  if ('list' in type) return `${sqlType(type.list)}[]`;
  return `STRUCT(${type.struct.map((f) => `${identifier(f.name)} ${sqlType(f.type)}`).join(', ')})`;
}
