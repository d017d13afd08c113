import { sqlType } from '../../base/duckdb/quote.js';
import type { ColumnType, Field } from '../../contracts/index.js';

/**
 * When a column's type in the warehouse and in a stage differ: which type holds both without
 * losing anything.
 */

const SCALARS: Readonly<Record<string, ColumnType>> = {
  BIGINT: 'bigint',
  DOUBLE: 'double',
  BOOLEAN: 'boolean',
  VARCHAR: 'varchar',
  DATE: 'date',
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
  TIMESTAMPTZ: 'timestamptz',
  JSON: 'json',
};

/** Reads a type as DuckDB prints it: `STRUCT(a BIGINT, "b c" DECIMAL(33,2)[])`. @returns undefined for types that are none of ours. */
export function parseType(text: string): ColumnType | undefined {
  const type = text.trim();
  if (type.endsWith('[]')) {
    const element = parseType(type.slice(0, -2));
    return element === undefined ? undefined : { list: element };
  }
  const decimal = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type);
  if (decimal) return `decimal(${Number(decimal[1])},${Number(decimal[2])})`;
  if (!type.startsWith('STRUCT(')) return SCALARS[type];
  const struct: Field[] = [];
  for (const member of splitMembers(type.slice('STRUCT('.length, -1))) {
    const match = /^\s*("(?:[^"]|"")*"|[^\s"]+)\s+(.+)$/s.exec(member);
    const of = match?.[2] === undefined ? undefined : parseType(match[2]);
    if (match?.[1] === undefined || of === undefined) return undefined;
    const name = match[1].startsWith('"') ? match[1].slice(1, -1).replaceAll('""', '"') : match[1];
    struct.push({ name, source: name, type: of });
  }
  return { struct };
}

/** Splits at the commas that stand in no bracket and no quotes. */
function splitMembers(text: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      members.push(text.slice(start, i));
      start = i + 1;
    }
  }
  members.push(text.slice(start));
  return members;
}

/** Equal as SQL: sources' names of struct members do not count. */
export function sameType(a: ColumnType, b: ColumnType): boolean {
  return sqlType(a) === sqlType(b);
}

/** The least type that holds every value of both, whatever the values; undefined where only text does. */
export function widest(a: ColumnType, b: ColumnType): ColumnType | undefined {
  if (sameType(a, b)) return a;
  if (typeof a === 'object' || typeof b === 'object') {
    if (typeof a !== 'object' || typeof b !== 'object') return a === 'json' || b === 'json' ? 'json' : undefined;
    if ('list' in a && 'list' in b) return { list: widest(a.list, b.list) ?? 'varchar' };
    if ('struct' in a && 'struct' in b) return { struct: unionOfMembers(a.struct, b.struct) };
    return 'json';
  }
  const [one, other] = [digits(a), digits(b)];
  if (!one || !other) return undefined;
  const scale = Math.max(one.scale, other.scale);
  const precision = Math.max(one.precision - one.scale, other.precision - other.scale) + scale;
  return precision <= 38 ? `decimal(${precision},${scale})` : undefined;
}

function unionOfMembers(a: readonly Field[], b: readonly Field[]): Field[] {
  const known = a.map((field) => {
    const twin = b.find((other) => other.name === field.name);
    return twin ? { ...field, type: widest(field.type, twin.type) ?? 'varchar' } : field;
  });
  return [...known, ...b.filter((field) => !a.some((other) => other.name === field.name))];
}

function digits(type: ColumnType): { precision: number; scale: number } | undefined {
  if (type === 'bigint') return { precision: 19, scale: 0 };
  const match = /^decimal\((\d+),(\d+)\)$/.exec(String(type));
  return match ? { precision: Number(match[1]), scale: Number(match[2]) } : undefined;
}

/**
 * An expression of type `from` as one of type `to`, where {@link widest} or {@link fits} says that it may.
 * @param cast `TRY_CAST` where values that do not fit may become null
 */
export function converted(
  expression: string,
  from: ColumnType,
  to: ColumnType,
  cast: 'CAST' | 'TRY_CAST' = 'CAST',
): string {
  if (sameType(from, to)) return expression;
  const plain = typeof to === 'object' ? expression : `${expression}::VARCHAR`;
  const text = typeof from === 'object' && typeof to === 'string' ? `to_json(${expression})` : plain;
  return `${cast}(${text} AS ${sqlType(to)})`;
}

/** SQL that is true where a text survives the way into `type` and back. */
export function fits(text: string, type: ColumnType): string {
  const casts = `TRY_CAST(${text} AS ${sqlType(type)}) IS NOT NULL`;
  const like = (pattern: string) => `regexp_full_match(${text}, '${pattern}') AND ${casts}`;
  if (typeof type === 'object') return 'false';
  switch (type) {
    case 'varchar':
      return 'true';
    case 'bigint':
      return `TRY_CAST(${text} AS BIGINT)::VARCHAR = ${text}`;
    case 'double':
      // Fifteen digits are what a double keeps of any decimal.
      return `${like('-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?')} AND strlen(regexp_replace(${text}, '[^0-9]', '', 'g')) <= 15`;
    case 'boolean':
      return `${text} IN ('true', 'false')`;
    case 'date':
      return like('[0-9]{4}-[0-9]{2}-[0-9]{2}');
    case 'timestamptz':
      return like(
        '[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?(Z|[+-][0-9]{2}(:?[0-9]{2})?)',
      );
    case 'json':
      return `json_valid(${text})`;
    default:
      return like(`-?[0-9]+(\\.[0-9]{0,${digits(type)?.scale ?? 0}}0*)?`);
  }
}
